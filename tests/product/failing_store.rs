//! A store that fails at what a success is noted with, and at nothing else: the person is let in
//! all the same. For other tests, one that fails at everything while it is told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use latchkey::domain::timestamp::Timestamp;
use latchkey::server::crypto::derived_keys::Digest;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::store::{
    Charge, Group, Key, Precondition, PutOutcome, Record, RecordKind, ReservationId,
    ReservationOutcome, SettleMode, Store, StoreError, Usage,
};

use crate::support::{KNOWN, Upstream, World, minutes, pause, wait_until};

#[tokio::test]
async fn whoever_showed_the_right_code_has_a_session_though_counters_and_browser_are_not_noted() {
    let store = Arc::new(Forgetful::new());
    store.fails.store(true, Ordering::Relaxed);
    let world = World::over(store.clone(), Arc::new(Upstream::start().await), |_| {});
    let (mut browser, code) = world.asked(KNOWN).await;
    browser.verify(&code).await.next("/account");
    assert_eq!(
        store.failures.load(Ordering::Relaxed),
        2,
        "counters and browser"
    );
    assert!(browser.is_signed_in().await);
    assert_eq!(browser.cookie("latchkey-browser"), None);
    assert_eq!(
        (
            world.audit.count("authn_login_success"),
            world.audit.count("session_created")
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn k7_a_session_that_cannot_begin_here_ends_upstream() {
    let store = Arc::new(Forgetful::new());
    store.fails.store(true, Ordering::Relaxed);
    store.sessions_too.store(true, Ordering::Relaxed);
    let world = World::over(store.clone(), Arc::new(Upstream::start().await), |_| {});
    let (mut browser, code) = world.asked(KNOWN).await;
    browser.verify(&code).await.problem(503, "unavailable");
    wait_until("it to end upstream", async || {
        world.upstream.count("session_logout").await == 1
    })
    .await;
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn s9_a_known_browser_stays_known_when_its_new_token_cannot_be_written() {
    let store = Arc::new(Forgetful::new());
    let world = World::over(store.clone(), Arc::new(Upstream::start().await), |_| {});
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    world.advance(minutes(1)).await;
    store.fails.store(true, Ordering::Relaxed);
    browser.sign_in(KNOWN).await;
    store.fails.store(false, Ordering::Relaxed);
    world.advance(minutes(16)).await;

    let mut stranger = world.browser();
    stranger.ask(KNOWN).await;
    stranger.guess(KNOWN).await;
    stranger.guess(KNOWN).await;
    // The last try is kept for a browser that is known.
    world.advance(minutes(1)).await;
    browser.sign_in(KNOWN).await;
}

#[derive(Debug)]
pub struct Forgetful {
    engine: RedbStore,
    fails_at_all: AtomicBool,
    fails: AtomicBool,
    sessions_too: AtomicBool,
    messages: AtomicBool,
    failures: AtomicUsize,
}

impl Forgetful {
    pub fn new() -> Self {
        let engine = RedbStore::in_memory(RedbOptions::default()).unwrap();
        Self {
            engine,
            fails_at_all: AtomicBool::default(),
            fails: AtomicBool::default(),
            sessions_too: AtomicBool::default(),
            messages: AtomicBool::default(),
            failures: AtomicUsize::default(),
        }
    }

    pub fn fail_at_all(&self, fails: bool) {
        self.fails_at_all.store(fails, Ordering::Relaxed);
    }

    /// At keeping messages to test numbers alone.
    pub fn fail_messages(&self, fails: bool) {
        self.messages.store(fails, Ordering::Relaxed);
    }

    fn engine(&self) -> Result<&RedbStore, StoreError> {
        let fails = self.fails_at_all.load(Ordering::Relaxed);
        if fails {
            Err(StoreError::Unavailable("told to".to_owned()))
        } else {
            Ok(&self.engine)
        }
    }

    /// Late, as a store that runs out of time: what was asked for meanwhile is done.
    async fn note(&self) -> Result<(), StoreError> {
        if self.fails.load(Ordering::Relaxed) {
            pause(20).await;
            self.failures.fetch_add(1, Ordering::Relaxed);
            return Err(StoreError::Overloaded);
        }
        Ok(())
    }
}

#[async_trait]
impl Store for Forgetful {
    async fn get(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.engine()?.get(key, now).await
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
        if key.kind == RecordKind::TestMessage && self.messages.load(Ordering::Relaxed) {
            return Err(StoreError::Overloaded);
        }
        let sessions_too = self.sessions_too.load(Ordering::Relaxed);
        if key.kind == RecordKind::KnownBrowser || (sessions_too && key.kind == RecordKind::Session)
        {
            self.note().await?;
        }
        self.engine()?
            .put(key, owner, expect, bytes, expires_at, now)
            .await
    }

    async fn take(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.engine()?.take(key, now).await
    }

    async fn delete(&self, key: Key) -> Result<(), StoreError> {
        self.engine()?.delete(key).await
    }

    async fn owned(&self, owner: Digest, now: Timestamp) -> Result<Vec<Key>, StoreError> {
        self.engine()?.owned(owner, now).await
    }

    async fn scan(
        &self,
        kind: RecordKind,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, StoreError> {
        self.engine()?.scan(kind, limit, now).await
    }

    async fn reserve(
        &self,
        ticket: ReservationId,
        group: &Group,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<ReservationOutcome, StoreError> {
        self.engine()?.reserve(ticket, group, charges, now).await
    }

    async fn settle(
        &self,
        ticket: ReservationId,
        group: &Group,
        how: SettleMode,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.engine()?.settle(ticket, group, how, now).await
    }

    async fn usage(
        &self,
        group: &Group,
        keys: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Usage>, StoreError> {
        self.engine()?.usage(group, keys, now).await
    }

    async fn reset(&self, group: &Group, keys: &[&str], now: Timestamp) -> Result<(), StoreError> {
        self.note().await?;
        self.engine()?.reset(group, keys, now).await
    }

    async fn sweep(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.engine()?.sweep(now, limit).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.engine()?.ready().await
    }
}
