//! The lock that gives one process the store's file.
//!
//! Without file locks, redb opens a file all the same and leaves it to the operator that only one
//! process does. Two processes would overwrite each other's pages. So a file that cannot be locked
//! is refused here, and so is one whose file system grants the same lock twice.

use std::fs::File;
use std::io;
use std::ops::Bound;
use std::path::Path;

use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};

use crate::server::store::redb::open_error::{NoLock, OpenRedbError, to_open_error};
use crate::server::system::private_files;

/// A range of bytes to lock.
pub(super) type LockRange = (Bound<u64>, Bound<u64>);

pub(super) const WHOLE_FILE: LockRange = (Bound::Unbounded, Bound::Unbounded);

/// Makes redb refuse a file that cannot be locked. redb tries a lock of the whole file where the
/// file system has none on ranges, so a range alone may be unsupported.
pub(super) fn require_lock(
    range: LockRange,
    locked: Result<bool, BackendError>,
) -> Result<bool, BackendError> {
    let cause = match locked {
        Ok(locked) => return Ok(locked),
        Err(BackendError::Unsupported) if range != WHOLE_FILE => {
            return Err(BackendError::Unsupported);
        }
        Err(BackendError::Unsupported) => io::Error::new(
            io::ErrorKind::Unsupported,
            "its file system does not support file locks",
        ),
        Err(error) => error.into(),
    };
    Err(BackendError::Io(io::Error::other(NoLock(cause))))
}

/// Locks the whole file as a server does, without opening a database in it.
pub(super) fn acquire(file: File, path: &Path) -> Result<FileBackend, OpenRedbError> {
    let file = FileBackend::new(file).map_err(|error| to_open_error(error, path))?;
    take(&file, path).map(|()| file)
}

/// Checks that the file can be locked, before anything in it is changed.
pub(super) fn check(file: &impl StorageBackend, path: &Path) -> Result<(), OpenRedbError> {
    take(file, path)?;
    let (start, end) = WHOLE_FILE;
    file.unlock_range(start, end)
        .map_err(|error| to_open_error(error, path))
}

/// Locks the whole file, and proves that the lock keeps others out: through another handle it must
/// be refused. Some file systems grant every lock.
fn take(file: &impl StorageBackend, path: &Path) -> Result<(), OpenRedbError> {
    if !lock_whole_file(file, path)? {
        return Err(OpenRedbError::InUse(path.to_owned()));
    }
    let other = private_files::open_options()
        .read(true)
        .write(true)
        .open(path)
        .map_err(|source| OpenRedbError::Io {
            path: path.to_owned(),
            source,
        })?;
    let other = FileBackend::new(other).map_err(|error| to_open_error(error, path))?;
    if lock_whole_file(&other, path)? {
        return Err(OpenRedbError::NotLockable {
            path: path.to_owned(),
            source: io::Error::other("its file system grants the same lock twice"),
        });
    }
    Ok(())
}

fn lock_whole_file(file: &impl StorageBackend, path: &Path) -> Result<bool, OpenRedbError> {
    let (start, end) = WHOLE_FILE;
    require_lock(WHOLE_FILE, file.try_lock_range(start, end))
        .map_err(|error| to_open_error(error, path))
}
