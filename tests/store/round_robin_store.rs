//! A store of two clients: calls go to them in turns, as a balancer in front of two nodes would
//! send them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use latchkey::domain::timestamp::Timestamp;
use latchkey::server::crypto::derived_keys::Digest;
use latchkey::server::store::{
    Charge, Group, Key, Precondition, PutOutcome, Record, RecordKind, ReservationId,
    ReservationOutcome, ReservationRequest, SettleMode, Store, StoreError, Usage,
};

#[derive(Debug)]
pub struct Alternate {
    clients: [Arc<dyn Store>; 2],
    calls: AtomicUsize,
}

impl Alternate {
    pub fn new(clients: [Arc<dyn Store>; 2]) -> Self {
        Self {
            clients,
            calls: AtomicUsize::new(0),
        }
    }

    fn next(&self) -> &dyn Store {
        &*self.clients[self.calls.fetch_add(1, Ordering::Relaxed) % 2]
    }
}

#[async_trait]
impl Store for Alternate {
    async fn get(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.next().get(key, now).await
    }

    async fn get_all(
        &self,
        keys: &[Key],
        now: Timestamp,
    ) -> Result<Vec<Option<Record>>, StoreError> {
        self.next().get_all(keys, now).await
    }

    async fn put(
        &self,
        key: Key,
        owner: Option<Digest>,
        expect: Precondition,
        bytes: Vec<u8>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<PutOutcome, StoreError> {
        self.next()
            .put(key, owner, expect, bytes, expires_at, now)
            .await
    }

    async fn take(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.next().take(key, now).await
    }

    async fn delete(&self, key: Key) -> Result<(), StoreError> {
        self.next().delete(key).await
    }

    async fn delete_all(&self, keys: &[Key]) -> Result<(), StoreError> {
        self.next().delete_all(keys).await
    }

    async fn owned(&self, owner: Digest, now: Timestamp) -> Result<Vec<Key>, StoreError> {
        self.next().owned(owner, now).await
    }

    async fn scan(
        &self,
        kind: RecordKind,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, StoreError> {
        self.next().scan(kind, limit, now).await
    }

    async fn reserve(
        &self,
        ticket: ReservationId,
        group: &Group,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<ReservationOutcome, StoreError> {
        self.next().reserve(ticket, group, charges, now).await
    }

    async fn reserve_in_turn(
        &self,
        wanted: &[ReservationRequest],
        now: Timestamp,
    ) -> Result<Vec<ReservationOutcome>, StoreError> {
        self.next().reserve_in_turn(wanted, now).await
    }

    async fn settle(
        &self,
        ticket: ReservationId,
        group: &Group,
        how: SettleMode,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.next().settle(ticket, group, how, now).await
    }

    async fn usage(
        &self,
        group: &Group,
        keys: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Usage>, StoreError> {
        self.next().usage(group, keys, now).await
    }

    async fn reset(&self, group: &Group, keys: &[&str], now: Timestamp) -> Result<(), StoreError> {
        self.next().reset(group, keys, now).await
    }

    async fn sweep(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.next().sweep(now, limit).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.next().ready().await
    }
}
