//! Settlement of a reservation: what keeping and refunding do to counters, and that it happens
//! once.

use std::time::Duration;

use latchkey::server::store::{
    Charge,
    SettleMode::{Keep, Refund, RefundOnly},
    Store, Usage,
};

use crate::builders::{at, charge, person};
use crate::calls::{reserve, settle, usage, used};

pub async fn keeping_keeps(store: &dyn Store) {
    reserve(store, 1, &[charge("x", 2, 5)], 0).await;
    settle(store, 1, Keep, 1).await;
    assert_eq!(used(store, "x", 1).await, 2);
}

pub async fn a_refund_lowers_the_counter(store: &dyn Store) {
    reserve(store, 1, &[charge("x", 1, 5), charge("y", 3, 5)], 0).await;
    reserve(store, 2, &[charge("x", 1, 5), charge("y", 2, 5)], 1).await;
    settle(store, 1, Refund, 2).await;
    assert_eq!(
        (used(store, "x", 2).await, used(store, "y", 2).await),
        (1, 2)
    );
}

pub async fn settling_twice_does_nothing(store: &dyn Store) {
    reserve(store, 1, &[charge("x", 1, 5)], 0).await;
    reserve(store, 2, &[charge("x", 1, 5)], 0).await;
    for now in 1..4 {
        settle(store, 1, Refund, now).await;
        assert_eq!(used(store, "x", now).await, 1);
    }
}

pub async fn the_first_settlement_counts(store: &dyn Store) {
    reserve(store, 1, &[charge("x", 1, 5)], 0).await;
    settle(store, 1, Keep, 1).await;
    settle(store, 1, Refund, 2).await;
    assert_eq!(used(store, "x", 2).await, 1);
}

pub async fn an_unknown_ticket_settles_as_nothing(store: &dyn Store) {
    reserve(store, 1, &[charge("x", 1, 5)], 0).await;
    settle(store, 2, Refund, 1).await;
    settle(store, 2, Keep, 1).await;
    assert_eq!(used(store, "x", 1).await, 1);
}

pub async fn a_refund_after_the_window_does_nothing(store: &dyn Store) {
    reserve(store, 1, &[charge("x", 1, 5)], 0).await;
    settle(store, 1, Refund, 60).await;
    assert_eq!(used(store, "x", 60).await, 0);
}

pub async fn a_refund_does_not_change_a_later_window(store: &dyn Store) {
    let long = Charge {
        window: Duration::from_secs(600),
        ..charge("long", 1, 5)
    };
    reserve(store, 1, &[charge("x", 1, 5), long], 0).await;
    reserve(store, 2, &[charge("x", 1, 5)], 60).await;
    settle(store, 1, Refund, 61).await;
    assert_eq!(
        (used(store, "x", 61).await, used(store, "long", 61).await),
        (1, 0)
    );
}

pub async fn a_refund_does_not_change_a_reset_counter(store: &dyn Store) {
    reserve(store, 1, &[charge("x", 1, 5)], 0).await;
    store.reset(&person("a"), &["x"], at(0)).await.unwrap();
    // In the same millisecond: only the reservation tells the two windows apart.
    reserve(store, 2, &[charge("x", 1, 5)], 0).await;
    settle(store, 1, Refund, 0).await;
    assert_eq!(used(store, "x", 0).await, 1);
}

pub async fn a_refund_changes_one_window_of_two(store: &dyn Store) {
    let long = Charge {
        window: Duration::from_secs(600),
        ..charge("long", 1, 5)
    };
    reserve(store, 1, &[charge("x", 1, 5), long], 0).await;
    settle(store, 1, Refund, 100).await;
    assert_eq!(
        (used(store, "x", 100).await, used(store, "long", 100).await),
        (0, 0)
    );
}

pub async fn a_refund_of_the_last_charge_ends_the_window(store: &dyn Store) {
    reserve(store, 1, &[charge("x", 1, 5)], 0).await;
    settle(store, 1, Refund, 50).await;
    assert_eq!(
        store.usage(&person("a"), &["x"], at(50)).await,
        Ok(vec![Usage::default()])
    );
    reserve(store, 2, &[charge("x", 1, 5)], 50).await;
    assert_eq!(
        store.usage(&person("a"), &["x"], at(50)).await,
        Ok(vec![usage(1, 110)])
    );
}

pub async fn a_refund_of_some_counters_keeps_the_others(store: &dyn Store) {
    reserve(
        store,
        1,
        &[charge("x", 1, 5), charge("y", 2, 5), charge("z", 3, 5)],
        0,
    )
    .await;
    let some = || RefundOnly(["y", "never charged"].map(str::to_owned).to_vec());
    settle(store, 1, some(), 1).await;
    let used = async |now| {
        [
            used(store, "x", now).await,
            used(store, "y", now).await,
            used(store, "z", now).await,
        ]
    };
    assert_eq!(used(1).await, [1, 0, 3]);
    // Settled is settled.
    reserve(store, 2, &[charge("y", 1, 5)], 2).await;
    settle(store, 1, some(), 2).await;
    settle(store, 1, Refund, 2).await;
    assert_eq!(used(2).await, [1, 1, 3]);
}
