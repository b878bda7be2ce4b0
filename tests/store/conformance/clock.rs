//! Sweeping, and a clock that steps back.

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::store::{
    Precondition::{Any, Version},
    PutOutcome::Stored,
    ReservationOutcome::Granted,
    SettleMode::Refund,
    Store,
};

use crate::builders::{at, charge, person};
use crate::calls::{MapUsed, put, refused, reserve, settle, text, used};

pub async fn sweeping_takes_nothing_that_lives(store: &dyn Store) {
    put(store, "old", Any, "x", 5, 0).await;
    put(store, "new", Any, "x", 101, 0).await;
    reserve(store, 1, &[charge("old", 1, 5)], 0).await;
    reserve(store, 2, &[charge("new", 1, 1)], 50).await;
    while store.sweep(at(100), 100).await.unwrap() > 0 {}
    assert!(text(store, "new", 100).await.is_some());
    assert_eq!(used(store, "new", 100).await, 1);
    // The living ticket still knows what it charged.
    settle(store, 2, Refund, 100).await;
    assert_eq!(used(store, "new", 100).await, 0);
    assert_eq!(
        reserve(store, 3, &[charge("old", 5, 5)], 100).await,
        Granted
    );
}

pub async fn sweeping_keeps_to_its_limit(store: &dyn Store) {
    for name in ["a", "b", "c", "d", "e"] {
        put(store, name, Any, "x", 5, 0).await;
    }
    assert_eq!(store.sweep(at(9), 0).await, Ok(0));
    assert!(store.sweep(at(9), 2).await.unwrap() <= 2);
    assert!(store.sweep(at(9), 100).await.unwrap() <= 5);
}

pub async fn a_clock_that_steps_back_breaks_nothing(store: &dyn Store) {
    reserve(store, 1, &[charge("x", 1, 2)], 1000).await;
    assert_eq!(reserve(store, 2, &[charge("x", 1, 2)], 900).await, Granted);
    assert_eq!(
        reserve(store, 3, &[charge("x", 1, 2)], 0).await,
        refused("x", 1060)
    );
    settle(store, 2, Refund, 899).await;
    assert_eq!(
        store
            .usage(&person("a"), &["x"], Timestamp::from_millis(0))
            .await
            .unwrap()
            .map_used(),
        [1]
    );
    put(store, "a", Any, "1", 1010, 1000).await;
    assert_eq!(put(store, "a", Version(1), "2", 910, 900).await, Stored(2));
    assert_eq!(text(store, "a", 909).await.unwrap(), "2");
    assert_eq!(store.sweep(Timestamp::from_millis(0), 10).await, Ok(0));
    assert_eq!(text(store, "a", 0).await.unwrap(), "2");
}
