//! Records: they are found, replaced under a condition, taken once, and not returned after they
//! expire.

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::store::{
    Precondition::{Absent, Any, Version},
    PutOutcome::{Conflict, Stored},
    Store, Usage,
};

use crate::builders::{at, digest, flow, person, session};
use crate::calls::{keys_by_owner, put, put_at, put_owned, text, text_at};

pub async fn nothing_is_there_at_first(store: &dyn Store) {
    assert_eq!(store.get(flow("a"), at(0)).await, Ok(None));
    assert_eq!(store.take(flow("a"), at(0)).await, Ok(None));
    assert_eq!(store.keys_by_owner(digest("o"), at(0)).await, Ok(vec![]));
    assert_eq!(store.scan(flow("a").kind, 10, at(0)).await, Ok(vec![]));
    assert_eq!(
        store.usage(&person("a"), &["x"], at(0)).await,
        Ok(vec![Usage::default()])
    );
    assert_eq!(store.sweep(at(0), 10).await, Ok(0));
}

pub async fn a_record_is_found_as_it_was_put(store: &dyn Store) {
    assert_eq!(put(store, "a", Any, "hello", 10, 0).await, Stored(1));
    let record = store.get(flow("a"), at(1)).await.unwrap().unwrap();
    assert_eq!(
        (record.bytes.as_slice(), record.version, record.expires_at),
        (b"hello".as_slice(), 1, at(10))
    );
    assert_eq!(text(store, "b", 1).await, None);
}

pub async fn a_record_is_gone_when_its_end_has_come(store: &dyn Store) {
    let end = Timestamp::from_millis(at(10).as_millis() + 7);
    put_at(store, flow("a"), Any, "x", end, at(0)).await;
    assert!(
        text_at(
            store,
            flow("a"),
            Timestamp::from_millis(end.as_millis() - 1)
        )
        .await
        .is_some()
    );
    assert_eq!(text_at(store, flow("a"), end).await, None);
}

pub async fn kinds_do_not_mix(store: &dyn Store) {
    put(store, "a", Any, "flow", 10, 0).await;
    assert_eq!(
        put_at(store, session("a"), Absent, "session", at(10), at(0)).await,
        Stored(1)
    );
    assert_eq!(text(store, "a", 0).await.unwrap(), "flow");
    store.delete(session("a")).await.unwrap();
    assert_eq!(text(store, "a", 0).await.unwrap(), "flow");
}

pub async fn several_records_are_found_in_order(store: &dyn Store) {
    assert_eq!(store.get_all(&[], at(0)).await.unwrap(), []);
    put_at(store, session("a"), Absent, "1", at(60), at(0)).await;
    put(store, "b", Absent, "2", 30, 0).await;
    let keys = [flow("b"), session("none"), session("a"), flow("b")];
    let found = async |now| {
        let records = store.get_all(&keys, now).await.unwrap();
        let texts = records
            .into_iter()
            .map(|record| String::from_utf8(record?.bytes).ok());
        texts.map(Option::unwrap_or_default).collect::<Vec<_>>()
    };
    assert_eq!(found(at(1)).await, ["2", "", "1", "2"]);
    assert_eq!(found(at(30)).await, ["", "", "1", ""]);
}

pub async fn empty_and_large_records_are_kept(store: &dyn Store) {
    put(store, "empty", Any, "", 10, 0).await;
    let large: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    store
        .put(flow("large"), None, Any, large.clone(), at(10), at(0))
        .await
        .unwrap();
    assert_eq!(text(store, "empty", 0).await.unwrap(), "");
    assert_eq!(
        store
            .get(flow("large"), at(0))
            .await
            .unwrap()
            .unwrap()
            .bytes,
        large
    );
}

pub async fn absent_means_no_live_record(store: &dyn Store) {
    assert_eq!(put(store, "a", Absent, "1", 10, 0).await, Stored(1));
    assert_eq!(put(store, "a", Absent, "2", 20, 9).await, Conflict);
    assert_eq!(put(store, "a", Absent, "3", 20, 10).await, Stored(1));
    assert_eq!(text(store, "a", 10).await.unwrap(), "3");
}

pub async fn a_version_must_be_that_of_the_live_record(store: &dyn Store) {
    assert_eq!(put(store, "a", Version(0), "x", 10, 0).await, Conflict);
    assert_eq!(put(store, "a", Version(1), "x", 10, 0).await, Conflict);
    put(store, "a", Any, "1", 10, 0).await;
    assert_eq!(put(store, "a", Version(2), "x", 10, 0).await, Conflict);
    assert_eq!(put(store, "a", Version(1), "2", 10, 0).await, Stored(2));
    assert_eq!(put(store, "a", Version(1), "x", 10, 0).await, Conflict);
    assert_eq!(put(store, "a", Version(2), "x", 20, 10).await, Conflict);
    assert_eq!(text(store, "a", 9).await.unwrap(), "2");
}

pub async fn versions_grow_by_one_and_begin_again(store: &dyn Store) {
    for version in 1..=3 {
        assert_eq!(put(store, "a", Any, "x", 10, 0).await, Stored(version));
    }
    store.delete(flow("a")).await.unwrap();
    assert_eq!(put(store, "a", Any, "x", 10, 0).await, Stored(1));
    store.take(flow("a"), at(0)).await.unwrap();
    assert_eq!(put(store, "a", Any, "x", 10, 0).await, Stored(1));
    assert_eq!(put(store, "a", Any, "x", 20, 10).await, Stored(1));
}

pub async fn a_conflict_changes_nothing(store: &dyn Store) {
    put_owned(store, session("a"), "o", Any, "1", 10, 0).await;
    let before = store.get(session("a"), at(0)).await;
    let put = put_owned(store, session("a"), "p", Absent, "2", 99, 1).await;
    assert_eq!(put, Conflict);
    assert_eq!(store.get(session("a"), at(0)).await, before);
    assert_eq!(keys_by_owner(store, "o", 1).await, [session("a")]);
    assert_eq!(keys_by_owner(store, "p", 1).await, []);
}

pub async fn an_end_can_be_moved_both_ways(store: &dyn Store) {
    put(store, "a", Any, "1", 10, 0).await;
    put(store, "a", Any, "2", 20, 1).await;
    store.sweep(at(10), 10).await.unwrap();
    assert_eq!(text(store, "a", 15).await.unwrap(), "2");
    put(store, "a", Any, "3", 16, 15).await;
    assert_eq!(text(store, "a", 15).await.unwrap(), "3");
    assert_eq!(text(store, "a", 16).await, None);
}

pub async fn a_record_that_ended_before_it_was_put_is_never_seen(store: &dyn Store) {
    assert_eq!(put(store, "a", Absent, "x", 5, 5).await, Stored(1));
    assert_eq!(text(store, "a", 5).await, None);
    assert_eq!(put(store, "a", Absent, "y", 9, 5).await, Stored(1));
}

pub async fn what_was_taken_is_gone(store: &dyn Store) {
    put(store, "a", Any, "x", 10, 0).await;
    let taken = store.take(flow("a"), at(1)).await.unwrap().unwrap();
    assert_eq!(
        (taken.bytes.as_slice(), taken.version, taken.expires_at),
        (b"x".as_slice(), 1, at(10))
    );
    assert_eq!(store.take(flow("a"), at(1)).await, Ok(None));
    assert_eq!(text(store, "a", 1).await, None);
}

pub async fn what_has_ended_cannot_be_taken(store: &dyn Store) {
    put(store, "a", Any, "x", 10, 0).await;
    assert_eq!(store.take(flow("a"), at(10)).await, Ok(None));
}

pub async fn deleting_is_fine_with_nothing_there(store: &dyn Store) {
    store.delete(flow("a")).await.unwrap();
    put(store, "a", Any, "x", 10, 0).await;
    put(store, "b", Any, "y", 10, 0).await;
    store.delete(flow("a")).await.unwrap();
    store.delete(flow("a")).await.unwrap();
    assert_eq!(text(store, "a", 0).await, None);
    assert_eq!(text(store, "b", 0).await.unwrap(), "y");
}

pub async fn several_are_deleted_together(store: &dyn Store) {
    for key in [flow("a"), session("b"), flow("c")] {
        put_owned(store, key, "o", Absent, "1", 60, 0).await;
    }
    store.delete_all(&[]).await.unwrap();
    store
        .delete_all(&[session("b"), flow("none"), flow("a")])
        .await
        .unwrap();
    assert_eq!(text(store, "a", 1).await, None);
    assert_eq!(text_at(store, session("b"), at(1)).await, None);
    assert!(text(store, "c", 1).await.is_some());
}

pub async fn a_store_in_use_is_ready(store: &dyn Store) {
    assert_eq!(store.check_ready().await, Ok(()));
}
