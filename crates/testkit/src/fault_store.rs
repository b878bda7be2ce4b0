//! A store wrapper that makes calls wait or fail, records writes, and alternates between clients.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fmt, mem};

use async_trait::async_trait;
use latchkey::domain::timestamp::Timestamp;
use latchkey::server::crypto::hash::Digest;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::store::{
    Charge, Group, Key, Precondition, PutOutcome, Record, RecordKind, ReservationId,
    ReservationOutcome, ReservationRequest, SettleMode, Store, StoreError, Usage,
};
use latchkey::server::system::clock::Clock;
use tokio::sync::Semaphore;

use crate::wait::wait_until;

/// A failing call takes this long, as in a store that runs out of time.
const FAILURE_DELAY: Duration = Duration::from_millis(20);

/// A kind of call that can be held or made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreCall {
    Get(RecordKind),
    Put(RecordKind),
    Take(RecordKind),
    KeysByOwner,
    Reset,
    /// Any other call, which fails only when all calls do.
    Other,
}

/// Calls of one kind that wait until they are released.
#[derive(Clone)]
pub struct CallHold(Arc<HoldState>);

struct HoldState {
    call: StoreCall,
    /// How many calls pass before one has to wait.
    passes: AtomicUsize,
    waiting: AtomicUsize,
    released: Semaphore,
}

impl CallHold {
    /// Returns when a call waits.
    pub async fn wait_until_reached(&self) {
        wait_until("a store call to wait", async || self.waiting_calls() > 0).await;
    }

    pub fn waiting_calls(&self) -> usize {
        self.0.waiting.load(Ordering::SeqCst)
    }

    /// Releases all waiting calls and later ones.
    pub fn release(&self) {
        self.0.released.close();
    }
}

pub struct FaultStore {
    engines: Vec<Arc<dyn Store>>,
    next_engine: AtomicUsize,
    holds: Mutex<Vec<CallHold>>,
    failing: Mutex<Vec<StoreCall>>,
    all_fail: AtomicBool,
    failures: AtomicUsize,
    session_puts: AtomicUsize,
    keys_by_owner_calls: AtomicUsize,
    writes: Mutex<Vec<String>>,
}

impl FaultStore {
    /// Wraps a new store in memory.
    pub fn in_memory() -> Arc<Self> {
        let engine = RedbStore::in_memory(RedbOptions::default()).unwrap();
        Self::round_robin(vec![Arc::new(engine)])
    }

    /// Sends calls to these stores in turns, as a load balancer in front of several nodes does.
    pub fn round_robin(engines: Vec<Arc<dyn Store>>) -> Arc<Self> {
        Arc::new(Self {
            engines,
            next_engine: AtomicUsize::default(),
            holds: Mutex::default(),
            failing: Mutex::default(),
            all_fail: AtomicBool::default(),
            failures: AtomicUsize::default(),
            session_puts: AtomicUsize::default(),
            keys_by_owner_calls: AtomicUsize::default(),
            writes: Mutex::default(),
        })
    }

    /// Makes calls of this kind wait from now on.
    pub fn hold(&self, call: StoreCall) -> CallHold {
        self.hold_after(0, call)
    }

    /// Makes calls of this kind wait once so many have passed.
    pub fn hold_after(&self, passes: usize, call: StoreCall) -> CallHold {
        let hold = CallHold(Arc::new(HoldState {
            call,
            passes: passes.into(),
            waiting: AtomicUsize::default(),
            released: Semaphore::new(0),
        }));
        self.holds.lock().unwrap().push(hold.clone());
        hold
    }

    /// Makes exactly these calls fail from now on.
    pub fn set_failing(&self, calls: &[StoreCall]) {
        *self.failing.lock().unwrap() = calls.to_vec();
    }

    /// Makes every call fail, or none of those that `set_failing` does not name.
    pub fn set_all_failing(&self, fail: bool) {
        self.all_fail.store(fail, Ordering::Relaxed);
    }

    /// The number of calls that failed because of `set_failing`.
    pub fn failure_count(&self) -> usize {
        self.failures.load(Ordering::Relaxed)
    }

    pub fn session_put_count(&self) -> usize {
        self.session_puts.load(Ordering::SeqCst)
    }

    /// The number of completed calls that list an owner's keys.
    pub fn keys_by_owner_count(&self) -> usize {
        self.keys_by_owner_calls.load(Ordering::SeqCst)
    }

    /// Calls since the last `take_writes` that changed something or may have, with the record kind.
    pub fn take_writes(&self) -> Vec<String> {
        mem::take(&mut self.writes.lock().unwrap())
    }

    fn record_write(&self, has_changed: bool, write: String) {
        if has_changed {
            self.writes.lock().unwrap().push(write);
        }
    }

    /// Lets the call wait or fail as the test says.
    async fn check(&self, call: StoreCall) -> Result<(), StoreError> {
        if call == StoreCall::Put(RecordKind::Session) {
            self.session_puts.fetch_add(1, Ordering::SeqCst);
        }
        self.wait_for_release(call).await;
        if self.all_fail.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("made to fail".to_owned()));
        }
        let fails = self.failing.lock().unwrap().contains(&call);
        if fails {
            Clock::system().sleep(FAILURE_DELAY).await;
            self.failures.fetch_add(1, Ordering::Relaxed);
            return Err(StoreError::Overloaded);
        }
        Ok(())
    }

    async fn wait_for_release(&self, call: StoreCall) {
        let held = |hold: &&CallHold| hold.0.call == call;
        let hold = self.holds.lock().unwrap().iter().find(held).cloned();
        let Some(CallHold(state)) = hold else { return };
        let passes = state
            .passes
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        if passes.is_err() {
            state.waiting.fetch_add(1, Ordering::SeqCst);
            // It never gets a permit; `release` closes the semaphore.
            assert!(state.released.acquire().await.is_err());
        }
    }

    fn engine(&self) -> &dyn Store {
        let call = self.next_engine.fetch_add(1, Ordering::Relaxed);
        &*self.engines[call % self.engines.len()]
    }
}

impl fmt::Debug for FaultStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FaultStore")
    }
}

#[async_trait]
impl Store for FaultStore {
    async fn get(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.check(StoreCall::Get(key.kind)).await?;
        self.engine().get(key, now).await
    }

    async fn get_all(
        &self,
        keys: &[Key],
        now: Timestamp,
    ) -> Result<Vec<Option<Record>>, StoreError> {
        for key in keys {
            self.check(StoreCall::Get(key.kind)).await?;
        }
        self.engine().get_all(keys, now).await
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
        self.check(StoreCall::Put(key.kind)).await?;
        let put = self
            .engine()
            .put(key, owner, expect, bytes, expires_at, now)
            .await;
        self.record_write(
            put != Ok(PutOutcome::Conflict),
            format!("put {:?}", key.kind),
        );
        put
    }

    async fn take(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.check(StoreCall::Take(key.kind)).await?;
        let taken = self.engine().take(key, now).await;
        self.record_write(taken != Ok(None), format!("take {:?}", key.kind));
        taken
    }

    async fn delete(&self, key: Key) -> Result<(), StoreError> {
        self.check(StoreCall::Other).await?;
        self.record_write(true, format!("delete {:?}", key.kind));
        self.engine().delete(key).await
    }

    async fn delete_all(&self, keys: &[Key]) -> Result<(), StoreError> {
        self.check(StoreCall::Other).await?;
        for key in keys {
            self.record_write(true, format!("delete {:?}", key.kind));
        }
        self.engine().delete_all(keys).await
    }

    async fn keys_by_owner(&self, owner: Digest, now: Timestamp) -> Result<Vec<Key>, StoreError> {
        self.check(StoreCall::KeysByOwner).await?;
        let keys = self.engine().keys_by_owner(owner, now).await;
        self.keys_by_owner_calls.fetch_add(1, Ordering::SeqCst);
        keys
    }

    async fn scan(
        &self,
        kind: RecordKind,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, StoreError> {
        self.check(StoreCall::Other).await?;
        self.engine().scan(kind, limit, now).await
    }

    async fn reserve(
        &self,
        ticket: ReservationId,
        group: &Group,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<ReservationOutcome, StoreError> {
        self.check(StoreCall::Other).await?;
        let reserved = self.engine().reserve(ticket, group, charges, now).await;
        self.record_write(
            !matches!(reserved, Ok(ReservationOutcome::Refused { .. })),
            "reserve".to_owned(),
        );
        reserved
    }

    async fn reserve_in_order(
        &self,
        requests: &[ReservationRequest],
        now: Timestamp,
    ) -> Result<Vec<ReservationOutcome>, StoreError> {
        self.check(StoreCall::Other).await?;
        let reserved = self.engine().reserve_in_order(requests, now).await;
        for outcome in reserved.iter().flatten() {
            self.record_write(
                !matches!(outcome, ReservationOutcome::Refused { .. }),
                "reserve".to_owned(),
            );
        }
        self.record_write(reserved.is_err(), "reserve".to_owned());
        reserved
    }

    async fn settle(
        &self,
        ticket: ReservationId,
        group: &Group,
        how: SettleMode,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.check(StoreCall::Other).await?;
        self.record_write(true, "settle".to_owned());
        self.engine().settle(ticket, group, how, now).await
    }

    async fn usage(
        &self,
        group: &Group,
        keys: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Usage>, StoreError> {
        self.check(StoreCall::Other).await?;
        self.engine().usage(group, keys, now).await
    }

    async fn reset(&self, group: &Group, keys: &[&str], now: Timestamp) -> Result<(), StoreError> {
        self.check(StoreCall::Reset).await?;
        self.record_write(true, "reset".to_owned());
        self.engine().reset(group, keys, now).await
    }

    async fn sweep(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.check(StoreCall::Other).await?;
        self.engine().sweep(now, limit).await
    }

    async fn check_ready(&self) -> Result<(), StoreError> {
        self.check(StoreCall::Other).await?;
        self.engine().check_ready().await
    }

    fn queue_length(&self) -> usize {
        self.engines
            .iter()
            .map(|engine| engine.queue_length())
            .sum()
    }

    fn queue_capacity(&self) -> usize {
        let engines = self.engines.iter();
        engines.map(|engine| engine.queue_capacity()).sum()
    }
}
