//! The index of an owner. It may name keys that are gone. The cases test what it must name, and
//! what it must never name.

use std::time::Duration;

use latchkey::server::store::{
    Precondition::{Any, Version},
    PutOutcome::Stored,
    Store,
};

use crate::builders::{at, digest, flow, session};
use crate::calls::{keys_by_owner, put, put_at, put_owned, reserve_one};

pub async fn an_owner_lists_every_live_key(store: &dyn Store) {
    let mut keys = vec![session("a"), session("b"), flow("a")];
    for key in &keys {
        put_owned(store, *key, "o", Any, "", 10, 0).await;
    }
    put_owned(store, session("c"), "p", Any, "", 10, 0).await;
    put_at(store, session("d"), Any, "", at(10), at(0)).await;
    let mut found = keys_by_owner(store, "o", 1).await;
    found.sort();
    keys.sort();
    assert_eq!(found, keys);
    assert_eq!(keys_by_owner(store, "p", 1).await, [session("c")]);
}

pub async fn a_put_without_owner_leaves_the_key_where_it_is(store: &dyn Store) {
    put_owned(store, session("a"), "o", Any, "", 10, 0).await;
    put_at(store, session("a"), Any, "touched", at(50), at(5)).await;
    assert_eq!(keys_by_owner(store, "o", 40).await, [session("a")]);
}

pub async fn a_key_joins_its_last_owner(store: &dyn Store) {
    for owner in ["o", "p"] {
        put_owned(store, session("a"), owner, Any, "", 10, 0).await;
    }
    assert_eq!(keys_by_owner(store, "p", 1).await, [session("a")]);
}

pub async fn a_key_that_begins_again_may_join_an_owner(store: &dyn Store) {
    put_owned(store, session("a"), "o", Any, "", 10, 0).await;
    store.delete(session("a")).await.unwrap();
    put_at(store, session("a"), Any, "", at(10), at(0)).await;
    put_owned(store, session("a"), "p", Any, "", 10, 0).await;
    assert_eq!(keys_by_owner(store, "p", 1).await, [session("a")]);
}

pub async fn a_key_that_lives_on_and_on_stays_with_its_owner(store: &dyn Store) {
    const DAY: u64 = 86_400;
    put_owned(store, session("a"), "o", Any, "", 10, 0).await;
    for day in 0..40 {
        let (now, end) = (at(day * DAY / 2), at((day + 1) * DAY / 2 + 1));
        let owner = (day % 2 == 0).then(|| digest("o"));
        let expect = if day == 0 { Any } else { Version(day + 1) };
        assert_eq!(
            store
                .put(session("a"), owner, expect, vec![], end, now)
                .await,
            Ok(Stored(day + 2))
        );
        // Others come and go meanwhile.
        store
            .put(
                session("b"),
                Some(digest("o")),
                Any,
                vec![],
                now + Duration::from_secs(1),
                now,
            )
            .await
            .unwrap();
        assert!(
            keys_by_owner(store, "o", (day + 1) * DAY / 2)
                .await
                .contains(&session("a")),
            "day {day}"
        );
    }
}

pub async fn count_counts_the_live_records_of_one_kind(store: &dyn Store) {
    let kind = session("a").kind;
    assert_eq!(store.count(kind, at(0)).await.unwrap(), 0);
    for (name, end) in [("a", 10), ("b", 20), ("c", 20)] {
        put_at(store, session(name), Any, name, at(end), at(0)).await;
    }
    // Neither another kind, nor counters and reservations.
    put(store, "d", Any, "d", 20, 0).await;
    reserve_one(store, 1, 5).await.unwrap();
    for (now, count) in [(0, 3), (9, 3), (10, 2), (20, 0)] {
        assert_eq!(store.count(kind, at(now)).await.unwrap(), count, "{now}");
    }
    // A record that is written again is one.
    put_at(store, session("b"), Any, "b", at(30), at(0)).await;
    store.delete(session("c")).await.unwrap();
    assert_eq!(store.count(kind, at(10)).await.unwrap(), 1);
}

pub async fn scan_finds_live_records_of_one_kind_up_to_a_limit(store: &dyn Store) {
    for (name, end) in [("a", 10), ("b", 20), ("c", 20)] {
        put_at(store, session(name), Any, name, at(end), at(0)).await;
    }
    put(store, "d", Any, "d", 20, 0).await;
    let kind = session("a").kind;
    let mut texts: Vec<_> = store
        .scan(kind, 10, at(10))
        .await
        .unwrap()
        .into_iter()
        .map(|(key, record)| (key, record.bytes))
        .collect();
    texts.sort();
    let mut expected = vec![(session("b"), b"b".to_vec()), (session("c"), b"c".to_vec())];
    expected.sort();
    assert_eq!(texts, expected);
    assert_eq!(store.scan(kind, 2, at(0)).await.unwrap().len(), 2);
    assert_eq!(store.scan(kind, 0, at(0)).await.unwrap().len(), 0);
}
