//! Leads from a request to the number that it was about.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::{DerivedKeys, IndexPurpose};
use crate::server::crypto::hash::Digest;
use crate::server::store::format::LaterFields;
use crate::server::store::{Key, Precondition, RecordKind, Store, StoreError};

/// The associated data of encrypted records.
const CONTEXT: &[u8] = b"latchkey request events v1";

/// The stored record.
#[derive(Serialize, Deserialize)]
struct StoredRequest {
    identifier: Digest,
    #[serde(flatten)]
    later: LaterFields,
}

/// What leads from requests to their numbers. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct RequestLinks {
    store: Arc<dyn Store>,
    keys: Arc<DerivedKeys>,
}

impl RequestLinks {
    pub fn new(store: Arc<dyn Store>, keys: Arc<DerivedKeys>) -> Self {
        Self { store, keys }
    }

    /// Under which key a request leads to its number.
    pub fn key(&self, request_id: &str) -> Key {
        let purpose = IndexPurpose::RequestId;
        Key {
            kind: RecordKind::RequestEvents,
            id: self.keys.index(purpose, request_id.as_bytes()),
        }
    }

    /// The key of the number that a request was about; none if nothing is kept of the request.
    ///
    /// # Errors
    /// The store's.
    pub async fn find(
        &self,
        request_id: &str,
        now: Timestamp,
    ) -> Result<Option<Digest>, StoreError> {
        let key = self.key(request_id);
        let record = self.store.get(key, now).await?;
        let stored: Option<StoredRequest> =
            record.and_then(|record| self.keys.decrypt_record(CONTEXT, &key.id, &record.bytes));
        Ok(stored.map(|stored| stored.identifier))
    }

    /// Makes requests lead to a number, each until its time.
    ///
    /// # Errors
    /// The store's.
    pub async fn put(
        &self,
        identifier: Digest,
        requests: BTreeMap<&str, Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let links = requests.into_iter().map(|(request, until)| async move {
            let key = self.key(request);
            let value = StoredRequest {
                identifier,
                later: LaterFields::default(),
            };
            let sealed = self.keys.encrypt_record(CONTEXT, &key.id, &value)?;
            self.store
                .put(key, None, Precondition::Any, sealed, until, now)
                .await
        });
        try_join_all(links).await.map(drop)
    }
}
