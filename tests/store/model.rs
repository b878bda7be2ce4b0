//! Random histories of calls, compared with a map. The clock moves forwards, and backwards by up to
//! [`SKEW`]. Sweeps are later than that, as the contract advises. So nothing that they remove can
//! be read again, although engines may keep expired records for different times.

mod action;
mod map_store;

use std::sync::Arc;
use std::time::Duration;

use latchkey::server::store::{Charge, Group, Key, RecordKind, SettleMode, Store};
use proptest::test_runner::{Config, TestRunner};

use self::action::{Refunds, SKEW, StoreAction, history};
use self::map_store::MapStore;
use crate::builders::{at, digest, person, ticket};

fn key(number: u8) -> Key {
    let kind = if number.is_multiple_of(2) {
        RecordKind::Flow
    } else {
        RecordKind::Session
    };
    Key {
        kind,
        id: digest(&format!("key {number}")),
    }
}

fn group(number: u8) -> Group {
    match number {
        0 => Group::Service,
        1 => Group::Address("203.0.113.7/32".to_owned()),
        _ => person("a"),
    }
}

const COUNTERS: [&str; 3] = ["sends", "tries", "failures"];

/// Runs a history on a store and on the model, and compares every answer. `reopen` gives the store
/// back after a restart.
pub async fn agrees(
    mut store: Arc<dyn Store>,
    reopen: impl AsyncFn(Arc<dyn Store>) -> Arc<dyn Store>,
    history: Vec<StoreAction>,
) {
    let mut model = MapStore::default();
    let (mut now, mut latest) = (at(0), at(0));
    for (number, step) in history.into_iter().enumerate() {
        let context = format!("step {number}: {step:?} at {now:?}");
        match step {
            StoreAction::Get(name) => {
                let found = store.get(key(name), now).await.unwrap();
                assert_eq!(found.as_ref(), model.get(key(name), now), "{context}");
            }
            StoreAction::Put {
                key: name,
                owner,
                expect,
                lasts,
            } => {
                let (bytes, end) = (
                    format!("{number}").into_bytes(),
                    now + Duration::from_secs(lasts.into()),
                );
                let by = owner.map(|owner| digest(&format!("owner {owner}")));
                let put = store
                    .put(key(name), by, expect, bytes.clone(), end, now)
                    .await
                    .unwrap();
                assert_eq!(
                    put,
                    model.put(key(name), owner, expect, bytes, end, now),
                    "{context}"
                );
            }
            StoreAction::Take(name) => {
                assert_eq!(
                    store.take(key(name), now).await.unwrap(),
                    model.take(key(name), now),
                    "{context}"
                );
            }
            StoreAction::Delete(name) => {
                store.delete(key(name)).await.unwrap();
                model.delete(key(name));
            }
            StoreAction::Owned(owner) => {
                let found = store
                    .keys_by_owner(digest(&format!("owner {owner}")), now)
                    .await
                    .unwrap();
                for key in model.keys_by_owner(owner, now) {
                    assert!(
                        found.contains(&key),
                        "{context}: {key:?} is not in {found:?}"
                    );
                }
            }
            StoreAction::Scan(name, limit) => {
                let (found, all) = (
                    store.scan(key(name).kind, limit, now).await.unwrap(),
                    model.scan(key(name).kind, now),
                );
                assert_eq!(found.len(), limit.min(all.len()), "{context}");
                for (key, record) in found {
                    assert_eq!(Some(&record), all.get(&key), "{context}");
                }
            }
            StoreAction::Reserve {
                ticket: by,
                group: of,
                charges,
            } => {
                let charges: Vec<_> = charges
                    .into_iter()
                    .map(|(counter, amount, limit, window, renews)| Charge {
                        key: COUNTERS[usize::from(counter)].to_owned(),
                        amount,
                        limit,
                        window: Duration::from_secs(window.into()),
                        renews,
                    })
                    .collect();
                let answer = store
                    .reserve(ticket(by.into()), &group(of), &charges, now)
                    .await
                    .unwrap();
                assert_eq!(
                    answer,
                    model.reserve(ticket(by.into()), &group(of), &charges, now),
                    "{context}"
                );
            }
            StoreAction::Settle {
                ticket: by,
                group: of,
                how,
            } => {
                let how = match how {
                    Refunds::None => SettleMode::Keep,
                    Refunds::All => SettleMode::Refund,
                    Refunds::One(counter) => {
                        SettleMode::RefundOnly(vec![COUNTERS[usize::from(counter)].to_owned()])
                    }
                };
                model.settle(ticket(by.into()), &group(of), &how, now);
                store
                    .settle(ticket(by.into()), &group(of), how, now)
                    .await
                    .unwrap();
            }
            StoreAction::Usage(of) => {
                let usage = store.usage(&group(of), &COUNTERS, now).await.unwrap();
                assert_eq!(usage, model.usage(&group(of), now), "{context}");
            }
            StoreAction::Reset(of, counter) => {
                let counter = COUNTERS[usize::from(counter)];
                store.reset(&group(of), &[counter], now).await.unwrap();
                model.reset(&group(of), counter);
            }
            StoreAction::Sweep(limit) => {
                let removed = store
                    .sweep(latest.saturating_sub(Duration::from_secs(SKEW)), limit)
                    .await
                    .unwrap();
                assert!(removed <= limit, "{context}: {removed}");
            }
            StoreAction::Wait(seconds) => {
                now = now + Duration::from_secs(seconds.into());
                latest = latest.max(now);
            }
            StoreAction::Rewind(seconds) => {
                now = latest.saturating_sub(Duration::from_secs(seconds.into()))
            }
            StoreAction::Reopen => store = reopen(store).await,
        }
    }
    for of in 0..3 {
        assert_eq!(
            store.usage(&group(of), &COUNTERS, now).await.unwrap(),
            model.usage(&group(of), now),
            "at the end"
        );
    }
}

/// Makes that many random histories.
pub fn histories(cases: u32, longest: usize, run: impl AsyncFn(Vec<StoreAction>)) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&history(longest), |history| {
            runtime.block_on(run(history));
            Ok(())
        })
        .unwrap();
}
