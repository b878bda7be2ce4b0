//! Random histories against a plain map. The clock moves both ways, by up to [`SKEW`] back; sweeps
//! follow at that distance, as the contract advises, so that what they remove cannot be seen again
//! and engines may differ in what they keep.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::store::{
    Charge, Group, Key, Precondition, PutOutcome, Record, RecordKind, ReservationId,
    ReservationOutcome, SettleMode, Store, Usage,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::builders::{at, digest, person, ticket};

const SKEW: u64 = 20;

/// One step of a history. Small numbers stand for keys, owners, counters and tickets, so that steps
/// meet.
#[derive(Clone, Debug)]
pub enum StoreAction {
    Get(u8),
    Put {
        key: u8,
        owner: Option<u8>,
        expect: Precondition,
        lasts: u8,
    },
    Take(u8),
    Delete(u8),
    Owned(u8),
    Scan(u8, usize),
    Reserve {
        ticket: u8,
        group: u8,
        charges: Vec<(u8, u32, u32, u8, bool)>,
    },
    Settle {
        ticket: u8,
        group: u8,
        how: Refunds,
    },
    Usage(u8),
    Reset(u8, u8),
    Sweep(usize),
    /// Seconds forward.
    Wait(u8),
    /// Seconds behind the latest time that was seen.
    Rewind(u8),
    Reopen,
}

/// Which charges are refunded when a ticket is settled.
#[derive(Clone, Copy, Debug)]
pub enum Refunds {
    None,
    All,
    One(u8),
}

fn history(longest: usize) -> impl Strategy<Value = Vec<StoreAction>> {
    let expect = prop_oneof![
        2 => Just(Precondition::Any),
        2 => Just(Precondition::Absent),
        3 => (1_u64..4).prop_map(Precondition::Version),
    ];
    let put = (0_u8..6, proptest::option::of(0_u8..3), expect, 0_u8..40).prop_map(
        |(key, owner, expect, lasts)| StoreAction::Put {
            key,
            owner,
            expect,
            lasts,
        },
    );
    let charges = vec((0_u8..3, 0_u32..4, 0_u32..7, 0_u8..40, any::<bool>()), 0..4);
    let reserve =
        (0_u8..8, 0_u8..3, charges).prop_map(|(ticket, group, charges)| StoreAction::Reserve {
            ticket,
            group,
            charges,
        });
    let back = prop_oneof![
        Just(Refunds::None),
        Just(Refunds::All),
        (0_u8..3).prop_map(Refunds::One)
    ];
    let settle = (0_u8..8, 0_u8..3, back).prop_map(|(ticket, group, how)| StoreAction::Settle {
        ticket,
        group,
        how,
    });
    let step = prop_oneof![
        4 => (0_u8..6).prop_map(StoreAction::Get),
        8 => put,
        2 => (0_u8..6).prop_map(StoreAction::Take),
        1 => (0_u8..6).prop_map(StoreAction::Delete),
        2 => (0_u8..3).prop_map(StoreAction::Owned),
        1 => (0_u8..2, 0_usize..6).prop_map(|(kind, limit)| StoreAction::Scan(kind, limit)),
        10 => reserve,
        6 => settle,
        4 => (0_u8..3).prop_map(StoreAction::Usage),
        1 => (0_u8..3, 0_u8..3).prop_map(|(group, counter)| StoreAction::Reset(group, counter)),
        2 => (0_usize..5).prop_map(StoreAction::Sweep),
        5 => (0_u8..15).prop_map(StoreAction::Wait),
        2 => (0..=SKEW as u8).prop_map(StoreAction::Rewind),
        1 => Just(StoreAction::Reopen),
    ];
    vec(step, 1..longest)
}

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

#[derive(Clone)]
struct Counter {
    window: u64,
    ends_at: Timestamp,
    used: u32,
}

struct Charged {
    ends_at: Timestamp,
    counters: BTreeMap<String, (u64, u32)>,
}

/// The contract in the plainest form there is.
#[derive(Default)]
struct Model {
    records: HashMap<Key, (Record, Option<u8>)>,
    counters: HashMap<(Group, String), Counter>,
    tickets: HashMap<(Group, ReservationId), Charged>,
    windows: u64,
}

impl Model {
    fn get(&self, key: Key, now: Timestamp) -> Option<&Record> {
        self.records
            .get(&key)
            .map(|(record, _)| record)
            .filter(|record| now < record.expires_at)
    }

    fn put(
        &mut self,
        key: Key,
        owner: Option<u8>,
        expect: Precondition,
        bytes: Vec<u8>,
        end: Timestamp,
        now: Timestamp,
    ) -> PutOutcome {
        let live = self.get(key, now).map(|record| record.version);
        let holds = match expect {
            Precondition::Any => true,
            Precondition::Absent => live.is_none(),
            Precondition::Version(version) => live == Some(version),
        };
        if !holds {
            return PutOutcome::Conflict;
        }
        let kept = self
            .records
            .get(&key)
            .and_then(|(_, owner)| *owner)
            .filter(|_| live.is_some());
        let version = live.unwrap_or(0) + 1;
        self.records.insert(
            key,
            (
                Record {
                    bytes,
                    version,
                    expires_at: end,
                },
                owner.or(kept),
            ),
        );
        PutOutcome::Stored(version)
    }

    fn take(&mut self, key: Key, now: Timestamp) -> Option<Record> {
        self.get(key, now)?;
        self.records.remove(&key).map(|(record, _)| record)
    }

    fn keys_by_owner(&self, owner: u8, now: Timestamp) -> Vec<Key> {
        let owned = self
            .records
            .iter()
            .filter(|(_, (record, of))| *of == Some(owner) && now < record.expires_at);
        owned.map(|(key, _)| *key).collect()
    }

    fn scan(&self, kind: RecordKind, now: Timestamp) -> HashMap<Key, Record> {
        let live = self
            .records
            .iter()
            .filter(|(key, (record, _))| key.kind == kind && now < record.expires_at);
        live.map(|(key, (record, _))| (*key, record.clone()))
            .collect()
    }

    fn counter(&self, group: &Group, key: &str, now: Timestamp) -> Option<Counter> {
        self.counters
            .get(&(group.clone(), key.to_owned()))
            .filter(|counter| now < counter.ends_at)
            .cloned()
    }

    fn reserve(
        &mut self,
        ticket: ReservationId,
        group: &Group,
        charges: &[Charge],
        now: Timestamp,
    ) -> ReservationOutcome {
        let name = (group.clone(), ticket);
        if self
            .tickets
            .get(&name)
            .is_some_and(|ticket| now < ticket.ends_at)
        {
            return ReservationOutcome::Granted;
        }
        let mut after = HashMap::new();
        let mut charged = Charged {
            ends_at: now,
            counters: BTreeMap::new(),
        };
        for charge in charges {
            self.windows += 1;
            let fresh = Counter {
                window: self.windows,
                ends_at: now + charge.window,
                used: 0,
            };
            let running = after
                .get(&charge.key)
                .cloned()
                .or_else(|| self.counter(group, &charge.key, now));
            let mut counter = running.unwrap_or(fresh);
            if counter.used + charge.amount > charge.limit {
                return ReservationOutcome::Refused {
                    counter: charge.key.clone(),
                    retry_at: counter.ends_at,
                };
            }
            if charge.amount == 0 {
                continue;
            }
            counter.used += charge.amount;
            if charge.renews {
                counter.ends_at = counter.ends_at.max(now + charge.window);
            }
            charged.ends_at = charged.ends_at.max(counter.ends_at);
            charged
                .counters
                .entry(charge.key.clone())
                .or_insert((counter.window, 0))
                .1 += charge.amount;
            after.insert(charge.key.clone(), counter);
        }
        for (key, counter) in after {
            self.counters.insert((group.clone(), key), counter);
        }
        if !charged.counters.is_empty() {
            self.tickets.insert(name, charged);
        }
        ReservationOutcome::Granted
    }

    fn settle(&mut self, ticket: ReservationId, group: &Group, how: &SettleMode, now: Timestamp) {
        let name = (group.clone(), ticket);
        if self
            .tickets
            .get(&name)
            .is_none_or(|ticket| ticket.ends_at <= now)
        {
            return;
        }
        let Some(charged) = self.tickets.remove(&name) else {
            return;
        };
        for (key, (window, amount)) in charged.counters {
            let stays = match how {
                SettleMode::Keep => true,
                SettleMode::Refund => false,
                SettleMode::RefundOnly(keys) => !keys.contains(&key),
            };
            if stays {
                continue;
            }
            let Some(mut counter) = self
                .counter(group, &key, now)
                .filter(|counter| counter.window == window)
            else {
                continue;
            };
            counter.used -= amount;
            let name = (group.clone(), key);
            if counter.used == 0 {
                self.counters.remove(&name);
            } else {
                self.counters.insert(name, counter);
            }
        }
    }

    fn usage(&self, group: &Group, now: Timestamp) -> Vec<Usage> {
        let usage = |key| {
            self.counter(group, key, now)
                .map_or(Usage::default(), |counter| Usage {
                    used: counter.used,
                    resets_at: Some(counter.ends_at),
                })
        };
        COUNTERS.into_iter().map(usage).collect()
    }
}

/// Runs a history on a store and on the model, and compares every answer. `reopen` gives the store
/// back after a restart.
pub async fn agrees(
    mut store: Arc<dyn Store>,
    reopen: impl AsyncFn(Arc<dyn Store>) -> Arc<dyn Store>,
    history: Vec<StoreAction>,
) {
    let mut model = Model::default();
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
                model.records.remove(&key(name));
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
                model.counters.remove(&(group(of), counter.to_owned()));
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
