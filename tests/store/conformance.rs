//! Every sentence of the contract is a case. A case gets an empty store of its own.

use std::sync::Arc;
use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::store::{
    Charge, Group, Key, Precondition, PutOutcome, ReservationOutcome, ReservationRequest,
    SettleMode, Store, Usage,
};

use crate::builders::{at, charge, digest, flow, person, session, ticket};

type Case = Arc<dyn Store>;

/// Hands every case to another macro, after what it is given.
macro_rules! with_every_case {
    ($then:ident $($given:tt)*) => {
        $then! { $($given)* =>
            nothing_is_there_at_first, a_record_is_found_as_it_was_put, a_record_is_gone_when_its_end_has_come,
            kinds_do_not_mix, several_records_are_found_in_order, empty_and_large_records_are_kept, absent_means_no_live_record,
            a_version_must_be_that_of_the_live_record, versions_grow_by_one_and_begin_again, a_conflict_changes_nothing,
            an_end_can_be_moved_both_ways, a_record_that_ended_before_it_was_put_is_never_seen,
            what_was_taken_is_gone, what_has_ended_cannot_be_taken, deleting_is_fine_with_nothing_there, several_are_deleted_together,
            an_owner_lists_every_live_key, a_put_without_owner_leaves_the_key_where_it_is,
            a_key_joins_its_last_owner, a_key_that_begins_again_may_join_an_owner,
            a_key_that_lives_on_and_on_stays_with_its_owner,
            scan_finds_live_records_of_one_kind_up_to_a_limit,
            a_counter_stops_at_its_limit, all_charges_or_none, the_first_charge_too_many_is_named,
            amounts_of_one_key_add_up, nothing_and_zero_are_charged_without_a_trace,
            a_zero_charge_asks_whether_the_counter_is_above, an_amount_above_the_limit_is_refused_at_once,
            a_window_begins_with_its_first_charge_and_ends, a_running_window_keeps_its_length,
            a_window_of_nothing_counts_nothing, the_largest_numbers_do_not_overflow,
            groups_do_not_mix, reservations_in_turn_end_with_the_first_refusal, a_repeated_ticket_is_granted_and_charged_once, a_refused_ticket_may_try_again,
            a_ticket_is_named_within_its_group, keeping_keeps, a_refund_lowers_the_counter, settling_twice_does_nothing,
            the_first_settlement_counts, an_unknown_ticket_settles_as_nothing,
            a_refund_after_the_window_does_nothing, a_refund_does_not_change_a_later_window,
            a_refund_does_not_change_a_reset_counter, a_refund_changes_one_window_of_two,
            a_refund_of_the_last_charge_ends_the_window, a_refund_of_some_counters_keeps_the_others,
            a_charge_may_renew_its_window, usage_answers_in_order_and_charges_nothing,
            resetting_empties_the_named_counters_alone, sweeping_takes_nothing_that_lives,
            sweeping_keeps_to_its_limit, a_clock_that_steps_back_breaks_nothing, a_store_in_use_is_ready
        }
    };
}

/// Makes a test of every case. The function given makes a store, and something to keep as long as
/// it is used.
macro_rules! conformance {
    ($fresh:path) => {
        with_every_case! { conformance $fresh }
    };
    ($fresh:path => $($case:ident),+) => {
        $(
            #[tokio::test]
            async fn $case() {
                let (store, _keep) = $fresh();
                $crate::conformance::$case(store).await;
            }
        )+
    };
}

/// Runs every case, one after the other, on what the expression makes of the case's name.
macro_rules! conform {
    ($make:expr) => {
        with_every_case! { conform $make }
    };
    ($make:expr => $($case:ident),+) => {
        $(
            println!("{}", stringify!($case));
            $crate::conformance::$case($make(stringify!($case))).await;
        )+
    };
}

async fn put(
    store: &Case,
    key: Key,
    expect: Precondition,
    text: &str,
    end: Timestamp,
    now: Timestamp,
) -> PutOutcome {
    store
        .put(key, None, expect, text.into(), end, now)
        .await
        .unwrap()
}

async fn text(store: &Case, key: Key, now: Timestamp) -> Option<String> {
    store
        .get(key, now)
        .await
        .unwrap()
        .map(|record| String::from_utf8(record.bytes).unwrap())
}

async fn reserve(
    store: &Case,
    number: u128,
    charges: &[Charge],
    now: Timestamp,
) -> ReservationOutcome {
    store
        .reserve(ticket(number), &person("a"), charges, now)
        .await
        .unwrap()
}

async fn settle(store: &Case, number: u128, how: SettleMode, now: Timestamp) {
    store
        .settle(ticket(number), &person("a"), how, now)
        .await
        .unwrap();
}

async fn used(store: &Case, key: &str, now: Timestamp) -> u32 {
    store.usage(&person("a"), &[key], now).await.unwrap()[0].used
}

fn refused(which: &str, retry_at: Timestamp) -> ReservationOutcome {
    ReservationOutcome::Refused {
        counter: which.to_owned(),
        retry_at,
    }
}

async fn keys_by_owner(store: &Case, owner: &str, now: Timestamp) -> Vec<Key> {
    store.keys_by_owner(digest(owner), now).await.unwrap()
}

// Records.

pub async fn nothing_is_there_at_first(store: Case) {
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

pub async fn a_record_is_found_as_it_was_put(store: Case) {
    assert_eq!(
        put(&store, flow("a"), Precondition::Any, "hello", at(10), at(0)).await,
        PutOutcome::Stored(1)
    );
    let record = store.get(flow("a"), at(1)).await.unwrap().unwrap();
    assert_eq!(
        (record.bytes.as_slice(), record.version, record.expires_at),
        (b"hello".as_slice(), 1, at(10))
    );
    assert_eq!(text(&store, flow("b"), at(1)).await, None);
}

pub async fn a_record_is_gone_when_its_end_has_come(store: Case) {
    let end = Timestamp::from_millis(at(10).as_millis() + 7);
    put(&store, flow("a"), Precondition::Any, "x", end, at(0)).await;
    assert!(
        text(
            &store,
            flow("a"),
            Timestamp::from_millis(end.as_millis() - 1)
        )
        .await
        .is_some()
    );
    assert_eq!(text(&store, flow("a"), end).await, None);
}

pub async fn kinds_do_not_mix(store: Case) {
    put(&store, flow("a"), Precondition::Any, "flow", at(10), at(0)).await;
    assert_eq!(
        put(
            &store,
            session("a"),
            Precondition::Absent,
            "session",
            at(10),
            at(0)
        )
        .await,
        PutOutcome::Stored(1)
    );
    assert_eq!(text(&store, flow("a"), at(0)).await.unwrap(), "flow");
    store.delete(session("a")).await.unwrap();
    assert_eq!(text(&store, flow("a"), at(0)).await.unwrap(), "flow");
}

pub async fn several_records_are_found_in_order(store: Case) {
    assert_eq!(store.get_all(&[], at(0)).await.unwrap(), []);
    put(
        &store,
        session("a"),
        Precondition::Absent,
        "1",
        at(60),
        at(0),
    )
    .await;
    put(&store, flow("b"), Precondition::Absent, "2", at(30), at(0)).await;
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

pub async fn empty_and_large_records_are_kept(store: Case) {
    put(&store, flow("empty"), Precondition::Any, "", at(10), at(0)).await;
    let large: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    store
        .put(
            flow("large"),
            None,
            Precondition::Any,
            large.clone(),
            at(10),
            at(0),
        )
        .await
        .unwrap();
    assert_eq!(text(&store, flow("empty"), at(0)).await.unwrap(), "");
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

pub async fn absent_means_no_live_record(store: Case) {
    assert_eq!(
        put(&store, flow("a"), Precondition::Absent, "1", at(10), at(0)).await,
        PutOutcome::Stored(1)
    );
    assert_eq!(
        put(&store, flow("a"), Precondition::Absent, "2", at(20), at(9)).await,
        PutOutcome::Conflict
    );
    assert_eq!(
        put(&store, flow("a"), Precondition::Absent, "3", at(20), at(10)).await,
        PutOutcome::Stored(1)
    );
    assert_eq!(text(&store, flow("a"), at(10)).await.unwrap(), "3");
}

pub async fn a_version_must_be_that_of_the_live_record(store: Case) {
    assert_eq!(
        put(
            &store,
            flow("a"),
            Precondition::Version(0),
            "x",
            at(10),
            at(0)
        )
        .await,
        PutOutcome::Conflict
    );
    assert_eq!(
        put(
            &store,
            flow("a"),
            Precondition::Version(1),
            "x",
            at(10),
            at(0)
        )
        .await,
        PutOutcome::Conflict
    );
    put(&store, flow("a"), Precondition::Any, "1", at(10), at(0)).await;
    assert_eq!(
        put(
            &store,
            flow("a"),
            Precondition::Version(2),
            "x",
            at(10),
            at(0)
        )
        .await,
        PutOutcome::Conflict
    );
    assert_eq!(
        put(
            &store,
            flow("a"),
            Precondition::Version(1),
            "2",
            at(10),
            at(0)
        )
        .await,
        PutOutcome::Stored(2)
    );
    assert_eq!(
        put(
            &store,
            flow("a"),
            Precondition::Version(1),
            "x",
            at(10),
            at(0)
        )
        .await,
        PutOutcome::Conflict
    );
    assert_eq!(
        put(
            &store,
            flow("a"),
            Precondition::Version(2),
            "x",
            at(20),
            at(10)
        )
        .await,
        PutOutcome::Conflict
    );
    assert_eq!(text(&store, flow("a"), at(9)).await.unwrap(), "2");
}

pub async fn versions_grow_by_one_and_begin_again(store: Case) {
    for version in 1..=3 {
        assert_eq!(
            put(&store, flow("a"), Precondition::Any, "x", at(10), at(0)).await,
            PutOutcome::Stored(version)
        );
    }
    store.delete(flow("a")).await.unwrap();
    assert_eq!(
        put(&store, flow("a"), Precondition::Any, "x", at(10), at(0)).await,
        PutOutcome::Stored(1)
    );
    store.take(flow("a"), at(0)).await.unwrap();
    assert_eq!(
        put(&store, flow("a"), Precondition::Any, "x", at(10), at(0)).await,
        PutOutcome::Stored(1)
    );
    assert_eq!(
        put(&store, flow("a"), Precondition::Any, "x", at(20), at(10)).await,
        PutOutcome::Stored(1)
    );
}

pub async fn a_conflict_changes_nothing(store: Case) {
    store
        .put(
            session("a"),
            Some(digest("o")),
            Precondition::Any,
            b"1".to_vec(),
            at(10),
            at(0),
        )
        .await
        .unwrap();
    let before = store.get(session("a"), at(0)).await;
    let put = store
        .put(
            session("a"),
            Some(digest("p")),
            Precondition::Absent,
            b"2".to_vec(),
            at(99),
            at(1),
        )
        .await;
    assert_eq!(put, Ok(PutOutcome::Conflict));
    assert_eq!(store.get(session("a"), at(0)).await, before);
    assert_eq!(keys_by_owner(&store, "o", at(1)).await, [session("a")]);
    assert_eq!(keys_by_owner(&store, "p", at(1)).await, []);
}

pub async fn an_end_can_be_moved_both_ways(store: Case) {
    put(&store, flow("a"), Precondition::Any, "1", at(10), at(0)).await;
    put(&store, flow("a"), Precondition::Any, "2", at(20), at(1)).await;
    store.sweep(at(10), 10).await.unwrap();
    assert_eq!(text(&store, flow("a"), at(15)).await.unwrap(), "2");
    put(&store, flow("a"), Precondition::Any, "3", at(16), at(15)).await;
    assert_eq!(text(&store, flow("a"), at(15)).await.unwrap(), "3");
    assert_eq!(text(&store, flow("a"), at(16)).await, None);
}

pub async fn a_record_that_ended_before_it_was_put_is_never_seen(store: Case) {
    assert_eq!(
        put(&store, flow("a"), Precondition::Absent, "x", at(5), at(5)).await,
        PutOutcome::Stored(1)
    );
    assert_eq!(text(&store, flow("a"), at(5)).await, None);
    assert_eq!(
        put(&store, flow("a"), Precondition::Absent, "y", at(9), at(5)).await,
        PutOutcome::Stored(1)
    );
}

pub async fn what_was_taken_is_gone(store: Case) {
    put(&store, flow("a"), Precondition::Any, "x", at(10), at(0)).await;
    let taken = store.take(flow("a"), at(1)).await.unwrap().unwrap();
    assert_eq!(
        (taken.bytes.as_slice(), taken.version, taken.expires_at),
        (b"x".as_slice(), 1, at(10))
    );
    assert_eq!(store.take(flow("a"), at(1)).await, Ok(None));
    assert_eq!(text(&store, flow("a"), at(1)).await, None);
}

pub async fn what_has_ended_cannot_be_taken(store: Case) {
    put(&store, flow("a"), Precondition::Any, "x", at(10), at(0)).await;
    assert_eq!(store.take(flow("a"), at(10)).await, Ok(None));
}

pub async fn deleting_is_fine_with_nothing_there(store: Case) {
    store.delete(flow("a")).await.unwrap();
    put(&store, flow("a"), Precondition::Any, "x", at(10), at(0)).await;
    put(&store, flow("b"), Precondition::Any, "y", at(10), at(0)).await;
    store.delete(flow("a")).await.unwrap();
    store.delete(flow("a")).await.unwrap();
    assert_eq!(text(&store, flow("a"), at(0)).await, None);
    assert_eq!(text(&store, flow("b"), at(0)).await.unwrap(), "y");
}

// The owner's index. It may name too much, so what is asked for is what it must name, and what no
// engine could.

pub async fn several_are_deleted_together(store: Case) {
    for key in [flow("a"), session("b"), flow("c")] {
        store
            .put(
                key,
                Some(digest("o")),
                Precondition::Absent,
                vec![1],
                at(60),
                at(0),
            )
            .await
            .unwrap();
    }
    store.delete_all(&[]).await.unwrap();
    store
        .delete_all(&[session("b"), flow("none"), flow("a")])
        .await
        .unwrap();
    assert_eq!(text(&store, flow("a"), at(1)).await, None);
    assert_eq!(text(&store, session("b"), at(1)).await, None);
    assert!(text(&store, flow("c"), at(1)).await.is_some());
}

pub async fn an_owner_lists_every_live_key(store: Case) {
    let mut keys = vec![session("a"), session("b"), flow("a")];
    for key in &keys {
        store
            .put(
                *key,
                Some(digest("o")),
                Precondition::Any,
                vec![],
                at(10),
                at(0),
            )
            .await
            .unwrap();
    }
    store
        .put(
            session("c"),
            Some(digest("p")),
            Precondition::Any,
            vec![],
            at(10),
            at(0),
        )
        .await
        .unwrap();
    put(&store, session("d"), Precondition::Any, "", at(10), at(0)).await;
    let mut found = keys_by_owner(&store, "o", at(1)).await;
    found.sort();
    keys.sort();
    assert_eq!(found, keys);
    assert_eq!(keys_by_owner(&store, "p", at(1)).await, [session("c")]);
}

pub async fn a_put_without_owner_leaves_the_key_where_it_is(store: Case) {
    store
        .put(
            session("a"),
            Some(digest("o")),
            Precondition::Any,
            vec![],
            at(10),
            at(0),
        )
        .await
        .unwrap();
    put(
        &store,
        session("a"),
        Precondition::Any,
        "touched",
        at(50),
        at(5),
    )
    .await;
    assert_eq!(keys_by_owner(&store, "o", at(40)).await, [session("a")]);
}

pub async fn a_key_joins_its_last_owner(store: Case) {
    for owner in ["o", "p"] {
        store
            .put(
                session("a"),
                Some(digest(owner)),
                Precondition::Any,
                vec![],
                at(10),
                at(0),
            )
            .await
            .unwrap();
    }
    assert_eq!(keys_by_owner(&store, "p", at(1)).await, [session("a")]);
}

pub async fn a_key_that_begins_again_may_join_an_owner(store: Case) {
    store
        .put(
            session("a"),
            Some(digest("o")),
            Precondition::Any,
            vec![],
            at(10),
            at(0),
        )
        .await
        .unwrap();
    store.delete(session("a")).await.unwrap();
    put(&store, session("a"), Precondition::Any, "", at(10), at(0)).await;
    store
        .put(
            session("a"),
            Some(digest("p")),
            Precondition::Any,
            vec![],
            at(10),
            at(0),
        )
        .await
        .unwrap();
    assert_eq!(keys_by_owner(&store, "p", at(1)).await, [session("a")]);
}

pub async fn a_key_that_lives_on_and_on_stays_with_its_owner(store: Case) {
    const DAY: u64 = 86_400;
    store
        .put(
            session("a"),
            Some(digest("o")),
            Precondition::Any,
            vec![],
            at(10),
            at(0),
        )
        .await
        .unwrap();
    for day in 0..40 {
        let (now, end) = (at(day * DAY / 2), at((day + 1) * DAY / 2 + 1));
        let owner = (day % 2 == 0).then(|| digest("o"));
        let expect = if day == 0 {
            Precondition::Any
        } else {
            Precondition::Version(day + 1)
        };
        assert_eq!(
            store
                .put(session("a"), owner, expect, vec![], end, now)
                .await,
            Ok(PutOutcome::Stored(day + 2))
        );
        // Others come and go meanwhile.
        store
            .put(
                session("b"),
                Some(digest("o")),
                Precondition::Any,
                vec![],
                now + Duration::from_secs(1),
                now,
            )
            .await
            .unwrap();
        assert!(
            keys_by_owner(&store, "o", at((day + 1) * DAY / 2))
                .await
                .contains(&session("a")),
            "day {day}"
        );
    }
}

pub async fn scan_finds_live_records_of_one_kind_up_to_a_limit(store: Case) {
    for (name, end) in [("a", 10), ("b", 20), ("c", 20)] {
        put(
            &store,
            session(name),
            Precondition::Any,
            name,
            at(end),
            at(0),
        )
        .await;
    }
    put(&store, flow("d"), Precondition::Any, "d", at(20), at(0)).await;
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

// Counters.

pub async fn a_counter_stops_at_its_limit(store: Case) {
    for number in 0..3 {
        assert_eq!(
            reserve(&store, number, &[charge("x", 1, 3)], at(0)).await,
            ReservationOutcome::Granted
        );
    }
    assert_eq!(
        reserve(&store, 9, &[charge("x", 1, 3)], at(1)).await,
        refused("x", at(60))
    );
    assert_eq!(
        reserve(&store, 10, &[charge("x", 1, 4)], at(1)).await,
        ReservationOutcome::Granted
    );
    assert_eq!(used(&store, "x", at(1)).await, 4);
}

pub async fn all_charges_or_none(store: Case) {
    reserve(&store, 1, &[charge("full", 1, 1)], at(0)).await;
    let charges = [charge("x", 1, 5), charge("full", 1, 1), charge("y", 1, 5)];
    assert_eq!(
        reserve(&store, 2, &charges, at(1)).await,
        refused("full", at(60))
    );
    assert_eq!(
        (
            used(&store, "x", at(1)).await,
            used(&store, "y", at(1)).await
        ),
        (0, 0)
    );
    settle(&store, 2, SettleMode::Refund, at(1)).await;
    assert_eq!(used(&store, "full", at(1)).await, 1);
}

pub async fn the_first_charge_too_many_is_named(store: Case) {
    reserve(&store, 1, &[charge("b", 1, 1)], at(0)).await;
    reserve(&store, 2, &[charge("a", 1, 1)], at(5)).await;
    assert_eq!(
        reserve(&store, 3, &[charge("b", 1, 1), charge("a", 1, 1)], at(6)).await,
        refused("b", at(60))
    );
    assert_eq!(
        reserve(&store, 4, &[charge("a", 1, 1), charge("b", 1, 1)], at(6)).await,
        refused("a", at(65))
    );
}

pub async fn amounts_of_one_key_add_up(store: Case) {
    let charges = [charge("x", 2, 5), charge("x", 0, 5), charge("x", 2, 5)];
    assert_eq!(
        reserve(&store, 1, &charges, at(0)).await,
        ReservationOutcome::Granted
    );
    assert_eq!(used(&store, "x", at(0)).await, 4);
    assert_eq!(
        reserve(&store, 2, &[charge("x", 1, 5), charge("x", 1, 5)], at(0)).await,
        refused("x", at(60))
    );
    assert_eq!(used(&store, "x", at(0)).await, 4);
    settle(&store, 1, SettleMode::Refund, at(0)).await;
    assert_eq!(used(&store, "x", at(0)).await, 0);
}

pub async fn nothing_and_zero_are_charged_without_a_trace(store: Case) {
    assert_eq!(
        reserve(&store, 1, &[], at(0)).await,
        ReservationOutcome::Granted
    );
    assert_eq!(
        reserve(&store, 2, &[charge("x", 0, 0)], at(0)).await,
        ReservationOutcome::Granted
    );
    assert_eq!(
        store.usage(&person("a"), &["x"], at(0)).await,
        Ok(vec![Usage::default()])
    );
    // The window is that of the charge which begins it, and not of the question before.
    let question = Charge {
        window: Duration::from_secs(9),
        ..charge("x", 0, 5)
    };
    assert_eq!(
        reserve(&store, 3, &[question, charge("x", 1, 5)], at(1)).await,
        ReservationOutcome::Granted
    );
    assert_eq!(
        store.usage(&person("a"), &["x"], at(1)).await,
        Ok(vec![Usage {
            used: 1,
            resets_at: Some(at(61))
        }])
    );
}

pub async fn a_zero_charge_asks_whether_the_counter_is_above(store: Case) {
    reserve(&store, 1, &[charge("x", 3, 3)], at(0)).await;
    assert_eq!(
        reserve(&store, 2, &[charge("x", 0, 3)], at(0)).await,
        ReservationOutcome::Granted
    );
    assert_eq!(
        reserve(&store, 3, &[charge("x", 0, 2)], at(0)).await,
        refused("x", at(60))
    );
}

pub async fn an_amount_above_the_limit_is_refused_at_once(store: Case) {
    assert_eq!(
        reserve(&store, 1, &[charge("x", 3, 2)], at(4)).await,
        refused("x", at(64))
    );
    assert_eq!(
        reserve(&store, 1, &[charge("x", 1, 0)], at(4)).await,
        refused("x", at(64))
    );
    assert_eq!(used(&store, "x", at(4)).await, 0);
}

pub async fn a_window_begins_with_its_first_charge_and_ends(store: Case) {
    reserve(&store, 1, &[charge("x", 1, 2)], at(10)).await;
    reserve(&store, 2, &[charge("x", 1, 2)], at(69)).await;
    let usage = store.usage(&person("a"), &["x"], at(69)).await.unwrap();
    assert_eq!(
        usage,
        [Usage {
            used: 2,
            resets_at: Some(at(70))
        }]
    );
    assert_eq!(
        store.usage(&person("a"), &["x"], at(70)).await,
        Ok(vec![Usage::default()])
    );
    assert_eq!(
        reserve(&store, 3, &[charge("x", 2, 2)], at(70)).await,
        ReservationOutcome::Granted
    );
    assert_eq!(
        reserve(&store, 4, &[charge("x", 1, 2)], at(71)).await,
        refused("x", at(130))
    );
}

pub async fn a_running_window_keeps_its_length(store: Case) {
    reserve(&store, 1, &[charge("x", 1, 2)], at(0)).await;
    let longer = Charge {
        window: Duration::from_secs(3600),
        ..charge("x", 1, 2)
    };
    reserve(&store, 2, &[longer], at(1)).await;
    assert_eq!(
        store.usage(&person("a"), &["x"], at(1)).await,
        Ok(vec![Usage {
            used: 2,
            resets_at: Some(at(60))
        }])
    );
}

pub async fn a_window_of_nothing_counts_nothing(store: Case) {
    let instant = Charge {
        window: Duration::from_micros(999),
        ..charge("x", 1, 1)
    };
    for number in 0..3 {
        assert_eq!(
            reserve(&store, number, std::slice::from_ref(&instant), at(0)).await,
            ReservationOutcome::Granted
        );
    }
    assert_eq!(used(&store, "x", at(0)).await, 0);
}

pub async fn the_largest_numbers_do_not_overflow(store: Case) {
    let largest = Charge {
        window: Duration::MAX,
        ..charge("x", u32::MAX, u32::MAX)
    };
    assert_eq!(
        reserve(&store, 1, &[largest], at(0)).await,
        ReservationOutcome::Granted
    );
    let end = Timestamp::from_millis(u64::MAX);
    assert_eq!(
        reserve(&store, 2, &[charge("x", 1, u32::MAX)], at(1)).await,
        refused("x", end)
    );
    assert_eq!(
        reserve(&store, 3, &[charge("x", u32::MAX, u32::MAX)], at(1)).await,
        refused("x", end)
    );
    put(&store, flow("a"), Precondition::Any, "for ever", end, at(0)).await;
    assert!(text(&store, flow("a"), at(1_000_000_000)).await.is_some());
    settle(&store, 1, SettleMode::Refund, at(2)).await;
    assert_eq!(used(&store, "x", at(2)).await, 0);
}

pub async fn groups_do_not_mix(store: Case) {
    let groups = [
        Group::Service,
        Group::Address("203.0.113.7/32".to_owned()),
        Group::Address("203.0.113.7/3".to_owned()),
        Group::Address(String::new()),
        person("a"),
        person("b"),
    ];
    for (number, group) in (1..).zip(&groups) {
        assert_eq!(
            store
                .reserve(ticket(1), group, &[charge("2x", number, 9)], at(0))
                .await,
            Ok(ReservationOutcome::Granted)
        );
    }
    for (number, group) in (1..).zip(&groups) {
        assert_eq!(
            store
                .usage(group, &["2x", "x"], at(0))
                .await
                .unwrap()
                .map_used(),
            [number, 0]
        );
    }
    store.reset(&groups[1], &["2x"], at(0)).await.unwrap();
    for (number, group) in (1..).zip(&groups) {
        let expected = if number == 2 { 0 } else { number };
        assert_eq!(
            store.usage(group, &["2x"], at(0)).await.unwrap().map_used(),
            [expected]
        );
    }
}

trait MapUsed {
    fn map_used(&self) -> Vec<u32>;
}

impl MapUsed for Vec<Usage> {
    fn map_used(&self) -> Vec<u32> {
        self.iter().map(|usage| usage.used).collect()
    }
}

// Tickets.

pub async fn reservations_in_turn_end_with_the_first_refusal(store: Case) {
    let wanted = |number, group: Group, limit| ReservationRequest {
        id: ticket(number),
        group,
        charges: vec![charge("x", 1, limit), charge("y", 1, 9)],
    };
    assert_eq!(store.reserve_in_order(&[], at(0)).await, Ok(vec![]));
    let first = [
        wanted(1, person("a"), 2),
        wanted(2, Group::Service, 1),
        wanted(3, person("b"), 1),
    ];
    assert_eq!(
        store.reserve_in_order(&first, at(0)).await,
        Ok(vec![ReservationOutcome::Granted; 3])
    );
    let second = [
        wanted(4, person("a"), 2),
        wanted(5, Group::Service, 1),
        wanted(6, person("b"), 9),
    ];
    let answers = store.reserve_in_order(&second, at(0)).await.unwrap();
    assert_eq!(
        answers,
        [
            ReservationOutcome::Granted,
            refused("x", at(0) + charge("x", 1, 1).window)
        ]
    );
    let mut used = Vec::new();
    for group in [person("a"), Group::Service, person("b")] {
        used.push(store.usage(&group, &["y"], at(0)).await.unwrap()[0].used);
    }
    assert_eq!(
        used,
        [2, 1, 1],
        "what was granted stands, what came after was not asked"
    );
    store
        .settle(ticket(4), &person("a"), SettleMode::Refund, at(0))
        .await
        .unwrap();
    assert_eq!(
        store.usage(&person("a"), &["y"], at(0)).await.unwrap()[0].used,
        1,
        "each under its own name"
    );
}

pub async fn a_repeated_ticket_is_granted_and_charged_once(store: Case) {
    for now in [0, 1, 59] {
        assert_eq!(
            reserve(&store, 1, &[charge("x", 1, 1)], at(now)).await,
            ReservationOutcome::Granted
        );
    }
    assert_eq!(used(&store, "x", at(59)).await, 1);
    settle(&store, 1, SettleMode::Refund, at(59)).await;
    assert_eq!(used(&store, "x", at(59)).await, 0);
}

pub async fn a_refused_ticket_may_try_again(store: Case) {
    reserve(&store, 1, &[charge("x", 1, 1)], at(0)).await;
    assert_eq!(
        reserve(&store, 2, &[charge("x", 1, 1)], at(1)).await,
        refused("x", at(60))
    );
    settle(&store, 1, SettleMode::Refund, at(2)).await;
    assert_eq!(
        reserve(&store, 2, &[charge("x", 1, 1)], at(3)).await,
        ReservationOutcome::Granted
    );
    assert_eq!(used(&store, "x", at(3)).await, 1);
}

pub async fn a_ticket_is_named_within_its_group(store: Case) {
    let charges = [charge("x", 1, 5)];
    store
        .reserve(ticket(1), &person("a"), &charges, at(0))
        .await
        .unwrap();
    store
        .reserve(ticket(1), &Group::Service, &charges, at(0))
        .await
        .unwrap();
    store
        .settle(ticket(1), &Group::Service, SettleMode::Refund, at(0))
        .await
        .unwrap();
    assert_eq!(used(&store, "x", at(0)).await, 1);
    assert_eq!(
        store
            .usage(&Group::Service, &["x"], at(0))
            .await
            .unwrap()
            .map_used(),
        [0]
    );
}

pub async fn keeping_keeps(store: Case) {
    reserve(&store, 1, &[charge("x", 2, 5)], at(0)).await;
    settle(&store, 1, SettleMode::Keep, at(1)).await;
    assert_eq!(used(&store, "x", at(1)).await, 2);
}

pub async fn a_refund_lowers_the_counter(store: Case) {
    reserve(&store, 1, &[charge("x", 1, 5), charge("y", 3, 5)], at(0)).await;
    reserve(&store, 2, &[charge("x", 1, 5), charge("y", 2, 5)], at(1)).await;
    settle(&store, 1, SettleMode::Refund, at(2)).await;
    assert_eq!(
        (
            used(&store, "x", at(2)).await,
            used(&store, "y", at(2)).await
        ),
        (1, 2)
    );
}

pub async fn settling_twice_does_nothing(store: Case) {
    reserve(&store, 1, &[charge("x", 1, 5)], at(0)).await;
    reserve(&store, 2, &[charge("x", 1, 5)], at(0)).await;
    for now in 1..4 {
        settle(&store, 1, SettleMode::Refund, at(now)).await;
        assert_eq!(used(&store, "x", at(now)).await, 1);
    }
}

pub async fn the_first_settlement_counts(store: Case) {
    reserve(&store, 1, &[charge("x", 1, 5)], at(0)).await;
    settle(&store, 1, SettleMode::Keep, at(1)).await;
    settle(&store, 1, SettleMode::Refund, at(2)).await;
    assert_eq!(used(&store, "x", at(2)).await, 1);
}

pub async fn an_unknown_ticket_settles_as_nothing(store: Case) {
    reserve(&store, 1, &[charge("x", 1, 5)], at(0)).await;
    settle(&store, 2, SettleMode::Refund, at(1)).await;
    settle(&store, 2, SettleMode::Keep, at(1)).await;
    assert_eq!(used(&store, "x", at(1)).await, 1);
}

pub async fn a_refund_after_the_window_does_nothing(store: Case) {
    reserve(&store, 1, &[charge("x", 1, 5)], at(0)).await;
    settle(&store, 1, SettleMode::Refund, at(60)).await;
    assert_eq!(used(&store, "x", at(60)).await, 0);
}

pub async fn a_refund_does_not_change_a_later_window(store: Case) {
    let long = Charge {
        window: Duration::from_secs(600),
        ..charge("long", 1, 5)
    };
    reserve(&store, 1, &[charge("x", 1, 5), long], at(0)).await;
    reserve(&store, 2, &[charge("x", 1, 5)], at(60)).await;
    settle(&store, 1, SettleMode::Refund, at(61)).await;
    assert_eq!(
        (
            used(&store, "x", at(61)).await,
            used(&store, "long", at(61)).await
        ),
        (1, 0)
    );
}

pub async fn a_refund_does_not_change_a_reset_counter(store: Case) {
    reserve(&store, 1, &[charge("x", 1, 5)], at(0)).await;
    store.reset(&person("a"), &["x"], at(0)).await.unwrap();
    // In the same millisecond: only the reservation tells the two windows apart.
    reserve(&store, 2, &[charge("x", 1, 5)], at(0)).await;
    settle(&store, 1, SettleMode::Refund, at(0)).await;
    assert_eq!(used(&store, "x", at(0)).await, 1);
}

pub async fn a_refund_changes_one_window_of_two(store: Case) {
    let long = Charge {
        window: Duration::from_secs(600),
        ..charge("long", 1, 5)
    };
    reserve(&store, 1, &[charge("x", 1, 5), long], at(0)).await;
    settle(&store, 1, SettleMode::Refund, at(100)).await;
    assert_eq!(
        (
            used(&store, "x", at(100)).await,
            used(&store, "long", at(100)).await
        ),
        (0, 0)
    );
}

pub async fn a_refund_of_the_last_charge_ends_the_window(store: Case) {
    reserve(&store, 1, &[charge("x", 1, 5)], at(0)).await;
    settle(&store, 1, SettleMode::Refund, at(50)).await;
    assert_eq!(
        store.usage(&person("a"), &["x"], at(50)).await,
        Ok(vec![Usage::default()])
    );
    reserve(&store, 2, &[charge("x", 1, 5)], at(50)).await;
    assert_eq!(
        store.usage(&person("a"), &["x"], at(50)).await,
        Ok(vec![Usage {
            used: 1,
            resets_at: Some(at(110))
        }])
    );
}

pub async fn a_refund_of_some_counters_keeps_the_others(store: Case) {
    reserve(
        &store,
        1,
        &[charge("x", 1, 5), charge("y", 2, 5), charge("z", 3, 5)],
        at(0),
    )
    .await;
    let some = || SettleMode::RefundOnly(["y", "never charged"].map(str::to_owned).to_vec());
    settle(&store, 1, some(), at(1)).await;
    let used = async |now| {
        [
            used(&store, "x", now).await,
            used(&store, "y", now).await,
            used(&store, "z", now).await,
        ]
    };
    assert_eq!(used(at(1)).await, [1, 0, 3]);
    // Settled is settled.
    reserve(&store, 2, &[charge("y", 1, 5)], at(2)).await;
    settle(&store, 1, some(), at(2)).await;
    settle(&store, 1, SettleMode::Refund, at(2)).await;
    assert_eq!(used(at(2)).await, [1, 1, 3]);
}

pub async fn a_charge_may_renew_its_window(store: Case) {
    let renewing = |amount, seconds| Charge {
        window: Duration::from_secs(seconds),
        renews: true,
        ..charge("x", amount, 5)
    };
    let standing = async |now| store.usage(&person("a"), &["x"], now).await.unwrap()[0];
    reserve(&store, 1, &[renewing(1, 60)], at(0)).await;
    reserve(&store, 2, &[renewing(1, 60)], at(50)).await;
    assert_eq!(
        standing(at(109)).await,
        Usage {
            used: 2,
            resets_at: Some(at(110))
        },
        "60 s after the last charge"
    );
    reserve(&store, 3, &[renewing(1, 5)], at(60)).await;
    assert_eq!(
        standing(at(60)).await,
        Usage {
            used: 3,
            resets_at: Some(at(110))
        },
        "never brought forward"
    );
    reserve(&store, 4, &[renewing(0, 600)], at(70)).await;
    reserve(&store, 5, &[charge("x", 1, 5)], at(70)).await;
    assert_eq!(
        standing(at(70)).await,
        Usage {
            used: 4,
            resets_at: Some(at(110))
        },
        "a question, a plain charge"
    );
    let refused = reserve(&store, 6, &[renewing(2, 600)], at(80)).await;
    assert_eq!(
        refused,
        ReservationOutcome::Refused {
            counter: "x".to_owned(),
            retry_at: at(110)
        }
    );
    assert_eq!(standing(at(80)).await.resets_at, Some(at(110)), "a refusal");
    settle(&store, 1, SettleMode::Refund, at(65)).await;
    assert_eq!(
        standing(at(80)).await.used,
        4,
        "the ticket ended with the window that it began"
    );
    settle(&store, 2, SettleMode::Refund, at(80)).await;
    assert_eq!(
        standing(at(80)).await,
        Usage {
            used: 3,
            resets_at: Some(at(110))
        }
    );
    assert_eq!(standing(at(110)).await, Usage::default());
}

pub async fn usage_answers_in_order_and_charges_nothing(store: Case) {
    reserve(&store, 1, &[charge("x", 1, 5), charge("y", 2, 5)], at(0)).await;
    for _ in 0..2 {
        let usage = store
            .usage(&person("a"), &["y", "none", "x", "y"], at(0))
            .await
            .unwrap();
        assert_eq!(usage.map_used(), [2, 0, 1, 2]);
    }
    assert_eq!(store.usage(&person("a"), &[], at(0)).await, Ok(vec![]));
}

pub async fn resetting_empties_the_named_counters_alone(store: Case) {
    reserve(
        &store,
        1,
        &[charge("x", 1, 1), charge("y", 1, 1), charge("z", 1, 1)],
        at(0),
    )
    .await;
    store
        .reset(&person("a"), &["x", "none", "z", "x"], at(1))
        .await
        .unwrap();
    assert_eq!(
        store
            .usage(&person("a"), &["x", "y", "z"], at(1))
            .await
            .unwrap()
            .map_used(),
        [0, 1, 0]
    );
    assert_eq!(
        reserve(&store, 2, &[charge("x", 1, 1)], at(1)).await,
        ReservationOutcome::Granted
    );
}

// Time.

pub async fn sweeping_takes_nothing_that_lives(store: Case) {
    put(&store, flow("old"), Precondition::Any, "x", at(5), at(0)).await;
    put(&store, flow("new"), Precondition::Any, "x", at(101), at(0)).await;
    reserve(&store, 1, &[charge("old", 1, 5)], at(0)).await;
    reserve(&store, 2, &[charge("new", 1, 1)], at(50)).await;
    while store.sweep(at(100), 100).await.unwrap() > 0 {}
    assert!(text(&store, flow("new"), at(100)).await.is_some());
    assert_eq!(used(&store, "new", at(100)).await, 1);
    // The living ticket still knows what it charged.
    settle(&store, 2, SettleMode::Refund, at(100)).await;
    assert_eq!(used(&store, "new", at(100)).await, 0);
    assert_eq!(
        reserve(&store, 3, &[charge("old", 5, 5)], at(100)).await,
        ReservationOutcome::Granted
    );
}

pub async fn sweeping_keeps_to_its_limit(store: Case) {
    for name in ["a", "b", "c", "d", "e"] {
        put(&store, flow(name), Precondition::Any, "x", at(5), at(0)).await;
    }
    assert_eq!(store.sweep(at(9), 0).await, Ok(0));
    assert!(store.sweep(at(9), 2).await.unwrap() <= 2);
    assert!(store.sweep(at(9), 100).await.unwrap() <= 5);
}

pub async fn a_clock_that_steps_back_breaks_nothing(store: Case) {
    reserve(&store, 1, &[charge("x", 1, 2)], at(1000)).await;
    assert_eq!(
        reserve(&store, 2, &[charge("x", 1, 2)], at(900)).await,
        ReservationOutcome::Granted
    );
    assert_eq!(
        reserve(&store, 3, &[charge("x", 1, 2)], at(0)).await,
        refused("x", at(1060))
    );
    settle(&store, 2, SettleMode::Refund, at(899)).await;
    assert_eq!(used(&store, "x", Timestamp::from_millis(0)).await, 1);
    put(
        &store,
        flow("a"),
        Precondition::Any,
        "1",
        at(1010),
        at(1000),
    )
    .await;
    assert_eq!(
        put(
            &store,
            flow("a"),
            Precondition::Version(1),
            "2",
            at(910),
            at(900)
        )
        .await,
        PutOutcome::Stored(2)
    );
    assert_eq!(text(&store, flow("a"), at(909)).await.unwrap(), "2");
    assert_eq!(store.sweep(Timestamp::from_millis(0), 10).await, Ok(0));
    assert_eq!(text(&store, flow("a"), at(0)).await.unwrap(), "2");
}

pub async fn a_store_in_use_is_ready(store: Case) {
    assert_eq!(store.check_ready().await, Ok(()));
}
