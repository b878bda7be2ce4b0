//! The result and the errors of a backup, for every engine.

use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::fingerprint::Fingerprint;
use crate::server::store::StoreError;
use crate::server::system::io_error::is_temporary;

/// What a backup contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct BackupSummary {
    /// The time of the snapshot.
    pub taken_at: Timestamp,
    /// Sessions that had not expired by then.
    pub sessions: u64,
    /// Records of every kind, including sessions.
    pub records: u64,
    pub counters: u64,
    /// The size of the file.
    pub bytes: u64,
}

/// Whether a backup was written by a holder of the secret key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackupAuthentication {
    /// Its code fits one of the keys.
    Authentic,
    /// It has no code. A version without codes wrote it, or the code was taken away.
    Missing,
    /// Its code is by a secret key that is not known here.
    OtherKey(Fingerprint),
}

/// A backup failed. No partial file remains, and an existing file is untouched.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the names say it")]
pub enum BackupError {
    /// The engine has its own means of backup.
    #[error("this store is backed up with its server's own tools")]
    Unsupported,
    /// The target file exists.
    #[error("{0} exists already; --replace overwrites it")]
    Exists(PathBuf),
    /// The target is the store's own file.
    #[error("{0} is the store itself")]
    IsStoreFile(PathBuf),
    /// What would be replaced is no earlier backup: another file, a device, a socket.
    #[error("{0} is no backup; --replace overwrites earlier backups alone")]
    NotABackup(PathBuf),
    #[error("another backup is running")]
    AlreadyRunning,
    /// Nothing to authenticate it with.
    #[error("there is no secrets.key, which a backup is authenticated with")]
    NoKey,
    /// It took so long that the store's file would have grown much meanwhile.
    #[error(
        "the backup was aborted after {0} seconds, because the store's file grows while it runs"
    )]
    TimedOut(u64),
    /// The target cannot be written.
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    /// The store cannot be read.
    #[error(transparent)]
    Store(StoreError),
}

impl BackupError {
    /// Whether a later attempt may succeed by itself.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unsupported
            | Self::Exists(_)
            | Self::IsStoreFile(_)
            | Self::NotABackup(_)
            | Self::NoKey => false,
            Self::AlreadyRunning | Self::TimedOut(_) => true,
            Self::File { source, .. } => is_temporary(source),
            Self::Store(error) => error.is_temporary(),
        }
    }
}

impl<E: Into<StoreError>> From<E> for BackupError {
    fn from(error: E) -> Self {
        Self::Store(error.into())
    }
}
