//! Revocation epochs: numbers that order revocations and sign-ins.
//!
//! They only grow, whatever the clocks of the nodes say, and the newest one is stored. A session
//! keeps the epoch that was the newest when its code arrived; a later revocation ends it.

use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::store::{Key, Record, RecordKind, StoreError};

/// The key of the operator's newest epochs; no keyed hash is all zeros.
pub(super) const NEWEST_REVOCATION: Key = Key {
    kind: RecordKind::RevokedBefore,
    id: [0; 32],
};
/// The key of the newest epoch at which a user revoked their other sessions; no hash is all ones.
pub(super) const NEWEST_USER_REVOCATION: Key = Key {
    kind: RecordKind::RevokedBefore,
    id: [0xff; 32],
};
/// How much longer the newest epoch is kept than those of users, which are written after it. If it
/// expired first, every code would seem to be older than their revocation.
pub(super) const NEWEST_KEPT_LONGER: Duration = Duration::from_secs(60);

/// The newest revocations when a code arrived.
#[derive(Clone, Copy, Debug, Default)]
pub struct RevocationEpoch {
    /// By the operator. The session keeps it.
    pub(super) by_operator: u64,
    /// By a user, of their other sessions.
    pub(super) by_user: u64,
}

/// The operator's newest revocations.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Revocations {
    /// The newest one of any user's sessions; 0 before the first.
    pub newest: u64,
    /// The newest one of everybody's sessions.
    pub of_everybody: u64,
}

impl Revocations {
    /// Reads the record at [`NEWEST_REVOCATION`].
    pub(super) fn read(record: Option<&Record>) -> Result<Self, StoreError> {
        let [newest, of_everybody] = read_epochs(record)?;
        Ok(Self {
            newest,
            of_everybody,
        })
    }
}

/// The epoch after the newest one. It is near the time of day, so that it is the highest one even
/// if the store has lost its latest writes.
pub(super) fn next_epoch(newest: u64, now: Timestamp) -> u64 {
    now.as_millis().max(newest.saturating_add(1))
}

/// Whether an epoch is older than the one of a record, if there is a record.
pub(super) fn is_before(epoch: u64, record: Option<&Record>) -> Result<bool, StoreError> {
    let [revoked] = read_epochs(record)?;
    Ok(epoch < revoked)
}

/// The epochs of a record; all 0 if there is none.
pub(super) fn read_epochs<const N: usize>(record: Option<&Record>) -> Result<[u64; N], StoreError> {
    let Some(record) = record else {
        return Ok([0; N]);
    };
    let corrupt = || StoreError::Corrupt("a revocation".to_owned());
    let (epochs, []) = record.bytes.as_chunks() else {
        return Err(corrupt());
    };
    let epochs: &[[u8; 8]; N] = epochs.try_into().map_err(|_| corrupt())?;
    Ok(epochs.map(u64::from_be_bytes))
}
