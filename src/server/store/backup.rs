//! What a backup is, whichever way it is made.

use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::store::StoreError;

/// What is in a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupSummary {
    /// The moment that it shows.
    pub taken_at: Timestamp,
    /// Sessions that had not expired by then.
    pub sessions: u64,
    /// Records of every kind, sessions too.
    pub records: u64,
    /// Counters.
    pub counters: u64,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A backup could not be made. Nothing is left of it, and one that was there before is still there.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Not by us.
    #[error("this store is not backed up by us: its server has means of its own")]
    NotHere,
    /// A file of that name is there.
    #[error("{0} is there already; --replace lets the backup take its place")]
    Exists(PathBuf),
    /// That name is the store's own.
    #[error("{0} is the store itself")]
    Itself(PathBuf),
    /// Another one is being made.
    #[error("another backup is under way")]
    UnderWay,
    /// It took so long that the store's file would have grown much meanwhile.
    #[error(
        "it was given up after {0} seconds: what changes meanwhile takes room of its own in the store's file"
    )]
    TooLong(u64),
    /// The file cannot be written.
    #[error("{path}: {source}")]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The store cannot be read, or the copy not written.
    #[error(transparent)]
    Store(StoreError),
}

impl<E: Into<StoreError>> From<E> for BackupError {
    fn from(error: E) -> Self {
        Self::Store(error.into())
    }
}
