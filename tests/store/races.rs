//! Promises between concurrent callers. Each race runs tasks on several threads that start
//! together.

use std::sync::Arc;

use latchkey::server::store::{Precondition, PutOutcome, ReservationOutcome, SettleMode, Store};
use tokio::sync::Barrier;

use crate::builders::{at, charge, flow, person, ticket};

/// Makes a test of every race. The function given makes a store, and something to keep as long as
/// it is used.
macro_rules! races {
    ($fresh:path) => {
        races! { $fresh =>
            one_of_many_takes, one_of_many_puts_first, as_many_are_granted_as_the_limit_says,
            settlements_meet_reservations, no_increment_is_lost
        }
    };
    ($fresh:path => $($race:ident),+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $race() {
                let (store, _keep) = $fresh();
                $crate::races::$race(store).await;
            }
        )+
    };
}

async fn race<T: Send + 'static, F>(tasks: u32, run: impl Fn(u32) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(tasks as usize));
    let started: Vec<_> = (0..tasks)
        .map(|number| {
            let (start, work) = (start.clone(), run(number));
            tokio::spawn(async move {
                start.wait().await;
                work.await
            })
        })
        .collect();
    let mut results = Vec::new();
    for task in started {
        results.push(task.await.unwrap());
    }
    results
}

pub async fn one_of_many_takes(store: Arc<dyn Store>) {
    for round in 0..5 {
        let key = flow(&format!("round {round}"));
        store
            .put(key, None, Precondition::Any, b"x".to_vec(), at(10), at(0))
            .await
            .unwrap();
        let taken = race(50, |_| {
            let store = store.clone();
            async move { store.take(key, at(1)).await.unwrap() }
        })
        .await;
        assert_eq!(taken.iter().flatten().count(), 1);
    }
}

pub async fn one_of_many_puts_first(store: Arc<dyn Store>) {
    for expect in [Precondition::Absent, Precondition::Version(1)] {
        let puts = race(50, |number| {
            let store = store.clone();
            async move {
                store
                    .put(flow("a"), None, expect, vec![number as u8], at(10), at(0))
                    .await
                    .unwrap()
            }
        })
        .await;
        let winners: Vec<_> = (0..)
            .zip(&puts)
            .filter(|(_, put)| **put != PutOutcome::Conflict)
            .map(|(number, _)| number)
            .collect();
        let [winner] = winners[..] else {
            panic!("winners: {winners:?}")
        };
        assert_eq!(
            store.get(flow("a"), at(0)).await.unwrap().unwrap().bytes,
            [winner]
        );
    }
}

pub async fn as_many_are_granted_as_the_limit_says(store: Arc<dyn Store>) {
    let answers = race(200, |number| {
        let store = store.clone();
        let charges = [charge("x", 1, 10), charge("y", 1, 1000)];
        async move {
            store
                .reserve(ticket(number.into()), &person("a"), &charges, at(0))
                .await
                .unwrap()
        }
    })
    .await;
    assert_eq!(
        answers
            .iter()
            .filter(|answer| **answer == ReservationOutcome::Granted)
            .count(),
        10
    );
    let usage = store.usage(&person("a"), &["x", "y"], at(0)).await.unwrap();
    assert_eq!((usage[0].used, usage[1].used), (10, 10));
}

/// Everybody reserves, a third refunds (each twice), a third keeps, a third leaves; the limit is
/// never exceeded, and in the end the counter holds exactly what was not refunded.
pub async fn settlements_meet_reservations(store: Arc<dyn Store>) {
    const LIMIT: u32 = 20;
    let stands = race(120, |number| {
        let store = store.clone();
        let charges = [charge("x", 1, LIMIT)];
        async move {
            let (ticket, group) = (ticket(number.into()), person("a"));
            let granted = store
                .reserve(ticket, &group, &charges, at(0))
                .await
                .unwrap()
                == ReservationOutcome::Granted;
            assert!(store.usage(&group, &["x"], at(0)).await.unwrap()[0].used <= LIMIT);
            match number % 3 {
                0 => {
                    let (first, second) = tokio::join!(
                        store.settle(ticket, &group, SettleMode::Refund, at(1)),
                        store.settle(ticket, &group, SettleMode::Refund, at(1))
                    );
                    first.and(second).unwrap();
                    false
                }
                1 => {
                    store
                        .settle(ticket, &group, SettleMode::Keep, at(1))
                        .await
                        .unwrap();
                    granted
                }
                _ => granted,
            }
        }
    })
    .await;
    let standing = u32::try_from(stands.iter().filter(|stands| **stands).count()).unwrap();
    assert_eq!(
        store.usage(&person("a"), &["x"], at(1)).await.unwrap()[0].used,
        standing
    );
}

/// Changes by version: every one of many increments counts.
pub async fn no_increment_is_lost(store: Arc<dyn Store>) {
    store
        .put(
            flow("a"),
            None,
            Precondition::Any,
            0_u32.to_be_bytes().to_vec(),
            at(10),
            at(0),
        )
        .await
        .unwrap();
    race(20, |_| {
        let store = store.clone();
        async move {
            loop {
                let record = store.get(flow("a"), at(0)).await.unwrap().unwrap();
                let next = u32::from_be_bytes(record.bytes.try_into().unwrap()) + 1;
                let expect = Precondition::Version(record.version);
                let put = store.put(
                    flow("a"),
                    None,
                    expect,
                    next.to_be_bytes().to_vec(),
                    at(10),
                    at(0),
                );
                if put.await.unwrap() != PutOutcome::Conflict {
                    break;
                }
            }
        }
    })
    .await;
    let record = store.get(flow("a"), at(0)).await.unwrap().unwrap();
    assert_eq!(
        (record.bytes, record.version),
        (20_u32.to_be_bytes().to_vec(), 21)
    );
}
