//! Where flows rest, sealed, and how they change whoever else changes them.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::{DerivedKeys, Digest};
use crate::server::sign_in::Flow;
use crate::server::store::{Key, Precondition, PutOutcome, Record, RecordKind, Store, StoreError};

const CONTEXT: &[u8] = b"latchkey flow v1";
/// Writers of one flow are few: its browser and its send. More rounds than this mean a flood.
const ROUNDS: usize = 100;

/// All flows.
#[derive(Clone, Debug)]
pub struct FlowStore {
    store: Arc<dyn Store>,
    keys: Arc<DerivedKeys>,
    lifetime: Duration,
}

/// A flow and the version it was read at.
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

    /// The flow under a cookie's hash.
    ///
    /// # Errors
    /// The store's.
    pub async fn get(&self, id: Digest, now: Timestamp) -> Result<Option<Flow>, StoreError> {
        Ok(self.read(id, now).await?.map(|versioned| versioned.flow))
    }

    /// Puts a new flow, if none is there.
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

    /// Changes a flow, whoever else does: `change` runs again on what the other wrote. What it
    /// returns with `Err` ends the change and nothing is written. `None` if the flow is gone.
    ///
    /// # Errors
    /// The store's.
    pub async fn update<R>(
        &self,
        id: Digest,
        now: Timestamp,
        mut change: impl FnMut(&mut Flow) -> Result<(), R>,
    ) -> Result<Option<Result<Flow, R>>, StoreError> {
        for _ in 0..ROUNDS {
            let Some(VersionedFlow { mut flow, version }) = self.read(id, now).await? else {
                return Ok(None);
            };
            let before = flow.clone();
            if let Err(refused) = change(&mut flow) {
                return Ok(Some(Err(refused)));
            }
            if flow == before {
                return Ok(Some(Ok(flow)));
            }
            if let PutOutcome::Stored(_) = self
                .write(id, &flow, Precondition::Version(version), now)
                .await?
            {
                return Ok(Some(Ok(flow)));
            }
        }
        Err(StoreError::Overloaded)
    }

    /// Ends a flow: of several callers one gets it.
    ///
    /// # Errors
    /// The store's.
    pub async fn take(&self, id: Digest, now: Timestamp) -> Result<Option<Flow>, StoreError> {
        Ok(self
            .store
            .take(key(id), now)
            .await?
            .and_then(|record| self.open(&id, &record)))
    }

    async fn read(&self, id: Digest, now: Timestamp) -> Result<Option<VersionedFlow>, StoreError> {
        let Some(record) = self.store.get(key(id), now).await? else {
            return Ok(None);
        };
        Ok(self.open(&id, &record).map(|flow| VersionedFlow {
            flow,
            version: record.version,
        }))
    }

    async fn write(
        &self,
        id: Digest,
        flow: &Flow,
        expect: Precondition,
        now: Timestamp,
    ) -> Result<PutOutcome, StoreError> {
        let sealed = self.keys.seal_record(CONTEXT, &id, flow)?;
        self.store
            .put(
                key(id),
                None,
                expect,
                sealed,
                flow.sent_at + self.lifetime,
                now,
            )
            .await
    }

    /// A record that cannot be read, as after a change of `secrets.key`, is no flow.
    fn open(&self, id: &Digest, record: &Record) -> Option<Flow> {
        let flow = self.keys.open_record(CONTEXT, id, &record.bytes);
        if flow.is_none() {
            tracing::warn!("a flow record cannot be read: sealed with another key?");
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
