//! A store that can be made to wait at one kind of call, so that a test decides who is first; and
//! that says what was written.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use latchkey::domain::timestamp::Timestamp;
use latchkey::server::crypto::derived_keys::Digest;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::store::{
    Charge, Group, Key, Precondition, PutOutcome, Record, RecordKind, ReservationId,
    ReservationOutcome, SettleMode, Store, StoreError, Usage,
};
use tokio::sync::Semaphore;

use crate::support::wait_until;

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Get(RecordKind),
    Put(RecordKind),
    Take(RecordKind),
    Owned,
}

/// Calls of one kind wait here.
#[derive(Clone)]
pub struct Hold(Arc<Held>);

struct Held {
    call: Call,
    /// How many pass before one has to wait.
    passes: AtomicUsize,
    waiting: AtomicUsize,
    open: Semaphore,
}

impl Hold {
    /// Returns when a call waits.
    pub async fn reached(&self) {
        wait_until("a call to wait", async || self.waiting() > 0).await;
    }

    pub fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::SeqCst)
    }

    /// Lets them all go, and those that come later.
    pub fn release(&self) {
        self.0.open.close();
    }
}

pub struct Gate {
    engine: Arc<dyn Store>,
    holds: Mutex<Vec<Hold>>,
    puts: AtomicUsize,
    lists: AtomicUsize,
    writes: Mutex<Vec<String>>,
}

impl Gate {
    pub fn new() -> Arc<Self> {
        let engine = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
        let (puts, lists) = (AtomicUsize::default(), AtomicUsize::default());
        Arc::new(Self {
            engine,
            holds: Mutex::default(),
            puts,
            lists,
            writes: Mutex::default(),
        })
    }

    /// From now on calls of this kind wait.
    pub fn hold(&self, call: Call) -> Hold {
        self.hold_after(0, call)
    }

    /// The same, once so many have passed.
    pub fn hold_after(&self, passes: usize, call: Call) -> Hold {
        let held = Held {
            call,
            passes: passes.into(),
            waiting: AtomicUsize::default(),
            open: Semaphore::new(0),
        };
        let hold = Hold(Arc::new(held));
        self.holds.lock().unwrap().push(hold.clone());
        hold
    }

    /// How often session records were put.
    pub fn session_puts(&self) -> usize {
        self.puts.load(Ordering::SeqCst)
    }

    /// How often what an owner has was listed.
    pub fn lists(&self) -> usize {
        self.lists.load(Ordering::SeqCst)
    }

    /// All that was, or may have been, changed since this was last asked: what was done, and to
    /// which kind of record.
    pub fn written(&self) -> Vec<String> {
        std::mem::take(&mut self.writes.lock().unwrap())
    }

    fn note(&self, changed: bool, write: String) {
        if changed {
            self.writes.lock().unwrap().push(write);
        }
    }

    async fn pass(&self, call: Call) {
        if call == Call::Put(RecordKind::Session) {
            self.puts.fetch_add(1, Ordering::SeqCst);
        }
        let held = self
            .holds
            .lock()
            .unwrap()
            .iter()
            .find(|hold| hold.0.call == call)
            .cloned();
        let Some(Hold(held)) = held else { return };
        let passes = held
            .passes
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        if passes.is_err() {
            held.waiting.fetch_add(1, Ordering::SeqCst);
            // It is never given a permit; it opens by being closed.
            assert!(held.open.acquire().await.is_err());
        }
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}

#[async_trait]
impl Store for Gate {
    async fn get(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.pass(Call::Get(key.kind)).await;
        self.engine.get(key, now).await
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
        self.pass(Call::Put(key.kind)).await;
        let put = self
            .engine
            .put(key, owner, expect, bytes, expires_at, now)
            .await;
        self.note(
            put != Ok(PutOutcome::Conflict),
            format!("put {:?}", key.kind),
        );
        put
    }

    async fn take(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.pass(Call::Take(key.kind)).await;
        let taken = self.engine.take(key, now).await;
        self.note(taken != Ok(None), format!("take {:?}", key.kind));
        taken
    }

    async fn delete(&self, key: Key) -> Result<(), StoreError> {
        self.note(true, format!("delete {:?}", key.kind));
        self.engine.delete(key).await
    }

    async fn owned(&self, owner: Digest, now: Timestamp) -> Result<Vec<Key>, StoreError> {
        self.pass(Call::Owned).await;
        let listed = self.engine.owned(owner, now).await;
        self.lists.fetch_add(1, Ordering::SeqCst);
        listed
    }

    async fn scan(
        &self,
        kind: RecordKind,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, StoreError> {
        self.engine.scan(kind, limit, now).await
    }

    async fn reserve(
        &self,
        ticket: ReservationId,
        group: &Group,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<ReservationOutcome, StoreError> {
        let reserved = self.engine.reserve(ticket, group, charges, now).await;
        self.note(
            !matches!(reserved, Ok(ReservationOutcome::Refused { .. })),
            "reserve".to_owned(),
        );
        reserved
    }

    async fn settle(
        &self,
        ticket: ReservationId,
        group: &Group,
        how: SettleMode,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.note(true, "settle".to_owned());
        self.engine.settle(ticket, group, how, now).await
    }

    async fn usage(
        &self,
        group: &Group,
        keys: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Usage>, StoreError> {
        self.engine.usage(group, keys, now).await
    }

    async fn reset(&self, group: &Group, keys: &[&str], now: Timestamp) -> Result<(), StoreError> {
        self.note(true, "reset".to_owned());
        self.engine.reset(group, keys, now).await
    }

    async fn sweep(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.engine.sweep(now, limit).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.engine.ready().await
    }
}
