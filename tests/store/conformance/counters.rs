//! Counters: limits, amounts and windows.

use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::store::{
    Charge, Group, Precondition::Any, ReservationOutcome::Granted, SettleMode::Refund, Store, Usage,
};

use crate::builders::{at, charge, flow, person, ticket};
use crate::calls::{MapUsed, put_at, refused, refused_until, reserve, settle, text, usage, used};

pub async fn a_counter_stops_at_its_limit(store: &dyn Store) {
    for number in 0..3 {
        assert_eq!(
            reserve(store, number, &[charge("x", 1, 3)], 0).await,
            Granted
        );
    }
    assert_eq!(
        reserve(store, 9, &[charge("x", 1, 3)], 1).await,
        refused("x", 60)
    );
    assert_eq!(reserve(store, 10, &[charge("x", 1, 4)], 1).await, Granted);
    assert_eq!(used(store, "x", 1).await, 4);
}

pub async fn all_charges_or_none(store: &dyn Store) {
    reserve(store, 1, &[charge("full", 1, 1)], 0).await;
    let charges = [charge("x", 1, 5), charge("full", 1, 1), charge("y", 1, 5)];
    assert_eq!(reserve(store, 2, &charges, 1).await, refused("full", 60));
    assert_eq!(
        (used(store, "x", 1).await, used(store, "y", 1).await),
        (0, 0)
    );
    settle(store, 2, Refund, 1).await;
    assert_eq!(used(store, "full", 1).await, 1);
}

pub async fn the_first_charge_too_many_is_named(store: &dyn Store) {
    reserve(store, 1, &[charge("b", 1, 1)], 0).await;
    reserve(store, 2, &[charge("a", 1, 1)], 5).await;
    assert_eq!(
        reserve(store, 3, &[charge("b", 1, 1), charge("a", 1, 1)], 6).await,
        refused("b", 60)
    );
    assert_eq!(
        reserve(store, 4, &[charge("a", 1, 1), charge("b", 1, 1)], 6).await,
        refused("a", 65)
    );
}

pub async fn amounts_of_one_key_add_up(store: &dyn Store) {
    let charges = [charge("x", 2, 5), charge("x", 0, 5), charge("x", 2, 5)];
    assert_eq!(reserve(store, 1, &charges, 0).await, Granted);
    assert_eq!(used(store, "x", 0).await, 4);
    assert_eq!(
        reserve(store, 2, &[charge("x", 1, 5), charge("x", 1, 5)], 0).await,
        refused("x", 60)
    );
    assert_eq!(used(store, "x", 0).await, 4);
    settle(store, 1, Refund, 0).await;
    assert_eq!(used(store, "x", 0).await, 0);
}

pub async fn nothing_and_zero_are_charged_without_a_trace(store: &dyn Store) {
    assert_eq!(reserve(store, 1, &[], 0).await, Granted);
    assert_eq!(reserve(store, 2, &[charge("x", 0, 0)], 0).await, Granted);
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
        reserve(store, 3, &[question, charge("x", 1, 5)], 1).await,
        Granted
    );
    assert_eq!(
        store.usage(&person("a"), &["x"], at(1)).await,
        Ok(vec![usage(1, 61)])
    );
}

pub async fn a_zero_charge_asks_whether_the_counter_is_above(store: &dyn Store) {
    reserve(store, 1, &[charge("x", 3, 3)], 0).await;
    assert_eq!(reserve(store, 2, &[charge("x", 0, 3)], 0).await, Granted);
    assert_eq!(
        reserve(store, 3, &[charge("x", 0, 2)], 0).await,
        refused("x", 60)
    );
}

pub async fn an_amount_above_the_limit_is_refused_at_once(store: &dyn Store) {
    assert_eq!(
        reserve(store, 1, &[charge("x", 3, 2)], 4).await,
        refused("x", 64)
    );
    assert_eq!(
        reserve(store, 1, &[charge("x", 1, 0)], 4).await,
        refused("x", 64)
    );
    assert_eq!(used(store, "x", 4).await, 0);
}

pub async fn a_window_begins_with_its_first_charge_and_ends(store: &dyn Store) {
    reserve(store, 1, &[charge("x", 1, 2)], 10).await;
    reserve(store, 2, &[charge("x", 1, 2)], 69).await;
    assert_eq!(
        store.usage(&person("a"), &["x"], at(69)).await,
        Ok(vec![usage(2, 70)])
    );
    assert_eq!(
        store.usage(&person("a"), &["x"], at(70)).await,
        Ok(vec![Usage::default()])
    );
    assert_eq!(reserve(store, 3, &[charge("x", 2, 2)], 70).await, Granted);
    assert_eq!(
        reserve(store, 4, &[charge("x", 1, 2)], 71).await,
        refused("x", 130)
    );
}

pub async fn a_running_window_keeps_its_length(store: &dyn Store) {
    reserve(store, 1, &[charge("x", 1, 2)], 0).await;
    let longer = Charge {
        window: Duration::from_secs(3600),
        ..charge("x", 1, 2)
    };
    reserve(store, 2, &[longer], 1).await;
    assert_eq!(
        store.usage(&person("a"), &["x"], at(1)).await,
        Ok(vec![usage(2, 60)])
    );
}

pub async fn a_window_of_nothing_counts_nothing(store: &dyn Store) {
    let instant = Charge {
        window: Duration::from_micros(999),
        ..charge("x", 1, 1)
    };
    for number in 0..3 {
        assert_eq!(
            reserve(store, number, std::slice::from_ref(&instant), 0).await,
            Granted
        );
    }
    assert_eq!(used(store, "x", 0).await, 0);
}

pub async fn the_largest_numbers_do_not_overflow(store: &dyn Store) {
    let largest = Charge {
        window: Duration::MAX,
        ..charge("x", u32::MAX, u32::MAX)
    };
    assert_eq!(reserve(store, 1, &[largest], 0).await, Granted);
    let end = Timestamp::from_millis(u64::MAX);
    assert_eq!(
        reserve(store, 2, &[charge("x", 1, u32::MAX)], 1).await,
        refused_until("x", end)
    );
    assert_eq!(
        reserve(store, 3, &[charge("x", u32::MAX, u32::MAX)], 1).await,
        refused_until("x", end)
    );
    put_at(store, flow("a"), Any, "for ever", end, at(0)).await;
    assert!(text(store, "a", 1_000_000_000).await.is_some());
    settle(store, 1, Refund, 2).await;
    assert_eq!(used(store, "x", 2).await, 0);
}

pub async fn groups_do_not_mix(store: &dyn Store) {
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
            Ok(Granted)
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

pub async fn a_charge_may_renew_its_window(store: &dyn Store) {
    let renewing = |amount, seconds| Charge {
        window: Duration::from_secs(seconds),
        renews: true,
        ..charge("x", amount, 5)
    };
    let standing = async |now| store.usage(&person("a"), &["x"], now).await.unwrap()[0];
    reserve(store, 1, &[renewing(1, 60)], 0).await;
    reserve(store, 2, &[renewing(1, 60)], 50).await;
    assert_eq!(
        standing(at(109)).await,
        usage(2, 110),
        "60 s after the last charge"
    );
    reserve(store, 3, &[renewing(1, 5)], 60).await;
    assert_eq!(
        standing(at(60)).await,
        usage(3, 110),
        "never brought forward"
    );
    reserve(store, 4, &[renewing(0, 600)], 70).await;
    reserve(store, 5, &[charge("x", 1, 5)], 70).await;
    assert_eq!(
        standing(at(70)).await,
        usage(4, 110),
        "a question, a plain charge"
    );
    assert_eq!(
        reserve(store, 6, &[renewing(2, 600)], 80).await,
        refused("x", 110)
    );
    assert_eq!(standing(at(80)).await.resets_at, Some(at(110)), "a refusal");
    settle(store, 1, Refund, 65).await;
    assert_eq!(
        standing(at(80)).await.used,
        4,
        "the ticket ended with the window that it began"
    );
    settle(store, 2, Refund, 80).await;
    assert_eq!(standing(at(80)).await, usage(3, 110));
    assert_eq!(standing(at(110)).await, Usage::default());
}

pub async fn usage_answers_in_order_and_charges_nothing(store: &dyn Store) {
    reserve(store, 1, &[charge("x", 1, 5), charge("y", 2, 5)], 0).await;
    for _ in 0..2 {
        let usage = store
            .usage(&person("a"), &["y", "none", "x", "y"], at(0))
            .await
            .unwrap();
        assert_eq!(usage.map_used(), [2, 0, 1, 2]);
    }
    assert_eq!(store.usage(&person("a"), &[], at(0)).await, Ok(vec![]));
}

pub async fn resetting_empties_the_named_counters_alone(store: &dyn Store) {
    reserve(
        store,
        1,
        &[charge("x", 1, 1), charge("y", 1, 1), charge("z", 1, 1)],
        0,
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
    assert_eq!(reserve(store, 2, &[charge("x", 1, 1)], 1).await, Granted);
}
