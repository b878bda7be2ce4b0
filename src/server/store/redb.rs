//! The embedded engine: one file that one process owns, based on redb.
//!
//! - `open`: the data directory, the file and its schema. `rollback_file` leaves a refused file
//!   unchanged, `lock` keeps other processes out, `clean_close` tells a file that need not be
//!   checked, `open_error` says what is wrong.
//! - `engine`: the open database, shared by readers and the writer, and reopened after an I/O
//!   failure.
//! - `writer`: the one thread that writes, with a bounded queue and group commit.
//! - `tables`: the schema, and the functions that keep the indexes consistent.
//! - `records`, `counters`: the operations of the contract, within a transaction.
//! - `backup`, `restore`, `compact`: what the operator does with the file.
//!
//! Every change is executed by the writer thread, in one transaction with all others that wait, and
//! is answered after the commit is on disk. Reads run on the caller's task. A read transaction
//! lasts for one call, so that old pages can be reused.

mod backup;
mod clean_close;
mod compact;
mod counters;
mod engine;
mod lock;
mod open;
mod open_error;
mod records;
mod restore;
mod rollback_file;
mod tables;
mod writer;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;

use crate::server::crypto::backup_keys::BackupKeys;
use crate::server::store::{
    BackupError, BackupSummary, Charge, Digest, Group, Key, Precondition, PutOutcome, Record,
    RecordKind, ReservationId, ReservationOutcome, ReservationRequest, SettleMode, Store,
    StoreError, Timestamp, Usage,
};
pub use compact::compact;
use engine::Engine;
use open::StoreFile;
pub use open_error::OpenRedbError;
pub use restore::{CheckedBackup, RestoreError, RestoreOptions, inspect, restore};
use writer::Writer;

/// Options of the embedded engine.
#[derive(Clone, Copy, Debug)]
pub struct RedbOptions {
    /// Page cache, in bytes. Default 4 MiB.
    pub cache_size: usize,
    /// How many changes may wait for the writer before [`StoreError::Overloaded`]. Default 4096.
    pub queue: usize,
}

impl Default for RedbOptions {
    fn default() -> Self {
        Self {
            cache_size: 4 * 1024 * 1024,
            queue: 4096,
        }
    }
}

/// A store in one file. An `Ok` survives `kill -9`, and a loss of power if the disk honours a
/// flush.
pub struct RedbStore {
    engine: Arc<Engine>,
    writer: Writer,
    /// Whether a backup is running.
    backing_up: Arc<AtomicBool>,
}

impl RedbStore {
    /// Opens the file; creates it (0600) and its folder (0700) if missing. Repairs a file that was
    /// not closed cleanly. Checks its pages, about a second per gigabyte, unless nobody has written
    /// to it since it was closed.
    ///
    /// # Errors
    /// [`OpenRedbError`].
    pub fn open(path: &Path, options: RedbOptions) -> Result<Self, OpenRedbError> {
        Self::at(StoreFile::File(path.to_owned()), options)
    }

    /// A store in memory, for tests.
    ///
    /// # Errors
    /// [`OpenRedbError`] if the writer thread cannot be started.
    pub fn in_memory(options: RedbOptions) -> Result<Self, OpenRedbError> {
        Self::at(StoreFile::Memory, options)
    }

    fn at(location: StoreFile, options: RedbOptions) -> Result<Self, OpenRedbError> {
        let engine = Arc::new(Engine::open(location, options.cache_size)?);
        let writer = Writer::start(engine.clone(), options.queue).map_err(OpenRedbError::Thread)?;
        Ok(Self {
            engine,
            writer,
            backing_up: Arc::default(),
        })
    }

    /// How many transactions with changes were committed since it was opened.
    pub fn commit_count(&self) -> u64 {
        self.engine.commit_count()
    }

    /// Accepts no more changes, completes the queued ones and closes the file. Blocks for about one
    /// commit. Dropping does the same and logs the error.
    ///
    /// # Errors
    /// [`StoreError`] if the file could not be closed cleanly; it is repaired when it is next
    /// opened.
    pub fn close(&self) -> Result<(), StoreError> {
        self.writer.stop();
        self.engine.close()
    }
}

impl Drop for RedbStore {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::warn!(%error, "the store's file was not closed cleanly and will be repaired \
                                    when it is next opened");
        }
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedbStore({})", self.engine.location())
    }
}

#[async_trait]
impl Store for RedbStore {
    async fn get(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.engine
            .read(|transaction| records::get(transaction, key, now))
    }

    async fn get_all(
        &self,
        keys: &[Key],
        now: Timestamp,
    ) -> Result<Vec<Option<Record>>, StoreError> {
        self.engine
            .read(|transaction| records::get_all(transaction, keys, now))
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
        self.writer
            .run(move |tables| tables.put(key, owner, precondition, &bytes, expires_at, now))
            .await
    }

    async fn take(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.writer.run(move |tables| tables.take(key, now)).await
    }

    async fn delete(&self, key: Key) -> Result<(), StoreError> {
        self.writer.run(move |tables| tables.delete(key)).await
    }

    async fn delete_all(&self, keys: &[Key]) -> Result<(), StoreError> {
        let keys = keys.to_vec();
        self.writer
            .run(move |tables| keys.iter().try_for_each(|key| tables.delete(*key)))
            .await
    }

    async fn keys_by_owner(&self, owner: Digest, now: Timestamp) -> Result<Vec<Key>, StoreError> {
        self.engine
            .read(|transaction| records::keys_by_owner(transaction, owner, now))
    }

    async fn scan(
        &self,
        kind: RecordKind,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, StoreError> {
        self.engine
            .read(|transaction| records::scan(transaction, kind, limit, now))
    }

    /// On a thread for blocking calls, because it reads as many pages as there are records.
    async fn count(&self, kind: RecordKind, now: Timestamp) -> Result<usize, StoreError> {
        let engine = self.engine.clone();
        let counting = move || engine.read(|transaction| records::count(transaction, kind, now));
        tokio::task::spawn_blocking(counting)
            .await
            .map_err(|error| StoreError::Unavailable(error.to_string()))?
    }

    async fn reserve(
        &self,
        id: ReservationId,
        group: &Group,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<ReservationOutcome, StoreError> {
        let group = counters::GroupPrefix::of(group);
        let charges = charges.to_vec();
        self.writer
            .run(move |tables| tables.reserve(id, &group, &charges, now))
            .await
    }

    async fn reserve_in_order(
        &self,
        requests: &[ReservationRequest],
        now: Timestamp,
    ) -> Result<Vec<ReservationOutcome>, StoreError> {
        let requests: Vec<_> = requests
            .iter()
            .map(|one| {
                (
                    one.id,
                    counters::GroupPrefix::of(&one.group),
                    one.charges.clone(),
                )
            })
            .collect();
        self.writer
            .run(move |tables| tables.reserve_in_order(&requests, now))
            .await
    }

    async fn settle(
        &self,
        id: ReservationId,
        group: &Group,
        mode: SettleMode,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let group = counters::GroupPrefix::of(group);
        self.writer
            .run(move |tables| tables.settle(id, &group, &mode, now))
            .await
    }

    async fn usage(
        &self,
        group: &Group,
        keys: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Usage>, StoreError> {
        let group = counters::GroupPrefix::of(group);
        self.engine
            .read(|transaction| counters::usage(transaction, &group, keys, now))
    }

    async fn reset(&self, group: &Group, keys: &[&str], _now: Timestamp) -> Result<(), StoreError> {
        let group = counters::GroupPrefix::of(group);
        let names: Vec<_> = keys.iter().map(|key| group.counter(key)).collect();
        self.writer.run(move |tables| tables.reset(&names)).await
    }

    async fn sweep(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.writer
            .run(move |tables| tables.sweep(now, limit))
            .await
    }

    async fn check_ready(&self) -> Result<(), StoreError> {
        self.engine.check_file()?;
        self.writer.run(|_| Ok(())).await
    }

    fn queue_length(&self) -> usize {
        self.writer.queue_usage().length
    }

    fn queue_capacity(&self) -> usize {
        self.writer.queue_usage().capacity
    }

    async fn back_up(
        &self,
        file: &Path,
        replace: bool,
        keys: &BackupKeys,
        now: Timestamp,
    ) -> Result<BackupSummary, BackupError> {
        if self.backing_up.swap(true, Ordering::AcqRel) {
            return Err(BackupError::AlreadyRunning);
        }
        let (engine, backing_up) = (self.engine.clone(), self.backing_up.clone());
        let (file, keys) = (file.to_owned(), keys.clone());
        let writing = tokio::task::spawn_blocking(move || {
            let written = backup::write(&engine, &file, replace, &keys, now);
            backing_up.store(false, Ordering::Release);
            written
        });
        writing
            .await
            .map_err(|error| StoreError::Unavailable(error.to_string()))?
    }
}
