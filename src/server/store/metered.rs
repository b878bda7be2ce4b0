//! Measures the calls of a store: how long they take, and which fail.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::backup_keys::BackupKeys;
use crate::server::crypto::hash::Digest;
use crate::server::store::{
    BackupError, BackupSummary, Charge, Group, Key, Precondition, PutOutcome, Record, RecordKind,
    ReservationId, ReservationOutcome, ReservationRequest, SettleMode, Store, StoreError, Usage,
};
use crate::server::system::clock::Stopwatch;

/// A store whose calls are measured.
#[derive(Debug)]
pub struct MeteredStore(Arc<dyn Store>);

impl MeteredStore {
    /// Measures the calls of `store`.
    pub fn over(store: Arc<dyn Store>) -> Arc<dyn Store> {
        Arc::new(Self(store))
    }
}

async fn measure<T>(
    operation: &'static str,
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let watch = Stopwatch::start();
    let result = call.await;
    metrics::histogram!("latchkey_store_call_duration_seconds", "operation" => operation)
        .record(watch.elapsed());
    if let Err(error) = &result {
        let kind = match error {
            StoreError::Unavailable(_) => "unavailable",
            StoreError::Overloaded => "overloaded",
            StoreError::Corrupt(_) => "corrupt",
        };
        metrics::counter!(
            "latchkey_store_errors_total", "operation" => operation, "kind" => kind
        )
        .increment(1);
    }
    result
}

#[async_trait]
impl Store for MeteredStore {
    async fn get(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        measure("get", self.0.get(key, now)).await
    }

    async fn get_all(
        &self,
        keys: &[Key],
        now: Timestamp,
    ) -> Result<Vec<Option<Record>>, StoreError> {
        measure("get", self.0.get_all(keys, now)).await
    }

    async fn put(
        &self,
        key: Key,
        owner: Option<Digest>,
        precondition: Precondition,
        bytes: Vec<u8>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<PutOutcome, StoreError> {
        let call = self.0.put(key, owner, precondition, bytes, expires_at, now);
        measure("put", call).await
    }

    async fn take(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        measure("take", self.0.take(key, now)).await
    }

    async fn delete(&self, key: Key) -> Result<(), StoreError> {
        measure("delete", self.0.delete(key)).await
    }

    async fn delete_all(&self, keys: &[Key]) -> Result<(), StoreError> {
        measure("delete", self.0.delete_all(keys)).await
    }

    async fn keys_by_owner(&self, owner: Digest, now: Timestamp) -> Result<Vec<Key>, StoreError> {
        measure("keys_by_owner", self.0.keys_by_owner(owner, now)).await
    }

    async fn scan(
        &self,
        kind: RecordKind,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, StoreError> {
        measure("scan", self.0.scan(kind, limit, now)).await
    }

    async fn count(&self, kind: RecordKind, now: Timestamp) -> Result<usize, StoreError> {
        measure("count", self.0.count(kind, now)).await
    }

    async fn reserve(
        &self,
        id: ReservationId,
        group: &Group,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<ReservationOutcome, StoreError> {
        measure("reserve", self.0.reserve(id, group, charges, now)).await
    }

    async fn reserve_in_order(
        &self,
        requests: &[ReservationRequest],
        now: Timestamp,
    ) -> Result<Vec<ReservationOutcome>, StoreError> {
        measure("reserve", self.0.reserve_in_order(requests, now)).await
    }

    async fn settle(
        &self,
        id: ReservationId,
        group: &Group,
        mode: SettleMode,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        measure("settle", self.0.settle(id, group, mode, now)).await
    }

    async fn usage(
        &self,
        group: &Group,
        keys: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Usage>, StoreError> {
        measure("usage", self.0.usage(group, keys, now)).await
    }

    async fn reset(&self, group: &Group, keys: &[&str], now: Timestamp) -> Result<(), StoreError> {
        measure("reset", self.0.reset(group, keys, now)).await
    }

    async fn sweep(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        measure("sweep", self.0.sweep(now, limit)).await
    }

    async fn check_ready(&self) -> Result<(), StoreError> {
        measure("check_ready", self.0.check_ready()).await
    }

    async fn probe(&self, now: Timestamp) -> Result<(), StoreError> {
        measure("probe", self.0.probe(now)).await
    }

    fn queue_length(&self) -> usize {
        self.0.queue_length()
    }

    fn queue_capacity(&self) -> usize {
        self.0.queue_capacity()
    }

    async fn back_up(
        &self,
        file: &Path,
        replace: bool,
        keys: &BackupKeys,
        now: Timestamp,
    ) -> Result<BackupSummary, BackupError> {
        self.0.back_up(file, replace, keys, now).await
    }
}
