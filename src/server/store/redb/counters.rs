//! Counters and reservations, within a transaction.

use std::collections::BTreeMap;

use redb::{ReadTransaction, ReadableTable};

use crate::domain::timestamp::Timestamp;
use crate::server::store::redb::tables::{
    COUNTERS, ChargedCounter, Counter, CounterRow, StoredReservation, Tables,
};
use crate::server::store::{
    Charge, Group, ReservationId, ReservationOutcome, SettleMode, StoreError, Usage,
};

/// The prefix of the row names of a group. No group's prefix is the prefix of another's.
pub(super) struct GroupPrefix(Vec<u8>);

impl GroupPrefix {
    pub(super) fn of(group: &Group) -> Self {
        Self(match group {
            Group::Address(prefix) => [
                b"a",
                (prefix.len() as u64).to_be_bytes().as_slice(),
                prefix.as_bytes(),
            ]
            .concat(),
            Group::Identifier(hash) => [b"i", hash.as_slice()].concat(),
            Group::Service => b"s".to_vec(),
        })
    }

    pub(super) fn counter(&self, key: &str) -> Vec<u8> {
        [self.0.as_slice(), key.as_bytes()].concat()
    }

    fn reservation(&self, id: ReservationId) -> Vec<u8> {
        [self.0.as_slice(), &id.0].concat()
    }
}

/// A counter before and after a reservation.
struct PlannedCharge {
    old: Option<Counter>,
    new: Counter,
    amount: u32,
}

impl Tables<'_> {
    pub(super) fn reserve(
        &mut self,
        id: ReservationId,
        group: &GroupPrefix,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<ReservationOutcome, StoreError> {
        let reservation_name = group.reservation(id);
        let earlier = self
            .reservation(&reservation_name)?
            .map(|earlier| earlier.expires_at);
        if earlier.is_some_and(|end| now < end) {
            return Ok(ReservationOutcome::Granted);
        }
        let mut plans: BTreeMap<Vec<u8>, PlannedCharge> = BTreeMap::new();
        for charge in charges {
            let name = group.counter(&charge.key);
            let plan = match plans.remove(&name) {
                Some(plan) => plan,
                None => {
                    let old = find_counter(&self.counters, &name)?;
                    let fresh = Counter {
                        window: id.0,
                        ends_at: now + charge.window,
                        used: 0,
                    };
                    PlannedCharge {
                        old,
                        new: old.filter(|old| now < old.ends_at).unwrap_or(fresh),
                        amount: 0,
                    }
                }
            };
            let Some(used) = plan
                .new
                .used
                .checked_add(charge.amount)
                .filter(|used| *used <= charge.limit)
            else {
                return Ok(ReservationOutcome::Refused {
                    counter: charge.key.clone(),
                    retry_at: plan.new.ends_at,
                });
            };
            // Cannot overflow: `used` is the sum of both.
            let amount = plan.amount + charge.amount;
            let renewed = if charge.renews && charge.amount > 0 {
                now + charge.window
            } else {
                plan.new.ends_at
            };
            if amount > 0 {
                let new = Counter {
                    used,
                    ends_at: plan.new.ends_at.max(renewed),
                    ..plan.new
                };
                plans.insert(
                    name,
                    PlannedCharge {
                        new,
                        amount,
                        ..plan
                    },
                );
            }
        }
        let Some(expires_at) = plans.values().map(|plan| plan.new.ends_at).max() else {
            return Ok(ReservationOutcome::Granted);
        };
        let mut charged = Vec::with_capacity(plans.len());
        for (counter, plan) in plans {
            self.set_counter(&counter, plan.old, Some(plan.new))?;
            charged.push(ChargedCounter {
                counter,
                window: plan.new.window,
                amount: plan.amount,
            });
        }
        self.set_reservation(
            &reservation_name,
            earlier,
            Some(&StoredReservation {
                expires_at,
                charged,
            }),
        )?;
        Ok(ReservationOutcome::Granted)
    }

    pub(super) fn reserve_in_order(
        &mut self,
        requests: &[(ReservationId, GroupPrefix, Vec<Charge>)],
        now: Timestamp,
    ) -> Result<Vec<ReservationOutcome>, StoreError> {
        let mut answers = Vec::with_capacity(requests.len());
        for (id, group, charges) in requests {
            answers.push(self.reserve(*id, group, charges, now)?);
            if answers.last() != Some(&ReservationOutcome::Granted) {
                break;
            }
        }
        Ok(answers)
    }

    pub(super) fn settle(
        &mut self,
        id: ReservationId,
        group: &GroupPrefix,
        mode: &SettleMode,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let name = group.reservation(id);
        let Some(reservation) = self
            .reservation(&name)?
            .filter(|reservation| now < reservation.expires_at)
        else {
            return Ok(());
        };
        let is_refunded = |charged: &&ChargedCounter| match mode {
            SettleMode::Keep => false,
            SettleMode::Refund => true,
            SettleMode::RefundOnly(keys) => {
                keys.iter().any(|key| group.counter(key) == charged.counter)
            }
        };
        for charged in reservation.charged.iter().filter(is_refunded) {
            self.refund(charged, now)?;
        }
        self.set_reservation(&name, Some(reservation.expires_at), None)
    }

    fn refund(&mut self, charged: &ChargedCounter, now: Timestamp) -> Result<(), StoreError> {
        let old = find_counter(&self.counters, &charged.counter)?;
        let Some(counter) = old.filter(|old| old.window == charged.window && now < old.ends_at)
        else {
            return Ok(());
        };
        let used = counter.used.saturating_sub(charged.amount);
        let new = (used > 0).then_some(Counter { used, ..counter });
        self.set_counter(&charged.counter, old, new)
    }

    pub(super) fn reset(&mut self, names: &[Vec<u8>]) -> Result<(), StoreError> {
        for name in names {
            if let Some(old) = find_counter(&self.counters, name)? {
                self.set_counter(name, Some(old), None)?;
            }
        }
        Ok(())
    }
}

pub(super) fn usage(
    transaction: &ReadTransaction,
    group: &GroupPrefix,
    keys: &[&str],
    now: Timestamp,
) -> Result<Vec<Usage>, StoreError> {
    let counters = transaction.open_table(COUNTERS)?;
    keys.iter()
        .map(|key| {
            let counter = find_counter(&counters, &group.counter(key))?
                .filter(|counter| now < counter.ends_at);
            Ok(counter.map_or_else(Usage::default, |counter| Usage {
                used: counter.used,
                resets_at: Some(counter.ends_at),
            }))
        })
        .collect()
}

/// Reads a counter, live or not.
fn find_counter(
    table: &impl ReadableTable<&'static [u8], CounterRow>,
    name: &[u8],
) -> Result<Option<Counter>, StoreError> {
    Ok(table.get(name)?.map(|row| {
        let (window, ends, used) = row.value();
        Counter {
            window: *window,
            ends_at: Timestamp::from_millis(ends),
            used,
        }
    }))
}
