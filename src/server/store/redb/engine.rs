//! The open database, shared by readers and the writer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use redb::{Database, ReadTransaction, ReadableDatabase};

use crate::server::store::StoreError;
use crate::server::store::redb::open::{self, StoreFile};
use crate::server::store::redb::{OpenRedbError, clean_close};
use crate::server::system::mutex::lock;
use crate::server::system::same_file::FileIdentity;

/// The database while it is open. After an I/O failure redb returns errors until the file is
/// reopened. The lock allows that, because readers hold it for one call only.
pub(super) struct Engine {
    database: RwLock<Option<Database>>,
    location: StoreFile,
    cache_size: usize,
    /// The file that is open; none in memory.
    file: Mutex<Option<FileIdentity>>,
    commits: AtomicU64,
}

impl Engine {
    pub(super) fn open(location: StoreFile, cache_size: usize) -> Result<Self, OpenRedbError> {
        let database = RwLock::new(Some(open::open(&location, cache_size)?));
        let file = Mutex::new(location.identity());
        Ok(Self {
            database,
            location,
            cache_size,
            file,
            commits: AtomicU64::new(0),
        })
    }

    pub(super) fn location(&self) -> &StoreFile {
        &self.location
    }

    pub(super) fn count_commit(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn commit_count(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Runs `work` with the database.
    pub(super) fn with_database<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, E>,
    ) -> Result<T, E> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        work(
            database
                .as_ref()
                .ok_or_else(|| StoreError::Unavailable("its file is closed".to_owned()))?,
        )
    }

    /// Runs `work` in one read transaction.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with_database(|database| work(&database.begin_read()?))
    }

    /// Starts a read transaction that outlasts the call. While it lives, the pages it shows are not
    /// reused. It fails when the file is reopened.
    pub(super) fn snapshot(&self) -> Result<ReadTransaction, StoreError> {
        self.with_database(|database| Ok(database.begin_read()?))
    }

    /// Reopens the file after an I/O failure. If that fails, the next call tries again.
    pub(super) fn reopen(&self) {
        // Memory does not fail, and its data would be lost.
        if matches!(self.location, StoreFile::Memory) {
            return;
        }
        let mut database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *database = None;
        match open::open(&self.location, self.cache_size) {
            Ok(opened) => {
                *database = Some(opened);
                *lock(&self.file) = self.location.identity();
            }
            Err(error) => tracing::error!(%error, "the store's file cannot be reopened"),
        }
    }

    /// Checks that the file still has its name. What is written to one that was removed or replaced
    /// is lost when the server stops, and another server could open the new one.
    pub(super) fn check_file(&self) -> Result<(), StoreError> {
        if self.location.identity() == *lock(&self.file) {
            return Ok(());
        }
        Err(StoreError::Unavailable(format!(
            "{} was removed or replaced while it was open",
            self.location
        )))
    }

    pub(super) fn is_open(&self) -> bool {
        self.database
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    pub(super) fn close(&self) -> Result<(), StoreError> {
        let database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(database) = database else {
            return Ok(());
        };
        database.close()?;
        // The name may lead to another file by now.
        if let StoreFile::File(path) = &self.location
            && self.check_file().is_ok()
        {
            clean_close::note(path);
        }
        Ok(())
    }
}

/// Converts redb's errors to [`StoreError`].
macro_rules! store_error_from {
    ($($error:ty),+) => {$(
        impl From<$error> for StoreError {
            fn from(error: $error) -> Self {
                match error.into() {
                    redb::Error::Corrupted(what) => Self::Corrupt(what),
                    other => Self::Unavailable(other.to_string()),
                }
            }
        }
    )+};
}

store_error_from!(
    redb::CommitError,
    redb::DatabaseError,
    redb::Error,
    redb::StorageError,
    redb::TableError,
    redb::TransactionError
);
