//! What a store says of itself: with which keys its contents were made, and when it was last in
//! use.
//!
//! Whoever opens a store compares. Another index key would forget counters, known browsers and
//! lists without a word; a clock that is far off would keep sessions alive for ever, or end and
//! remove everything at once.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::{DerivedKeys, Fingerprint, sha256};
use crate::server::store::{Key, Precondition, PutOutcome, RecordKind, Store, StoreError};

/// How far the clock may be behind the last use: clocks are set, and machines keep local time by
/// mistake.
const BEHIND: Duration = Duration::from_secs(86_400);
/// How far it may be ahead: a store that rested longer is rare, and a clock that runs ahead removes
/// everything.
const AHEAD: Duration = Duration::from_secs(90 * 86_400);
/// For how long a mark stands: it never expires.
const FOR_EVER: Duration = Duration::from_secs(1000 * 365 * 86_400);

/// The keys that a store was in use with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFingerprints {
    /// Makes the indexes.
    pub index: Fingerprint,
    /// Sealed what was written last.
    pub sealing: Fingerprint,
}

impl KeyFingerprints {
    fn of(keys: &DerivedKeys) -> Self {
        Self {
            index: keys.index_fingerprint().clone(),
            sealing: keys.sealing_fingerprint().clone(),
        }
    }

    /// What these keys would lose of the store; nothing if they are its own.
    pub fn loss(&self, keys: &DerivedKeys) -> Option<KeyMismatch> {
        if self.index != *keys.index_fingerprint() {
            return Some(KeyMismatch::Index {
                made_with: self.index.clone(),
                ours: keys.index_fingerprint().clone(),
            });
        }
        (!keys.can_open(&self.sealing)).then(|| KeyMismatch::Sealed {
            with: self.sealing.clone(),
        })
    }
}

/// What is lost of a store with other keys than it was in use with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyMismatch {
    /// Everything that is found by a keyed hash.
    #[error(
        "the store was made with another index key (fingerprint {made_with}; now it is {ours}): failures, locks and budgets by \
         number, known browsers and the lists of sessions by user would be forgotten. Name the key that was in use before as \
         the last one of secrets.previous_keys or secrets.previous_key_files; or, to give all that up, set \
         secrets.accept_index = \"{ours}\""
    )]
    Index {
        /// What the store says.
        made_with: Fingerprint,
        /// What the settings give.
        ours: Fingerprint,
    },
    /// What was sealed last.
    #[error(
        "what the store holds was sealed with a key (fingerprint {with}) that is not among secrets.key and \
         secrets.previous_keys: those sessions are over, and people sign in again"
    )]
    Sealed {
        /// What the key is called.
        with: Fingerprint,
    },
}

/// The clock is far from when the store was last in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongClock {
    /// Nothing would expire in time.
    #[error(
        "the clock says {}, and the store was in use at {} already: nothing would expire in time. Set the clock; if it is \
         right and was wrong then, set store.accept_last_use = \"{}\"", now.to_rfc3339(), last_use.to_rfc3339(), last_use.to_rfc3339()
    )]
    Behind {
        /// What it says.
        now: Timestamp,
        /// When the store was last in use.
        last_use: Timestamp,
    },
    /// Everything would have expired.
    #[error(
        "the clock says {}, and the store was last in use at {}: everything in it would have expired, and be removed. Set the \
         clock; if it is right, set store.accept_last_use = \"{}\"", now.to_rfc3339(), last_use.to_rfc3339(), last_use.to_rfc3339()
    )]
    Ahead {
        /// What it says.
        now: Timestamp,
        /// When the store was last in use.
        last_use: Timestamp,
    },
}

/// Compares the clock with the last use of a store.
///
/// # Errors
/// [`WrongClock`]: more than a day behind it, or more than 90 days ahead.
pub fn compare_clock(last_use: Timestamp, now: Timestamp) -> Result<(), WrongClock> {
    if now < last_use.saturating_sub(BEHIND) {
        return Err(WrongClock::Behind { now, last_use });
    }
    if now > last_use + AHEAD {
        return Err(WrongClock::Ahead { now, last_use });
    }
    Ok(())
}

/// The keys that the store was last in use with; none if it is new.
///
/// # Errors
/// The store's.
pub async fn keys_of(store: &dyn Store) -> Result<Option<KeyFingerprints>, StoreError> {
    Ok(read(store, keys_key()).await?.map(|(mark, _)| mark))
}

/// Writes down which keys the store is in use with from now on: over no mark, or over that one.
///
/// # Errors
/// The store's.
pub async fn mark_keys(
    store: &dyn Store,
    over: Option<&KeyFingerprints>,
    keys: &DerivedKeys,
    now: Timestamp,
) -> Result<PutOutcome, StoreError> {
    let expect = match (over, read::<KeyFingerprints>(store, keys_key()).await?) {
        (None, _) => Precondition::Absent,
        (Some(over), Some((found, version))) if *over == found => Precondition::Version(version),
        (Some(_), _) => return Ok(PutOutcome::Conflict),
    };
    write(store, keys_key(), expect, &KeyFingerprints::of(keys), now).await
}

/// When the store was last in use; none if it is new.
///
/// # Errors
/// The store's.
pub async fn last_use(store: &dyn Store) -> Result<Option<Timestamp>, StoreError> {
    Ok(read(store, use_key()).await?.map(|(time, _)| time))
}

/// Writes down that the store is in use.
///
/// # Errors
/// The store's.
pub async fn mark_use(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    write(store, use_key(), Precondition::Any, &now, now)
        .await
        .map(|_| ())
}

/// Reads a mark of a record, as it lies in a store or in a backup.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes)
        .map_err(|_| StoreError::Corrupt("what the store says of itself".to_owned()))
}

/// Where the mark of the keys lies.
pub(super) fn keys_key() -> Key {
    Key {
        kind: RecordKind::Mark,
        id: sha256(b"latchkey keys v1"),
    }
}

fn use_key() -> Key {
    Key {
        kind: RecordKind::Mark,
        id: sha256(b"latchkey last use v1"),
    }
}

/// At the beginning of time nothing has expired: a mark is found whatever the clock says.
async fn read<T: DeserializeOwned>(
    store: &dyn Store,
    key: Key,
) -> Result<Option<(T, u64)>, StoreError> {
    let Some(record) = store.get(key, Timestamp::default()).await? else {
        return Ok(None);
    };
    Ok(Some((decode(&record.bytes)?, record.version)))
}

async fn write(
    store: &dyn Store,
    key: Key,
    expect: Precondition,
    mark: &impl Serialize,
    now: Timestamp,
) -> Result<PutOutcome, StoreError> {
    let bytes = serde_json::to_vec(mark).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    store
        .put(key, None, expect, bytes, now + FOR_EVER, now)
        .await
}
