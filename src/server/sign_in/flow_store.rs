//! The store of flows: encrypted records, changed by compare-and-swap.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::crypto::hash::Digest;
use crate::server::sign_in::Flow;
use crate::server::store::{Key, Precondition, PutOutcome, Record, RecordKind, Store, StoreError};

const CONTEXT: &[u8] = b"latchkey flow v1";
/// A flow has few writers: its browser and its send. More conflicts than this mean a flood.
const MAX_CONFLICTS: usize = 100;

/// The store of flows. Cheap to clone.
#[derive(Clone, Debug)]
pub struct FlowStore {
    store: Arc<dyn Store>,
    keys: Arc<DerivedKeys>,
    lifetime: Duration,
}

/// How a change of a flow ended.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "it is matched where it is returned and never stored"
)]
pub enum UpdateOutcome<R> {
    /// The flow as it is stored now.
    Updated(Flow),
    /// The change rejected the flow; nothing was written.
    Rejected(R),
    /// There is no such flow.
    NotFound,
}

struct VersionedFlow {
    flow: Flow,
    version: u64,
}

impl FlowStore {
    /// `lifetime` counts from the last send.
    pub fn new(store: Arc<dyn Store>, keys: Arc<DerivedKeys>, lifetime: Duration) -> Self {
        Self {
            store,
            keys,
            lifetime,
        }
    }

    /// The flow whose token has this hash.
    ///
    /// # Errors
    /// The store's.
    pub async fn get(&self, id: Digest, now: Timestamp) -> Result<Option<Flow>, StoreError> {
        Ok(self.read(id, now).await?.map(|versioned| versioned.flow))
    }

    /// Stores a new flow, if there is none with this id.
    ///
    /// # Errors
    /// The store's.
    pub async fn create(
        &self,
        id: Digest,
        flow: &Flow,
        now: Timestamp,
    ) -> Result<PutOutcome, StoreError> {
        self.write(id, flow, Precondition::Absent, now).await
    }

    /// Changes a flow. After a concurrent change `change` runs again on the newer flow. If it
    /// returns an error nothing is written.
    ///
    /// # Errors
    /// The store's.
    pub async fn update<R>(
        &self,
        id: Digest,
        now: Timestamp,
        mut change: impl FnMut(&mut Flow) -> Result<(), R>,
    ) -> Result<UpdateOutcome<R>, StoreError> {
        for _ in 0..MAX_CONFLICTS {
            let Some(VersionedFlow { mut flow, version }) = self.read(id, now).await? else {
                return Ok(UpdateOutcome::NotFound);
            };
            let before = flow.clone();
            if let Err(rejection) = change(&mut flow) {
                return Ok(UpdateOutcome::Rejected(rejection));
            }
            if flow == before {
                return Ok(UpdateOutcome::Updated(flow));
            }
            if let PutOutcome::Stored(_) = self
                .write(id, &flow, Precondition::Version(version), now)
                .await?
            {
                return Ok(UpdateOutcome::Updated(flow));
            }
        }
        Err(StoreError::Overloaded)
    }

    /// Changes a flow as [`Self::update`] does, by a change that rejects no flow.
    ///
    /// # Errors
    /// The store's.
    pub async fn modify(
        &self,
        id: Digest,
        now: Timestamp,
        mut change: impl FnMut(&mut Flow),
    ) -> Result<(), StoreError> {
        let change = |flow: &mut Flow| {
            change(flow);
            Ok::<_, std::convert::Infallible>(())
        };
        self.update(id, now, change).await.map(|_| ())
    }

    /// Deletes a flow and returns it to one of several concurrent callers.
    ///
    /// # Errors
    /// The store's.
    pub async fn take(&self, id: Digest, now: Timestamp) -> Result<Option<Flow>, StoreError> {
        Ok(self
            .store
            .take(key(id), now)
            .await?
            .and_then(|record| self.decrypt(&id, &record)))
    }

    async fn read(&self, id: Digest, now: Timestamp) -> Result<Option<VersionedFlow>, StoreError> {
        let Some(record) = self.store.get(key(id), now).await? else {
            return Ok(None);
        };
        Ok(self.decrypt(&id, &record).map(|flow| VersionedFlow {
            flow,
            version: record.version,
        }))
    }

    async fn write(
        &self,
        id: Digest,
        flow: &Flow,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<PutOutcome, StoreError> {
        let sealed = self.keys.encrypt_record(CONTEXT, &id, flow)?;
        self.store
            .put(
                key(id),
                None,
                precondition,
                sealed,
                flow.sent_at + self.lifetime,
                now,
            )
            .await
    }

    /// Decrypts a record. One that cannot be read, as after a change of `secrets.key`, is no flow.
    fn decrypt(&self, id: &Digest, record: &Record) -> Option<Flow> {
        let flow = self.keys.decrypt_record(CONTEXT, id, &record.bytes);
        if flow.is_none() {
            tracing::warn!("a flow record cannot be decrypted; was secrets.key changed?");
        }
        flow
    }
}

fn key(id: Digest) -> Key {
    Key {
        kind: RecordKind::Flow,
        id,
    }
}
