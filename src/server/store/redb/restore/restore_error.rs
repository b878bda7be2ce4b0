//! Why a backup cannot be restored.

use std::io;
use std::path::{Path, PathBuf};

use crate::server::crypto::fingerprint::Fingerprint;
use crate::server::store::StoreError;
use crate::server::store::redb::OpenRedbError;
use crate::server::store::redb::backup::format::BackupFormatError;
use crate::server::store::redb::tables::SCHEMA;
use crate::server::system::io_error::is_temporary;

/// The restore failed; the existing store is untouched.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the names say it")]
pub enum RestoreError {
    /// A store exists.
    #[error("{0} exists already; --replace keeps it under another name and restores the backup")]
    Exists(PathBuf),
    /// A running server uses the store.
    #[error("{0} is open in a running server; stop that first")]
    InUse(PathBuf),
    /// The store's file cannot be locked.
    #[error(transparent)]
    Lock(OpenRedbError),
    /// The backup cannot be read, or is no backup.
    #[error("the backup cannot be used: {0}")]
    Backup(OpenRedbError),
    /// The backup is incomplete, or somebody changed it.
    #[error("the backup cannot be used: {path} is forged or damaged: {what}")]
    ForgedOrDamaged { path: PathBuf, what: &'static str },
    /// The backup has no authentication code.
    #[error(
        "{0} has no authentication code: a version without such codes wrote it, or somebody took \
         the code away. If you are sure of the file, give --accept-unauthenticated"
    )]
    Unauthenticated(PathBuf),
    /// The backup has a code by a key that is not known, which proves nothing.
    #[error(
        "{path} has an authentication code by a key (fingerprint {fingerprint}) that is not among \
         secrets.key and secrets.previous_keys. Put the key back that was in use with this \
         backup; or, if you are sure of the file, give --accept-unauthenticated"
    )]
    OtherKey {
        path: PathBuf,
        fingerprint: Fingerprint,
    },
    /// The new store cannot be written.
    #[error("the new store cannot be written: {0}")]
    Store(StoreError),
    /// A file or folder cannot be read or written.
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
}

impl RestoreError {
    /// Whether a later attempt may succeed by itself.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Exists(_)
            | Self::ForgedOrDamaged { .. }
            | Self::Unauthenticated(_)
            | Self::OtherKey { .. } => false,
            Self::InUse(_) => true,
            Self::Lock(error) | Self::Backup(error) => error.is_temporary(),
            Self::Store(error) => error.is_temporary(),
            Self::File { source, .. } => is_temporary(source),
        }
    }
}

impl<E: Into<StoreError>> From<E> for RestoreError {
    fn from(error: E) -> Self {
        Self::Store(error.into())
    }
}

pub(super) fn to_restore_error(error: BackupFormatError, backup: &Path) -> RestoreError {
    let path = backup.to_owned();
    let unusable = match error {
        BackupFormatError::Damaged(what) => return RestoreError::ForgedOrDamaged { path, what },
        BackupFormatError::Io(source) => OpenRedbError::Io { path, source },
        BackupFormatError::Foreign => OpenRedbError::Foreign {
            path,
            what: error.to_string(),
        },
        BackupFormatError::Schema(found) => OpenRedbError::Schema {
            path,
            found,
            known: SCHEMA,
        },
    };
    RestoreError::Backup(unusable)
}

pub(super) fn file_error(path: &Path) -> impl FnOnce(io::Error) -> RestoreError + use<> {
    let path = path.to_owned();
    move |source| RestoreError::File { path, source }
}
