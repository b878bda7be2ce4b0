//! The format of records, so that nodes of two versions can share one store during an upgrade.
//!
//! - A record carries the number of its format. A later format may add fields, which an earlier
//!   version keeps when it writes the record back ([`LaterFields`]).
//! - The store carries the oldest format that every node must know. A version that no longer writes
//!   what earlier ones can use raises it, and earlier ones are refused ([`claim`]).

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::sha256;
use crate::server::store::{Key, Precondition, PutOutcome, RecordKind, Store, StoreError};

/// The format of the records that this version writes. A field that is added needs the next number.
pub const RECORD_FORMAT: u32 = 3;
/// The oldest format that a node must know to use the records that this version writes. It is
/// raised when a field changes its meaning or is left out.
pub const OLDEST_READER: u32 = 1;
/// The first format; a record or store without a number has it.
const FIRST_FORMAT: u32 = 1;
/// The requirement never expires.
const NO_EXPIRY: Duration = Duration::from_secs(1000 * 365 * 86_400);

/// What a record carries besides the fields that this version knows: the number of its format, and
/// fields that a later version added. Flattened into the record, at its top level, where new fields
/// belong.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterFields {
    #[serde(
        default = "first_format",
        rename = "format",
        skip_serializing_if = "is_first_format"
    )]
    format: u32,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

impl Default for LaterFields {
    fn default() -> Self {
        Self {
            format: RECORD_FORMAT,
            unknown: Map::new(),
        }
    }
}

/// The values may be personal data.
impl fmt::Debug for LaterFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "format {} and {} unknown fields",
            self.format,
            self.unknown.len()
        )
    }
}

fn first_format() -> u32 {
    FIRST_FORMAT
}

fn is_first_format(format: &u32) -> bool {
    *format == FIRST_FORMAT
}

/// What a store requires of the nodes that use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormatRequirement {
    /// The oldest format that a node must know.
    pub oldest_reader: u32,
    /// The version that requires it, for messages.
    pub version: String,
}

/// This version must not use the store.
#[derive(Debug, thiserror::Error)]
pub enum ClaimFormatError {
    /// A later version requires more.
    #[error(
        "version {version} uses this store too, and its records need format {oldest_reader}; this \
         version knows format {RECORD_FORMAT}: run a later version on this node"
    )]
    TooOld {
        /// The format that is required.
        oldest_reader: u32,
        /// The version that requires it.
        version: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Checks that this version may use the store, and stores what it requires of other nodes. Nodes
/// that run check it again from time to time.
///
/// # Errors
/// [`ClaimFormatError`].
pub async fn claim(store: &dyn Store, now: Timestamp) -> Result<(), ClaimFormatError> {
    loop {
        let found = read_requirement(store).await?;
        let (oldest_reader, precondition) = match &found {
            Some((found, version)) => (found.oldest_reader, Precondition::Version(*version)),
            None => (FIRST_FORMAT, Precondition::Absent),
        };
        if oldest_reader > RECORD_FORMAT {
            return Err(ClaimFormatError::TooOld {
                oldest_reader,
                version: found.map(|(found, _)| found.version).unwrap_or_default(),
            });
        }
        if oldest_reader >= OLDEST_READER {
            return Ok(());
        }
        let required = FormatRequirement {
            oldest_reader: OLDEST_READER,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        // Another node may have been first, which may require more.
        if let PutOutcome::Stored(_) = require(store, &required, precondition, now).await? {
            return Ok(());
        }
    }
}

/// Stores what nodes must know from now on.
///
/// # Errors
/// The store's.
pub async fn require(
    store: &dyn Store,
    required: &FormatRequirement,
    precondition: Precondition,
    now: Timestamp,
) -> Result<PutOutcome, StoreError> {
    let bytes =
        serde_json::to_vec(required).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let expires_at = now + NO_EXPIRY;
    store
        .put(key(), None, precondition, bytes, expires_at, now)
        .await
}

/// Reads with the time 0, at which nothing has expired, because the clock may be wrong.
async fn read_requirement(
    store: &dyn Store,
) -> Result<Option<(FormatRequirement, u64)>, StoreError> {
    let Some(record) = store.get(key(), Timestamp::default()).await? else {
        return Ok(None);
    };
    let required = serde_json::from_slice(&record.bytes)
        .map_err(|_| StoreError::Corrupt("the format that the store requires".to_owned()))?;
    Ok(Some((required, record.version)))
}

fn key() -> Key {
    Key {
        kind: RecordKind::Metadata,
        id: sha256(b"latchkey record format v1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::store::redb::{RedbOptions, RedbStore};

    #[derive(Serialize, Deserialize)]
    struct TestRecord {
        known: u32,
        #[serde(flatten)]
        later: LaterFields,
    }

    #[test]
    fn a_record_keeps_the_fields_and_the_format_of_a_later_version() {
        let text = r#"{"known":1,"format":7,"added":{"a":[1,null]},"other":"x"}"#;
        let mut record: TestRecord = serde_json::from_str(text).unwrap();
        record.known = 2;
        let written: Value = serde_json::to_value(&record).unwrap();
        assert_eq!(
            written,
            serde_json::json!({"known":2,"format":7,"added":{"a":[1,null]},"other":"x"})
        );
        assert!(!format!("{:?}", record.later).contains("added"));
        // The first format has no number, so that records are as they were before it had one.
        let first: TestRecord = serde_json::from_str(r#"{"known":1}"#).unwrap();
        assert_eq!(serde_json::to_string(&first).unwrap(), r#"{"known":1}"#);
    }

    #[tokio::test]
    async fn a_store_that_requires_a_later_format_is_refused() {
        let store = RedbStore::in_memory(RedbOptions::default()).unwrap();
        let now = Timestamp::from_secs(1_000_000);
        claim(&store, now).await.unwrap();
        assert_eq!(read_requirement(&store).await.unwrap(), None, "nothing new");
        for (oldest_reader, is_refused) in [(RECORD_FORMAT, false), (RECORD_FORMAT + 1, true)] {
            let required = FormatRequirement {
                oldest_reader,
                version: "9.1.0".to_owned(),
            };
            require(&store, &required, Precondition::Any, now)
                .await
                .unwrap();
            let claimed = claim(&store, now).await;
            assert_eq!(claimed.is_err(), is_refused, "{oldest_reader}");
            if let Err(error) = claimed {
                assert!(error.to_string().contains("version 9.1.0"), "{error}");
            }
        }
    }
}
