//! Data about the store itself: the fingerprints of the keys it is used with, and the time of its
//! last use.
//!
//! Both are compared when a store is opened. With another index key, counters, recognised devices
//! and session lists would be lost without an error. With a wrong clock, sessions would never
//! expire, or all data would expire and be removed.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::crypto::fingerprint::Fingerprint;
use crate::server::crypto::hash::sha256;
use crate::server::store::{Key, Precondition, PutOutcome, RecordKind, Store, StoreError};

/// How far the clock may be behind the last use. Clocks are adjusted, and machines keep local time
/// by mistake.
const MAX_BEHIND: Duration = Duration::from_secs(86_400);
/// How far the clock may be ahead of the last use. A store is rarely unused for longer.
const MAX_AHEAD: Duration = Duration::from_secs(90 * 86_400);
/// Metadata never expires.
const NO_EXPIRY: Duration = Duration::from_secs(1000 * 365 * 86_400);

/// The fingerprints of the keys that the store was last used with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFingerprints {
    /// The key that makes the indexes.
    pub index: Fingerprint,
    /// The key that encrypted the newest records.
    #[serde(rename = "sealing")]
    pub encryption: Fingerprint,
}

impl KeyFingerprints {
    fn of(keys: &DerivedKeys) -> Self {
        Self {
            index: keys.index_fingerprint().clone(),
            encryption: keys.encryption_fingerprint().clone(),
        }
    }

    /// What would be lost with these keys, if they are not those of the store.
    pub fn find_mismatch(&self, keys: &DerivedKeys) -> Option<KeyMismatch> {
        if self.index != *keys.index_fingerprint() {
            return Some(KeyMismatch::Index {
                stored: self.index.clone(),
                configured: keys.index_fingerprint().clone(),
            });
        }
        (!keys.can_decrypt(&self.encryption)).then(|| KeyMismatch::Encryption {
            stored: self.encryption.clone(),
        })
    }
}

/// The configured keys do not fit the store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the names say it")]
pub enum KeyMismatch {
    /// Everything that is found by a keyed hash would be lost.
    #[error(
        "the store was made with another index key (fingerprint {stored}; now it is \
         {configured}): failures, locks and budgets by \
         number, recognised devices and the lists of sessions by user would be forgotten. Name \
         the key that was in use before as \
         the last one of secrets.previous_keys or secrets.previous_key_files; or, to give all \
         that up, set \
         secrets.accept_index = \"{configured}\""
    )]
    Index {
        stored: Fingerprint,
        configured: Fingerprint,
    },
    /// The newest records could not be decrypted.
    #[error(
        "the store's records were encrypted with a key (fingerprint {stored}) that is not among \
         secrets.key and \
         secrets.previous_keys: those sessions are lost, and users must sign in again"
    )]
    Encryption { stored: Fingerprint },
}

/// The clock is far from the store's last use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ClockMismatch {
    /// Nothing would expire in time.
    #[error(
        "the clock says {}, and the store was in use at {} already: nothing would expire in time. \
         Set the clock; if it is \
         right and was wrong then, set store.accept_last_use = \
         \"{}\"", now.to_rfc3339(), last_use.to_rfc3339(), last_use.to_rfc3339()
    )]
    Behind { now: Timestamp, last_use: Timestamp },
    /// Everything would have expired.
    #[error(
        "the clock says {}, and the store was last in use at {}: everything in it would have \
         expired, and be removed. Set the \
         clock; if it is right, set store.accept_last_use = \
         \"{}\"", now.to_rfc3339(), last_use.to_rfc3339(), last_use.to_rfc3339()
    )]
    Ahead { now: Timestamp, last_use: Timestamp },
}

/// Compares the clock with the last use of a store.
///
/// # Errors
/// [`ClockMismatch`]: more than a day behind it, or more than 90 days ahead.
pub fn check_clock(last_use: Timestamp, now: Timestamp) -> Result<(), ClockMismatch> {
    if now < last_use.saturating_sub(MAX_BEHIND) {
        return Err(ClockMismatch::Behind { now, last_use });
    }
    if now > last_use + MAX_AHEAD {
        return Err(ClockMismatch::Ahead { now, last_use });
    }
    Ok(())
}

/// Reads the fingerprints of the keys that the store was last used with; none if it is new.
///
/// # Errors
/// [`StoreError`].
pub async fn read_key_fingerprints(
    store: &dyn Store,
) -> Result<Option<KeyFingerprints>, StoreError> {
    Ok(read_value(store, fingerprints_key())
        .await?
        .map(|(value, _)| value))
}

/// Stores the fingerprints of the keys in use, unless the stored ones are not those `expected`.
///
/// # Errors
/// [`StoreError`].
pub async fn write_key_fingerprints(
    store: &dyn Store,
    expected: Option<&KeyFingerprints>,
    keys: &DerivedKeys,
    now: Timestamp,
) -> Result<PutOutcome, StoreError> {
    let precondition = match (
        expected,
        read_value::<KeyFingerprints>(store, fingerprints_key()).await?,
    ) {
        (None, _) => Precondition::Absent,
        (Some(expected), Some((found, version))) if *expected == found => {
            Precondition::Version(version)
        }
        (Some(_), _) => return Ok(PutOutcome::Conflict),
    };
    write_value(
        store,
        fingerprints_key(),
        precondition,
        &KeyFingerprints::of(keys),
        now,
    )
    .await
}

/// Reads the time of the store's last use; none if it is new.
///
/// # Errors
/// [`StoreError`].
pub async fn read_last_use(store: &dyn Store) -> Result<Option<Timestamp>, StoreError> {
    Ok(read_value(store, last_use_key())
        .await?
        .map(|(time, _)| time))
}

/// Stores `now` as the time of the store's last use.
///
/// # Errors
/// [`StoreError`].
pub async fn write_last_use(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    write_value(store, last_use_key(), Precondition::Any, &now, now)
        .await
        .map(|_| ())
}

/// Decodes a value from a record of the store or of a backup.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes)
        .map_err(|_| StoreError::Corrupt("the metadata of the store".to_owned()))
}

/// The key of the stored fingerprints.
pub(super) fn fingerprints_key() -> Key {
    Key {
        kind: RecordKind::Metadata,
        id: sha256(b"latchkey keys v1"),
    }
}

/// How long the record of a probe is kept.
pub(super) const PROBE_LIFETIME: Duration = Duration::from_secs(60);
/// The size of the record of a probe in bytes: more than a sign-in needs at once, so that a store
/// that has space for a probe has it for a sign-in.
pub(super) const PROBE_SIZE: usize = 4096;

/// The key of the record that a probe writes. With another number it is in another slot of a
/// Cluster.
pub(super) fn probe_key(number: u8) -> Key {
    Key {
        kind: RecordKind::Metadata,
        id: sha256(format!("latchkey probe v1 {number}").as_bytes()),
    }
}

fn last_use_key() -> Key {
    Key {
        kind: RecordKind::Metadata,
        id: sha256(b"latchkey last use v1"),
    }
}

/// Reads with the time 0, at which nothing has expired, because the clock may be wrong.
async fn read_value<T: DeserializeOwned>(
    store: &dyn Store,
    key: Key,
) -> Result<Option<(T, u64)>, StoreError> {
    let Some(record) = store.get(key, Timestamp::default()).await? else {
        return Ok(None);
    };
    Ok(Some((decode(&record.bytes)?, record.version)))
}

async fn write_value(
    store: &dyn Store,
    key: Key,
    precondition: Precondition,
    value: &impl Serialize,
    now: Timestamp,
) -> Result<PutOutcome, StoreError> {
    let bytes =
        serde_json::to_vec(value).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    store
        .put(key, None, precondition, bytes, now + NO_EXPIRY, now)
        .await
}
