//! The open database, shared by readers and the writer.

use std::sync::{PoisonError, RwLock};

use redb::{Database, ReadTransaction, ReadableDatabase};

use crate::server::store::StoreError;
use crate::server::store::redb::OpenRedbError;
use crate::server::store::redb::open::{self, StoreFile};

/// Holds the database while it is open. After an I/O failure redb answers nothing until the file is
/// opened anew; the lock lets that happen under readers that hold on to it for one call only.
pub(super) struct Engine {
    database: RwLock<Option<Database>>,
    place: StoreFile,
    cache_size: usize,
}

impl Engine {
    pub(super) fn open(place: StoreFile, cache_size: usize) -> Result<Self, OpenRedbError> {
        let database = RwLock::new(Some(open::open(&place, cache_size)?));
        Ok(Self {
            database,
            place,
            cache_size,
        })
    }

    pub(super) fn place(&self) -> &StoreFile {
        &self.place
    }

    /// Lends the database.
    pub(super) fn with<T, E: From<StoreError>>(
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

    /// Reads in one transaction.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with(|database| work(&database.begin_read()?))
    }

    /// A view of this moment that outlasts the call. As long as it lives, what it shows takes room
    /// in the file; when the file is opened again meanwhile, it can no longer be read.
    pub(super) fn snapshot(&self) -> Result<ReadTransaction, StoreError> {
        self.with(|database| Ok(database.begin_read()?))
    }

    /// Opens the file again after an I/O failure. If that fails too, the next call tries again.
    pub(super) fn reopen(&self) {
        // What lies in memory does not fail, and would be lost.
        if matches!(self.place, StoreFile::Memory) {
            return;
        }
        let mut database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *database = None;
        match open::open(&self.place, self.cache_size) {
            Ok(opened) => *database = Some(opened),
            Err(error) => tracing::error!(%error, "the store's file cannot be opened again"),
        }
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
        database.map_or(Ok(()), |database| Ok(database.close()?))
    }
}

/// What redb reports, in the contract's words.
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
