//! The pseudonyms by which events name numbers, and their mapping in the store.
//!
//! A pseudonym is random and is computed from nothing. Only the mapping leads from a number to it,
//! so an erasure that deletes the mapping unlinks all lines of the past, also for somebody who has
//! `secrets.key` (GDPR, article 17). The pseudonym of a user lies in the user's sign-in history and
//! sessions (`crate::server::session`), which are erased as well.
//!
//! A mapping is made when a code is sent, because sends have budgets: requests that are refused
//! must not fill the store. A number without one is not named in events. The record is stored under
//! the keyed hash of the number, so that all nodes find the same one.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::Identifier;
use crate::domain::timestamp::Timestamp;
use crate::server::audit::AuditSubject;
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::crypto::hash::{Digest, to_hex_128};
use crate::server::store::format::LaterFields;
use crate::server::store::{Key, Precondition, PutOutcome, Record, RecordKind, Store, StoreError};
use crate::server::system::random::Random;

/// The associated data of encrypted records.
const CONTEXT: &[u8] = b"latchkey audit pseudonym v1";
/// How long the mapping of a number that is not sent a code after all is kept: longer than a flow.
const UNSENT_KEPT_FOR: Duration = Duration::from_secs(3600);
/// Nodes that name a number at the same moment conflict once. More conflicts mean a failure.
const MAX_CONFLICTS: usize = 10;

/// A new random pseudonym: 128 bits in hexadecimal.
pub fn new_pseudonym(random: &Random) -> String {
    to_hex_128(&random.bytes::<16>())
}

/// Why a number is named, which decides how long its mapping is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// A code is sent to it: 30 days, because a stranger may have asked for it.
    CodeSent,
    /// Its owner signed in: 400 days, as long as the sign-in history.
    SignedIn,
}

impl Retention {
    fn lifetime(self) -> Duration {
        let days = match self {
            Self::CodeSent => 30,
            Self::SignedIn => 400,
        };
        Duration::from_secs(days * 86_400)
    }

    /// A mapping that is kept for less than this is written again. A person who comes every day
    /// causes a write a month, and a number that is in use keeps its name.
    fn renewed_below(self) -> Duration {
        let days = match self {
            Self::CodeSent => 15,
            Self::SignedIn => 370,
        };
        Duration::from_secs(days * 86_400)
    }
}

/// The stored mapping.
#[derive(Serialize, Deserialize)]
struct StoredPseudonym {
    pseudonym: String,
    /// Kept for later versions.
    #[serde(flatten)]
    later: LaterFields,
}

/// The pseudonym of a number, and whether this call made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberName {
    /// The pseudonym.
    pub pseudonym: String,
    /// The version of the record that this call made; none if there was one.
    made: Option<u64>,
}

/// The pseudonyms of numbers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pseudonyms {
    store: Arc<dyn Store>,
    keys: Arc<DerivedKeys>,
    random: Random,
}

impl Pseudonyms {
    /// Pseudonyms in a store.
    pub fn new(store: Arc<dyn Store>, keys: Arc<DerivedKeys>, random: Random) -> Self {
        Self {
            store,
            keys,
            random,
        }
    }

    /// The subject of events about an identifier. It has no name if no code was sent to it lately,
    /// or if the store fails: an event never depends on that.
    pub async fn subject(&self, identifier: &Identifier, now: Timestamp) -> AuditSubject {
        let found = self.find(self.keys.identifier_index(identifier), now).await;
        self.named_subject(identifier, found.unwrap_or_else(log_failure))
    }

    /// The subject of events about an identifier with this pseudonym.
    pub fn named_subject(
        &self,
        identifier: &Identifier,
        pseudonym: Option<String>,
    ) -> AuditSubject {
        AuditSubject::new(identifier, pseudonym).with_key(self.keys.identifier_index(identifier))
    }

    /// The pseudonym stored under the key of an identifier.
    ///
    /// # Errors
    /// The store's.
    pub async fn find(&self, id: Digest, now: Timestamp) -> Result<Option<String>, StoreError> {
        let found = self.find_with_expiry(id, now).await?;
        Ok(found.map(|(pseudonym, _)| pseudonym))
    }

    /// The pseudonym stored under the key of an identifier, and until when it is stored.
    ///
    /// # Errors
    /// The store's.
    pub async fn find_with_expiry(
        &self,
        id: Digest,
        now: Timestamp,
    ) -> Result<Option<(String, Timestamp)>, StoreError> {
        let record = self.store.get(key(id), now).await?;
        Ok(record.and_then(|record| Some((self.decrypt(&id, &record)?, record.expires_at))))
    }

    /// The pseudonym of an identifier, which is made if there is none, and kept for at least so
    /// long. Of several nodes that make one at the same time all get the same. None if the store
    /// fails, which is logged.
    pub async fn name(
        &self,
        identifier: &Identifier,
        retention: Retention,
        now: Timestamp,
    ) -> Option<NumberName> {
        let id = self.keys.identifier_index(identifier);
        self.try_to_name(id, retention, now)
            .await
            .map(Some)
            .unwrap_or_else(log_failure)
    }

    /// [`Self::name`] as the subject of an event.
    pub async fn name_subject(
        &self,
        identifier: &Identifier,
        retention: Retention,
        now: Timestamp,
    ) -> AuditSubject {
        let name = self.name(identifier, retention, now).await;
        self.named_subject(identifier, name.map(|name| name.pseudonym))
    }

    /// Keeps a mapping that was made for a send only for a short time, because nothing is sent.
    /// Otherwise requests without a budget would fill the store.
    pub async fn shorten(&self, identifier: &Identifier, name: &NumberName, now: Timestamp) {
        let Some(version) = name.made else { return };
        let id = self.keys.identifier_index(identifier);
        let (precondition, kept_until) = (Precondition::Version(version), now + UNSENT_KEPT_FOR);
        if let Err(error) = self
            .write(id, &name.pseudonym, precondition, kept_until, now)
            .await
        {
            log_failure::<()>(error);
        }
    }

    /// Deletes the mapping under the key of an identifier. Lines with its pseudonym are nobody's
    /// from then on.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget(&self, id: Digest) -> Result<(), StoreError> {
        self.store.delete(key(id)).await
    }

    async fn try_to_name(
        &self,
        id: Digest,
        retention: Retention,
        now: Timestamp,
    ) -> Result<NumberName, StoreError> {
        let kept_until = now + retention.lifetime();
        for _ in 0..MAX_CONFLICTS {
            let record = self.store.get(key(id), now).await?;
            let stored = record
                .as_ref()
                .and_then(|record| self.decrypt(&id, record).map(|name| (name, record)));
            let (pseudonym, is_new) = match stored {
                Some((pseudonym, record))
                    if record.expires_at >= now + retention.renewed_below() =>
                {
                    let made = None;
                    return Ok(NumberName { pseudonym, made });
                }
                Some((pseudonym, _)) => (pseudonym, false),
                // One that cannot be decrypted, as after a change of `secrets.key`, is replaced.
                None => (new_pseudonym(&self.random), true),
            };
            let precondition = record.map_or(Precondition::Absent, |record| {
                Precondition::Version(record.version)
            });
            let put = self.write(id, &pseudonym, precondition, kept_until, now);
            // After a conflict the other node's is read.
            if let PutOutcome::Stored(version) = put.await? {
                let made = is_new.then_some(version);
                return Ok(NumberName { pseudonym, made });
            }
        }
        Err(StoreError::Overloaded)
    }

    async fn write(
        &self,
        id: Digest,
        pseudonym: &str,
        precondition: Precondition,
        kept_until: Timestamp,
        now: Timestamp,
    ) -> Result<PutOutcome, StoreError> {
        let stored = StoredPseudonym {
            pseudonym: pseudonym.to_owned(),
            later: LaterFields::default(),
        };
        let sealed = self.keys.encrypt_record(CONTEXT, &id, &stored)?;
        self.store
            .put(key(id), None, precondition, sealed, kept_until, now)
            .await
    }

    fn decrypt(&self, id: &Digest, record: &Record) -> Option<String> {
        let stored: Option<StoredPseudonym> = self.keys.decrypt_record(CONTEXT, id, &record.bytes);
        stored.map(|stored| stored.pseudonym)
    }
}

fn key(id: Digest) -> Key {
    Key {
        kind: RecordKind::AuditPseudonym,
        id,
    }
}

fn log_failure<T>(error: StoreError) -> Option<T> {
    tracing::warn!(%error, "the store failed, so an audit event does not name its number");
    None
}
