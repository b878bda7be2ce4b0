//! The recent events of each number, kept for `latchkey lookup`.
//!
//! "No code arrives" must be answered without a search through the logs of several nodes. So the
//! last events of a number are kept in the store, encrypted, under the keyed hash of the number:
//! 20 at most, for 7 days at most, and never longer than the number's pseudonym: an hour where
//! every code was withheld. A number has none before a code to it was sent or withheld, so requests
//! that are refused openly cannot fill the store. An erasure deletes the pseudonym and the events.
//!
//! Events are written in the background, several in one write, and on a best effort: no request
//! waits for them. The request ID of a kept event leads to its number by a record of its own.
//!
//! - `stored`: the record of a number; `request_links`: from a request to its number; `unsaved`:
//!   events that wait to be stored.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::Mutex;

use crate::domain::timestamp::Timestamp;
use crate::server::audit::Pseudonyms;
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::crypto::hash::Digest;
use crate::server::store::{Key, Precondition, PutOutcome, RecordKind, Store, StoreError};
use crate::server::system::clock::Clock;

mod request_links;
mod stored;
mod unsaved;

pub use stored::RecentEvent;
pub use unsaved::UnsavedEvents;

use request_links::RequestLinks;
use stored::{KEPT_FOR, StoredEvents};
use unsaved::UnsavedEvent;

/// The associated data of encrypted records.
const CONTEXT: &[u8] = b"latchkey recent events v1";
/// How long events wait for others, to be written together.
const SAVED_AFTER: Duration = Duration::from_secs(5);
/// Numbers whose events are written concurrently. The embedded store writes them in one commit.
const MAX_CONCURRENT: usize = 32;
/// Nodes that write about one number at the same moment conflict. More conflicts mean a failure.
const MAX_CONFLICTS: usize = 10;

/// What is kept of a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundEvents {
    /// The country of the number.
    pub country: Option<String>,
    /// The oldest first.
    pub events: Vec<RecentEvent>,
}

/// The recent events of numbers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RecentEvents {
    store: Arc<dyn Store>,
    keys: Arc<DerivedKeys>,
    pseudonyms: Pseudonyms,
    clock: Clock,
    requests: RequestLinks,
    unsaved: UnsavedEvents,
    /// Held while events are written, so that a lookup waits for a write that has begun.
    saving: Arc<Mutex<()>>,
}

impl RecentEvents {
    /// Keeps what is added to `unsaved`.
    pub fn new(
        store: Arc<dyn Store>,
        keys: Arc<DerivedKeys>,
        pseudonyms: Pseudonyms,
        clock: Clock,
        unsaved: UnsavedEvents,
    ) -> Self {
        Self {
            requests: RequestLinks::new(store.clone(), keys.clone()),
            store,
            keys,
            pseudonyms,
            clock,
            unsaved,
            saving: Arc::default(),
        }
    }

    /// Stores events a short time after they happened, for ever.
    pub async fn maintain(&self) {
        loop {
            self.unsaved.wait().await;
            self.clock.sleep(SAVED_AFTER).await;
            self.save().await;
        }
    }

    /// Stores the events that wait. Those that cannot be stored are left out, which is logged: the
    /// audit log has them.
    pub async fn save(&self) {
        // A task of its own, because a caller that goes away must not end it half-way.
        let this = self.clone();
        if let Err(error) = tokio::spawn(async move { this.save_waiting().await }).await {
            tracing::error!(%error, "recent events could not be stored");
        }
    }

    async fn save_waiting(&self) {
        let _guard = self.saving.lock().await;
        let failed = stream::iter(self.unsaved.take())
            .map(|(identifier, events)| async move {
                let count = events.len();
                let saved = self.save_each(identifier, events).await;
                saved.err().map(|error| (error, count))
            })
            .buffer_unordered(MAX_CONCURRENT)
            .filter_map(std::future::ready);
        let failed: Vec<(StoreError, usize)> = failed.collect().await;
        if let Some((error, _)) = failed.first() {
            let count = failed.iter().map(|(_, count)| count).sum();
            count_unsaved(count);
            tracing::warn!(%error, count, "events are missing in what `latchkey lookup` shows");
        }
    }

    /// What is kept of the number with this key.
    ///
    /// # Errors
    /// The store's.
    pub async fn find(&self, identifier: Digest) -> Result<FoundEvents, StoreError> {
        let now = self.clock.now();
        let mut stored = self.read(identifier, now).await?.stored;
        stored.forget_old(now);
        Ok(FoundEvents {
            country: stored.country,
            events: stored.events,
        })
    }

    /// The key of the number that a request was about; none if nothing is kept of the request.
    ///
    /// # Errors
    /// The store's.
    pub async fn find_request(&self, request_id: &str) -> Result<Option<Digest>, StoreError> {
        self.requests.find(request_id, self.clock.now()).await
    }

    /// Deletes what is kept of the number with this key, and returns how many events that were. Its
    /// pseudonym must be deleted before, so that a concurrent write finds out.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget(&self, identifier: Digest) -> Result<usize, StoreError> {
        let stored = self.read(identifier, self.clock.now()).await?.stored;
        self.delete(identifier, &stored).await?;
        Ok(stored.events.len())
    }

    /// Deletes the record of a number, and what leads to it from the requests of `stored`.
    async fn delete(&self, identifier: Digest, stored: &StoredEvents) -> Result<(), StoreError> {
        let requests = stored.request_ids().map(|id| self.requests.key(id));
        let keys: Vec<Key> = requests.chain([events_key(identifier)]).collect();
        self.store.delete_all(&keys).await
    }

    /// Stores events of one number. Those under another name than the number has now are left out:
    /// an erasure came between.
    async fn save_each(
        &self,
        identifier: Digest,
        events: Vec<UnsavedEvent>,
    ) -> Result<(), StoreError> {
        for _ in 0..MAX_CONFLICTS {
            let now = self.clock.now();
            let Some((name, named_until)) =
                self.pseudonyms.find_with_expiry(identifier, now).await?
            else {
                return Ok(());
            };
            let found = self.read(identifier, now).await?;
            let mut stored = found.stored;
            let added = events.iter().filter(|event| event.pseudonym == name);
            stored.country = added
                .clone()
                .find_map(|event| event.country.clone())
                .or(stored.country);
            stored.forget_old(now);
            let displaced = stored.add(added.map(|event| event.event.clone()));
            let until = named_until.min(now + KEPT_FOR);
            let sealed = self.keys.encrypt_record(CONTEXT, &identifier, &stored)?;
            let key = events_key(identifier);
            let put = self
                .store
                .put(key, None, found.precondition, sealed, until, now);
            if put.await? == PutOutcome::Conflict {
                continue;
            }
            let added = events
                .iter()
                .filter_map(|one| one.event.request_id.as_deref());
            let linked = stored.requests_to_link(&added.collect(), found.expires_at, until);
            self.requests.put(identifier, linked, now).await?;
            self.unlink_requests(&stored, displaced).await?;
            // An erasure deletes the name before the events, so one of both sees the other. It may
            // have deleted the record before the requests led to it.
            if self.pseudonyms.find(identifier, now).await?.as_ref() != Some(&name) {
                self.delete(identifier, &stored).await?;
            }
            return Ok(());
        }
        Err(StoreError::Overloaded)
    }

    /// Makes the requests of displaced events lead to their number no more.
    async fn unlink_requests(
        &self,
        stored: &StoredEvents,
        displaced: Vec<RecentEvent>,
    ) -> Result<(), StoreError> {
        let kept: BTreeSet<&str> = stored.request_ids().collect();
        let unlinked: Vec<Key> = displaced
            .iter()
            .filter_map(|event| event.request_id.as_deref())
            .filter(|id| !kept.contains(id))
            .map(|id| self.requests.key(id))
            .collect();
        if unlinked.is_empty() {
            return Ok(());
        }
        self.store.delete_all(&unlinked).await
    }

    /// What is stored of a number. What cannot be decrypted, as after a change of `secrets.key`, is
    /// replaced.
    async fn read(&self, identifier: Digest, now: Timestamp) -> Result<ReadEvents, StoreError> {
        let Some(record) = self.store.get(events_key(identifier), now).await? else {
            return Ok(ReadEvents {
                stored: StoredEvents::default(),
                precondition: Precondition::Absent,
                expires_at: now,
            });
        };
        let stored = self
            .keys
            .decrypt_record(CONTEXT, &identifier, &record.bytes);
        Ok(ReadEvents {
            stored: stored.unwrap_or_default(),
            precondition: Precondition::Version(record.version),
            expires_at: record.expires_at,
        })
    }
}

/// What was stored of a number, to be written again.
struct ReadEvents {
    stored: StoredEvents,
    /// The condition of a write.
    precondition: Precondition,
    /// Until when it was kept.
    expires_at: Timestamp,
}

fn events_key(identifier: Digest) -> Key {
    Key {
        kind: RecordKind::RecentEvents,
        id: identifier,
    }
}

/// Counts events that are not kept.
fn count_unsaved(count: usize) {
    metrics::counter!("latchkey_recent_events_dropped_total").increment(count as u64);
}
