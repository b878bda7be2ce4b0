//! The contract in its simplest form: maps in memory.

use std::collections::{BTreeMap, HashMap};

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::store::{
    Charge, Group, Key, Precondition, PutOutcome, Record, RecordKind, ReservationId,
    ReservationOutcome, SettleMode, Usage,
};

use super::COUNTERS;

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

#[derive(Default)]
pub struct MapStore {
    records: HashMap<Key, (Record, Option<u8>)>,
    counters: HashMap<(Group, String), Counter>,
    tickets: HashMap<(Group, ReservationId), Charged>,
    windows: u64,
}

impl MapStore {
    pub fn get(&self, key: Key, now: Timestamp) -> Option<&Record> {
        self.records
            .get(&key)
            .map(|(record, _)| record)
            .filter(|record| now < record.expires_at)
    }

    pub fn put(
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

    pub fn take(&mut self, key: Key, now: Timestamp) -> Option<Record> {
        self.get(key, now)?;
        self.records.remove(&key).map(|(record, _)| record)
    }

    pub fn delete(&mut self, key: Key) {
        self.records.remove(&key);
    }

    pub fn keys_by_owner(&self, owner: u8, now: Timestamp) -> Vec<Key> {
        let owned = self
            .records
            .iter()
            .filter(|(_, (record, of))| *of == Some(owner) && now < record.expires_at);
        owned.map(|(key, _)| *key).collect()
    }

    pub fn scan(&self, kind: RecordKind, now: Timestamp) -> HashMap<Key, Record> {
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

    pub fn reserve(
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

    pub fn settle(
        &mut self,
        ticket: ReservationId,
        group: &Group,
        how: &SettleMode,
        now: Timestamp,
    ) {
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

    pub fn reset(&mut self, group: &Group, counter: &str) {
        self.counters.remove(&(group.clone(), counter.to_owned()));
    }

    pub fn usage(&self, group: &Group, now: Timestamp) -> Vec<Usage> {
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
