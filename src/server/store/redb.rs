//! The embedded engine: one file, one process, no server to run.
//!
//! - `open`: the data directory, the file, the schema; what can be wrong with them. `undo`: a
//!   refused file stays as it was.
//! - `engine`: the open database, shared by readers and the writer, and how it is opened anew after
//!   an I/O failure.
//! - `writer`: the one thread that writes: a bounded queue and group commit.
//! - `tables`: what lies in the file, and the rule that whatever expires is in the expiry index.
//! - `records`, `counters`: the contract, decided inside a transaction.
//! - `backup`, `restore`, `compact`: a copy of one moment, its way back, and a smaller file.
//!
//! Everything that changes the file is decided by the writer's thread inside one transaction
//! together with whatever else waits then, and answered after that transaction is on the disk.
//! Reads run on the caller's task; their transactions last as long as one call, so that old pages
//! can be used again.

mod backup;
mod compact;
mod counters;
mod engine;
mod open;
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

use crate::server::store::{
    BackupError, BackupSummary, Charge, Digest, Group, Key, Precondition, PutOutcome, Record,
    RecordKind, ReservationId, ReservationOutcome, ReservationRequest, SettleMode, Store,
    StoreError, Timestamp, Usage,
};
pub use compact::compact;
use engine::Engine;
pub use open::OpenRedbError;
use open::StoreFile;
pub use restore::{CheckedBackup, RestoreError, inspect, restore};
use writer::Writer;

/// What can be chosen about the embedded engine.
#[derive(Clone, Copy, Debug)]
pub struct RedbOptions {
    /// Memory for pages of the file, in bytes. Default 4 MiB.
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

/// A store in one file. An `Ok` survives `kill -9` and, as far as the disk keeps its word, a loss
/// of power.
pub struct RedbStore {
    engine: Arc<Engine>,
    writer: Writer,
    /// A backup is being made.
    backing_up: Arc<AtomicBool>,
}

impl RedbStore {
    /// Opens the file, and makes it (0600) and its folder (0700) if they are not there. A file that
    /// was not closed well is repaired; its pages are checked in any case, which takes about a
    /// second per gigabyte.
    ///
    /// # Errors
    /// [`OpenError`] says in words what is wrong with the place, the file or what is in it.
    pub fn open(path: &Path, options: RedbOptions) -> Result<Self, OpenRedbError> {
        Self::at(StoreFile::File(path.to_owned()), options)
    }

    /// A store that is gone with the process: for tests of what is built on it.
    ///
    /// # Errors
    /// [`OpenError`] if the writer's thread cannot be started.
    pub fn in_memory(options: RedbOptions) -> Result<Self, OpenRedbError> {
        Self::at(StoreFile::Memory, options)
    }

    fn at(place: StoreFile, options: RedbOptions) -> Result<Self, OpenRedbError> {
        let engine = Arc::new(Engine::open(place, options.cache_size)?);
        let writer = Writer::start(engine.clone(), options.queue).map_err(OpenRedbError::Thread)?;
        Ok(Self {
            engine,
            writer,
            backing_up: Arc::default(),
        })
    }

    /// Takes no more changes, carries out and answers those that wait, and closes the file. Blocks
    /// for about one commit. Dropping does the same, but keeps errors to itself.
    ///
    /// # Errors
    /// [`StoreError`] if the file could not be closed well; it is repaired when it is opened next.
    pub fn close(&self) -> Result<(), StoreError> {
        self.writer.stop();
        self.engine.close()
    }
}

impl Drop for RedbStore {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::warn!(%error, "the store's file was not closed well and will be repaired when it is opened next");
        }
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedbStore({})", self.engine.place())
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
        expect: Precondition,
        bytes: Vec<u8>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<PutOutcome, StoreError> {
        self.writer
            .run(move |tables| tables.put(key, owner, expect, &bytes, expires_at, now))
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

    async fn owned(&self, owner: Digest, now: Timestamp) -> Result<Vec<Key>, StoreError> {
        self.engine
            .read(|transaction| records::owned(transaction, owner, now))
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

    async fn reserve(
        &self,
        ticket: ReservationId,
        group: &Group,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<ReservationOutcome, StoreError> {
        let group = counters::Prefix::of(group);
        let charges = charges.to_vec();
        self.writer
            .run(move |tables| tables.reserve(ticket, &group, &charges, now))
            .await
    }

    async fn reserve_in_turn(
        &self,
        wanted: &[ReservationRequest],
        now: Timestamp,
    ) -> Result<Vec<ReservationOutcome>, StoreError> {
        let wanted: Vec<_> = wanted
            .iter()
            .map(|one| {
                (
                    one.ticket,
                    counters::Prefix::of(&one.group),
                    one.charges.clone(),
                )
            })
            .collect();
        self.writer
            .run(move |tables| tables.reserve_in_turn(&wanted, now))
            .await
    }

    async fn settle(
        &self,
        ticket: ReservationId,
        group: &Group,
        how: SettleMode,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let group = counters::Prefix::of(group);
        self.writer
            .run(move |tables| tables.settle(ticket, &group, &how, now))
            .await
    }

    async fn usage(
        &self,
        group: &Group,
        keys: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Usage>, StoreError> {
        let group = counters::Prefix::of(group);
        self.engine
            .read(|transaction| counters::usage(transaction, &group, keys, now))
    }

    async fn reset(&self, group: &Group, keys: &[&str], _now: Timestamp) -> Result<(), StoreError> {
        let group = counters::Prefix::of(group);
        let names: Vec<_> = keys.iter().map(|key| group.counter(key)).collect();
        self.writer.run(move |tables| tables.reset(&names)).await
    }

    async fn sweep(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.writer
            .run(move |tables| tables.sweep(now, limit))
            .await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.writer.run(|_| Ok(())).await
    }

    async fn back_up(
        &self,
        file: &Path,
        replace: bool,
        now: Timestamp,
    ) -> Result<BackupSummary, BackupError> {
        if self.backing_up.swap(true, Ordering::AcqRel) {
            return Err(BackupError::UnderWay);
        }
        let (engine, backing_up, file) = (
            self.engine.clone(),
            self.backing_up.clone(),
            file.to_owned(),
        );
        let writing = tokio::task::spawn_blocking(move || {
            let written = backup::write(&engine, &file, replace, now);
            backing_up.store(false, Ordering::Release);
            written
        });
        writing
            .await
            .map_err(|error| StoreError::Unavailable(error.to_string()))?
    }
}
