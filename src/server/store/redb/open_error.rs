//! Why a store's file cannot be opened, and how redb's errors say so.

use std::io;
use std::path::{Path, PathBuf};

use crate::server::system::io_error::is_temporary;

/// The store cannot be opened.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the names say it")]
pub enum OpenRedbError {
    /// The folder or the file cannot be created, read or written.
    #[error("{path} cannot be used: {source}")]
    Io { path: PathBuf, source: io::Error },
    /// Another process has it open.
    #[error("{0} is open in another process; one file belongs to one running server")]
    InUse(PathBuf),
    /// Nothing would keep a second process out.
    #[error(
        "{path} cannot be locked, so that a second server could open it too: {source}. Put the \
         store on a file system with file locks, such as a local disk, or switch on the locks of \
         this one"
    )]
    NotLockable { path: PathBuf, source: io::Error },
    /// A later version of this program wrote it.
    #[error(
        "{path} has schema {found}, and this program knows schema {known}; run the version that \
         wrote it"
    )]
    Schema {
        path: PathBuf,
        found: u64,
        known: u64,
    },
    /// A database of another program, or a file format that this program does not read.
    #[error("{path} is not a store of ours: {what}")]
    Foreign { path: PathBuf, what: String },
    #[error("{path} is damaged: {what}")]
    Corrupt { path: PathBuf, what: String },
    /// The writer thread cannot be started.
    #[error("the store's writer cannot be started: {0}")]
    Thread(io::Error),
}

impl OpenRedbError {
    /// Whether a later attempt may succeed by itself.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Io { source, .. } => is_temporary(source),
            // The other process may be an earlier server that is about to end.
            Self::InUse(_) | Self::Thread(_) => true,
            Self::NotLockable { .. }
            | Self::Schema { .. }
            | Self::Foreign { .. }
            | Self::Corrupt { .. } => false,
        }
    }
}

/// The file system cannot lock the file. It travels through redb inside an [`io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NoLock(pub(super) io::Error);

pub(super) fn to_open_error(error: impl Into<redb::Error>, path: &Path) -> OpenRedbError {
    let path = path.to_owned();
    match error.into() {
        redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => {
            OpenRedbError::InUse(path)
        }
        redb::Error::Io(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
            OpenRedbError::Corrupt {
                path,
                what: "it ends too early".to_owned(),
            }
        }
        redb::Error::Io(source) if source.kind() == io::ErrorKind::InvalidData => {
            OpenRedbError::Foreign {
                path,
                what: source.to_string(),
            }
        }
        redb::Error::Io(source) => match into_lock_error(source) {
            Ok(source) => OpenRedbError::NotLockable { path, source },
            Err(source) => OpenRedbError::Io { path, source },
        },
        redb::Error::Corrupted(what) => OpenRedbError::Corrupt { path, what },
        other @ (redb::Error::UpgradeRequired(_)
        | redb::Error::TableTypeMismatch { .. }
        | redb::Error::TypeDefinitionChanged { .. }
        | redb::Error::TableIsMultimap(_)) => OpenRedbError::Foreign {
            path,
            what: other.to_string(),
        },
        other => OpenRedbError::Corrupt {
            path,
            what: other.to_string(),
        },
    }
}

/// The reason why a file cannot be locked, if that is the error.
fn into_lock_error(error: io::Error) -> Result<io::Error, io::Error> {
    if !error.get_ref().is_some_and(|inner| inner.is::<NoLock>()) {
        return Err(error);
    }
    let text = error.to_string();
    let inner = error
        .into_inner()
        .and_then(|inner| inner.downcast::<NoLock>().ok());
    Ok(inner.map_or_else(|| io::Error::other(text), |no_lock| no_lock.0))
}
