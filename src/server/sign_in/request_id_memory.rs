//! Stores for a day that the tenant does not know request ids, so that a restart does not ask
//! again.

use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::sha256;
use crate::server::store::{Key, Precondition, RecordKind, Store, StoreError};
use crate::server::system::mutex::lock;
use crate::server::transmit::Transmit;

/// Keeps what the client learned about request ids in the store.
#[derive(Debug)]
pub struct RequestIdMemory {
    store: Arc<dyn Store>,
    is_loaded: OnceCell<()>,
    saved: Mutex<Option<Timestamp>>,
}

impl RequestIdMemory {
    /// A memory in this store. Nothing is read yet.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            is_loaded: OnceCell::new(),
            saved: Mutex::new(None),
        }
    }

    /// Tells the client what an earlier process stored, once. If the store fails, the client finds
    /// out again.
    pub async fn load(&self, transmit: &Transmit, now: Timestamp) {
        self.is_loaded
            .get_or_init(|| self.restore(transmit, now))
            .await;
    }

    async fn restore(&self, transmit: &Transmit, now: Timestamp) {
        match read_unknown_until(&*self.store, now).await {
            Ok(Some(until)) => {
                transmit.restore_request_ids_unknown_until(until);
                *lock(&self.saved) = Some(until);
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "what is known of request ids could not be read");
            }
        }
    }

    /// Stores what the client has learned since. A failure is only logged.
    pub async fn save(&self, transmit: &Transmit, now: Timestamp) {
        let Some(until) = transmit.request_ids_unknown_until() else {
            return;
        };
        if lock(&self.saved).replace(until) == Some(until) {
            return;
        }
        let put = async {
            let bytes = serde_json::to_vec(&until)
                .map_err(|error| StoreError::Corrupt(error.to_string()))?;
            let put = self
                .store
                .put(key(), None, Precondition::Any, bytes, until, now);
            put.await
        };
        if let Err(error) = put.await {
            tracing::warn!(%error, "what is known of request ids could not be stored");
        }
    }
}

/// Until when the tenant is not asked for request ids.
///
/// # Errors
/// The store's.
pub async fn read_unknown_until(
    store: &dyn Store,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let record = store.get(key(), now).await?;
    // What cannot be read is learned again.
    Ok(record.and_then(|record| serde_json::from_slice(&record.bytes).ok()))
}

fn key() -> Key {
    Key {
        kind: RecordKind::Metadata,
        id: sha256(b"latchkey request ids unknown v1"),
    }
}
