//! Tests of the lock of the store's file on file systems with other locks than that of the test.

use std::io;
use std::ops::Bound;

use redb::{BackendError, StorageBackend};

use super::*;
use crate::server::store::redb::lock::{WHOLE_FILE, acquire};

/// What a file system does when it is asked for a lock.
#[derive(Clone, Copy, Debug)]
enum Locks {
    /// Every lock fails with this error number.
    Fail(i32),
    /// Locks of the whole file work, and those of a range are unsupported.
    WholeFileOnly,
    /// Every lock is granted, and none keeps anyone out.
    Granted,
    /// As the file system of the test does it.
    Work,
}

const ENOLCK: i32 = 37;
const ENOSYS: i32 = 38;
const EOPNOTSUPP: i32 = 95;
const EIO: i32 = 5;

/// A file on a file system with such locks.
#[derive(Debug)]
struct FakeFile {
    file: FileBackend,
    locks: Locks,
}

impl StorageBackend for FakeFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        match self.locks {
            // Converts as the backend of a real file does.
            Locks::Fail(number) => Err(io::Error::from_raw_os_error(number).into()),
            Locks::WholeFileOnly if (start, end) != WHOLE_FILE => Err(BackendError::Unsupported),
            Locks::Granted => Ok(true),
            Locks::WholeFileOnly | Locks::Work => self.file.try_lock_range(start, end),
        }
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }
}

fn open_with(locks: Locks, path: &Path) -> Result<redb::Database, OpenRedbError> {
    let file = FileBackend::new(open_file(path)?).unwrap();
    open_backend(FakeFile { file, locks }, path, 1 << 20)
}

fn store() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    drop(open_with(Locks::Work, &path).unwrap());
    (folder, path)
}

#[test]
fn a_file_that_cannot_be_locked_is_refused_and_left_unchanged() {
    for (locks, cause) in [
        (Locks::Fail(EOPNOTSUPP), "does not support file locks"),
        (Locks::Fail(ENOSYS), "does not support file locks"),
        (Locks::Fail(ENOLCK), "No locks available"),
        (Locks::Fail(EIO), "Input/output error"),
        (Locks::Granted, "grants the same lock twice"),
    ] {
        let (_folder, path) = store();
        let before = fs::read(&path).unwrap();
        let error = open_with(locks, &path).unwrap_err();
        assert!(
            matches!(error, OpenRedbError::NotLockable { .. }),
            "{locks:?}: {error:?}"
        );
        let text = error.to_string();
        assert!(
            text.contains(cause) && text.contains("a second server could open it too"),
            "{text}"
        );
        assert!(fs::read(&path).unwrap() == before, "{locks:?}: written");
    }
}

#[test]
fn a_new_file_that_cannot_be_locked_stays_empty() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    for locks in [Locks::Fail(EOPNOTSUPP), Locks::Fail(ENOLCK), Locks::Granted] {
        open_with(locks, &path).unwrap_err();
        assert_eq!(fs::metadata(&path).unwrap().len(), 0, "{locks:?}");
    }
    drop(open_with(Locks::Work, &path).unwrap());
}

#[test]
fn a_lock_of_the_whole_file_is_enough_and_keeps_others_out() {
    let (_folder, path) = store();
    let first = open_with(Locks::WholeFileOnly, &path).unwrap();
    for locks in [Locks::WholeFileOnly, Locks::Work] {
        let error = open_with(locks, &path).unwrap_err();
        assert!(matches!(error, OpenRedbError::InUse(_)), "{error:?}");
    }
    let file = open_file(&path).unwrap();
    let error = acquire(file, &path).unwrap_err();
    assert!(matches!(error, OpenRedbError::InUse(_)), "{error:?}");
    drop(first);
    let held = acquire(open_file(&path).unwrap(), &path).unwrap();
    let error = open_with(Locks::Work, &path).unwrap_err();
    assert!(matches!(error, OpenRedbError::InUse(_)), "{error:?}");
    drop(held);
    drop(open_with(Locks::Work, &path).unwrap());
}

/// redb itself would go on without a lock.
#[test]
fn redb_does_not_open_a_file_whose_locks_fail_after_the_check() {
    for number in [EOPNOTSUPP, ENOSYS, ENOLCK] {
        let (_folder, path) = store();
        let file = FileBackend::new(open_file(&path).unwrap()).unwrap();
        let locks = Locks::Fail(number);
        let (file, _log) = RollbackFile::new(FakeFile { file, locks });
        let error = redb::Builder::new().create_with_backend(file).unwrap_err();
        let error = to_open_error(error, &path);
        assert!(
            matches!(error, OpenRedbError::NotLockable { .. }),
            "{error:?}"
        );
    }
}
