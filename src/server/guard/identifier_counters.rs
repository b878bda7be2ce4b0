//! The counters of one identifier, for the operator.

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::Digest;
use crate::server::guard::{Device, Guard, budgets, shared_counters};
use crate::server::store::{Group, StoreError};

/// A counter that has counted something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CounterUse {
    /// The name of its limit, as in events; a recognised device's own with the device's id.
    pub name: String,
    /// What it has counted.
    pub used: u32,
    /// When it starts again.
    pub resets_at: Timestamp,
}

impl Guard {
    /// The counters of an identifier that have counted something, in a fixed order: those that
    /// unrecognised devices share, and those of its recognised devices.
    ///
    /// # Errors
    /// The store's.
    pub async fn identifier_counters(
        &self,
        identifier: Digest,
        devices: &[Digest],
        now: Timestamp,
    ) -> Result<Vec<CounterUse>, StoreError> {
        let names: Vec<String> = shared_counters()
            .chain(budgets::TOTALS.map(|kind| kind.key(None)))
            .chain(own_counters(devices))
            .collect();
        let keys: Vec<&str> = names.iter().map(String::as_str).collect();
        let group = Group::Identifier(identifier);
        let usage = self.store.usage(&group, &keys, now).await?;
        let counters = names.into_iter().zip(usage).filter_map(|(name, usage)| {
            Some(CounterUse {
                name,
                used: usage.used,
                resets_at: usage.resets_at.filter(|_| usage.used > 0)?,
            })
        });
        Ok(counters.collect())
    }

    /// Removes the counters that recognised devices of an identifier have for themselves. They are
    /// of no use once the devices are forgotten. Shared counters stay.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget_device_counters(
        &self,
        identifier: Digest,
        devices: &[Digest],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let names: Vec<String> = own_counters(devices).collect();
        let keys: Vec<&str> = names.iter().map(String::as_str).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let group = Group::Identifier(identifier);
        self.store.reset(&group, &keys, now).await
    }
}

fn own_counters(devices: &[Digest]) -> impl Iterator<Item = String> {
    devices.iter().flat_map(|id| {
        let scope = Device::Recognised(*id).counter_scope();
        budgets::PER_DEVICE.map(|kind| kind.key(scope.as_deref()))
    })
}
