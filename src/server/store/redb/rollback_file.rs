//! A file whose first changes can be rolled back. Opening a database writes to it, for example the
//! mark that it is in use. A file that turns out to be damaged or not ours must be left unchanged.

use std::fs::OpenOptions;
use std::io;
use std::ops::Bound;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use redb::{BackendError, StorageBackend};

use crate::server::store::redb::lock::require_lock;
use crate::server::system::mutex::lock;

/// A file that logs what it overwrites until the log is discarded.
#[derive(Debug)]
pub(super) struct RollbackFile<B> {
    file: B,
    log: RollbackLog,
}

/// The overwritten contents of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct RollbackLog(Arc<Mutex<Option<Changes>>>);

/// The original length, and what was overwritten, in order.
#[derive(Debug, Default)]
struct Changes {
    length: Option<u64>,
    overwritten: Vec<(u64, Vec<u8>)>,
}

impl<B: StorageBackend> RollbackFile<B> {
    pub(super) fn new(file: B) -> (Self, RollbackLog) {
        let log = RollbackLog(Arc::new(Mutex::new(Some(Changes::default()))));
        (
            Self {
                file,
                log: log.clone(),
            },
            log,
        )
    }

    /// Logs the bytes from `start` to `end`, as far as the file reaches.
    fn log_overwritten(&self, start: u64, end: u64) -> io::Result<()> {
        let mut log = lock(&self.log.0);
        let Some(changes) = log.as_mut() else {
            return Ok(());
        };
        let length = self.file.len()?;
        changes.length.get_or_insert(length);
        let count =
            usize::try_from(end.min(length).saturating_sub(start)).map_err(io::Error::other)?;
        if count > 0 {
            let mut bytes = vec![0; count];
            self.file.read(start, &mut bytes)?;
            changes.overwritten.push((start, bytes));
        }
        Ok(())
    }
}

impl RollbackLog {
    /// Stops logging.
    pub(super) fn discard(&self) {
        lock(&self.0).take();
    }

    /// Restores the file at `path`, which must be closed.
    pub(super) fn restore(&self, path: &Path) -> io::Result<()> {
        let Some(Changes {
            length: Some(length),
            overwritten,
        }) = lock(&self.0).take()
        else {
            return Ok(());
        };
        let file = OpenOptions::new().write(true).open(path)?;
        for (start, bytes) in overwritten.iter().rev() {
            file.write_all_at(bytes, *start)?;
        }
        file.set_len(length)?;
        file.sync_all()
    }
}

impl<B: StorageBackend> StorageBackend for RollbackFile<B> {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.log_overwritten(length, u64::MAX)?;
        self.file.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.log_overwritten(offset, offset.saturating_add(data.len() as u64))?;
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        require_lock((start, end), self.file.try_lock_range(start, end))
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}
