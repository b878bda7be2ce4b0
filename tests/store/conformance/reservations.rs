//! Reservations: all charges or none, each reservation once, in its own group.

use latchkey::server::store::{
    Group, ReservationOutcome::Granted, ReservationRequest, SettleMode::Refund, Store,
};

use crate::builders::{at, charge, person, ticket};
use crate::calls::{MapUsed, refused, reserve, settle, used};

pub async fn reservations_in_turn_end_with_the_first_refusal(store: &dyn Store) {
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
        Ok(vec![Granted; 3])
    );
    let second = [
        wanted(4, person("a"), 2),
        wanted(5, Group::Service, 1),
        wanted(6, person("b"), 9),
    ];
    let answers = store.reserve_in_order(&second, at(0)).await.unwrap();
    assert_eq!(answers, [Granted, refused("x", 60)]);
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
        .settle(ticket(4), &person("a"), Refund, at(0))
        .await
        .unwrap();
    assert_eq!(
        store.usage(&person("a"), &["y"], at(0)).await.unwrap()[0].used,
        1,
        "each under its own name"
    );
}

pub async fn a_repeated_ticket_is_granted_and_charged_once(store: &dyn Store) {
    for now in [0, 1, 59] {
        assert_eq!(reserve(store, 1, &[charge("x", 1, 1)], now).await, Granted);
    }
    assert_eq!(used(store, "x", 59).await, 1);
    settle(store, 1, Refund, 59).await;
    assert_eq!(used(store, "x", 59).await, 0);
}

pub async fn a_refused_ticket_may_try_again(store: &dyn Store) {
    reserve(store, 1, &[charge("x", 1, 1)], 0).await;
    assert_eq!(
        reserve(store, 2, &[charge("x", 1, 1)], 1).await,
        refused("x", 60)
    );
    settle(store, 1, Refund, 2).await;
    assert_eq!(reserve(store, 2, &[charge("x", 1, 1)], 3).await, Granted);
    assert_eq!(used(store, "x", 3).await, 1);
}

pub async fn a_ticket_is_named_within_its_group(store: &dyn Store) {
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
        .settle(ticket(1), &Group::Service, Refund, at(0))
        .await
        .unwrap();
    assert_eq!(used(store, "x", 0).await, 1);
    assert_eq!(
        store
            .usage(&Group::Service, &["x"], at(0))
            .await
            .unwrap()
            .map_used(),
        [0]
    );
}
