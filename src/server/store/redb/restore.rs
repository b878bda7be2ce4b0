//! A backup takes the place of a store whose server is stopped.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use crate::domain::timestamp::Timestamp;
use crate::server::store::metadata::{self, KeyFingerprints};
use crate::server::store::redb::OpenRedbError;
use crate::server::store::redb::backup::format::{Reader, Row, Unreadable};
use crate::server::store::redb::backup::with_ending;
use crate::server::store::redb::open::{self, StoreFile};
use crate::server::store::redb::tables::{SCHEMA, Tables};
use crate::server::store::{BackupSummary, StoreError};
use crate::server::system::private_files;

/// Memory for pages of the new file, in bytes.
const CACHE: usize = 32 << 20;
/// How many bytes are read at once.
const BUFFER: usize = 1 << 20;

/// A backup as it was found: whole.
#[derive(Clone, Debug)]
pub struct CheckedBackup {
    /// How much is in it.
    pub contents: BackupSummary,
    /// The keys that the store was in use with.
    pub keys: Option<KeyFingerprints>,
}

/// The store was not replaced; what was there is still there.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// A store is there.
    #[error("{0} is there already; --replace sets it aside and lets the backup take its place")]
    Exists(PathBuf),
    /// A server runs on it.
    #[error("{0} is open in a running server; stop that first")]
    InUse(PathBuf),
    /// It is no backup, or not all of it is there.
    #[error("the backup cannot be used: {0}")]
    Backup(OpenRedbError),
    /// The new file cannot be made.
    #[error("the new store cannot be written: {0}")]
    Store(StoreError),
    /// A file or folder cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which one.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl<E: Into<StoreError>> From<E> for RestoreError {
    fn from(error: E) -> Self {
        Self::Store(error.into())
    }
}

/// What a backup holds, if all of it is there. Nothing is changed.
///
/// # Errors
/// [`RestoreError`].
pub fn inspect(backup: &Path) -> Result<CheckedBackup, RestoreError> {
    read(backup, |_| Ok(()))
}

/// Lets a backup take the place of the store at `store`, once the new file is whole and on the
/// disk; `replace` if one is there, which is kept beside. Says what was restored, and where the old
/// store is.
///
/// # Errors
/// [`RestoreError`].
pub fn restore(
    backup: &Path,
    store: &Path,
    replace: bool,
    now: Timestamp,
) -> Result<(CheckedBackup, Option<PathBuf>), RestoreError> {
    let folder = private_files::folder_of(store);
    if !folder.exists() {
        private_files::folder(folder).map_err(at(folder))?;
    }
    // Held until the end: no server can begin on the file meanwhile, whether or not there was one.
    let mut old = Old::own(store)?;
    if old.is_store && !replace {
        return Err(RestoreError::Exists(store.to_owned()));
    }
    let new = New(with_ending(store, "restoring"));
    let found = new.fill(backup)?;
    let aside = old.is_store.then(|| set_aside(store, now)).transpose()?;
    fs::rename(&new.0, store).map_err(at(store))?;
    old.holds_place = false;
    private_files::sync_folder(store).map_err(at(store))?;
    Ok((found, aside))
}

/// The file at the store's place, locked as a server locks it. Where there is none an empty one
/// holds the place; it is gone when dropped, unless the new store has taken it.
struct Old {
    path: PathBuf,
    is_store: bool,
    holds_place: bool,
    /// The lock goes with it.
    _file: File,
}

impl Old {
    fn own(store: &Path) -> Result<Self, RestoreError> {
        let made = private_files::file()
            .write(true)
            .create_new(true)
            .open(store);
        let holds_place = made.is_ok();
        let file = made.or_else(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => File::open(store),
            _ => Err(error),
        });
        let file = file.map_err(at(store))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(RestoreError::InUse(store.to_owned())),
            Err(TryLockError::Error(source)) => return Err(at(store)(source)),
        }
        let is_store = file.metadata().map_err(at(store))?.len() > 0;
        Ok(Self {
            path: store.to_owned(),
            is_store,
            holds_place,
            _file: file,
        })
    }
}

impl Drop for Old {
    fn drop(&mut self) {
        if self.holds_place {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Gives the old store a second name, so that at no moment there is none.
fn set_aside(store: &Path, now: Timestamp) -> Result<PathBuf, RestoreError> {
    let aside = with_ending(
        store,
        &format!("replaced-{}", now.to_rfc3339().replace(':', "")),
    );
    let linked = fs::hard_link(store, &aside).or_else(|error| match error.kind() {
        // A file system without links.
        io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied => copy_private(store, &aside),
        _ => Err(error),
    });
    linked
        .and_then(|()| private_files::sync_folder(&aside))
        .map_err(at(&aside))?;
    Ok(aside)
}

fn copy_private(from: &Path, to: &Path) -> io::Result<()> {
    let mut target = private_files::file()
        .write(true)
        .create_new(true)
        .open(to)?;
    io::copy(&mut File::open(from)?, &mut target)?;
    target.sync_all()
}

/// The file that is being made; gone when dropped, unless it has taken the store's name.
struct New(PathBuf);

impl New {
    fn fill(&self, backup: &Path) -> Result<CheckedBackup, RestoreError> {
        // Broken off earlier.
        let _ = fs::remove_file(&self.0);
        let unusable = |error: OpenRedbError| StoreError::Unavailable(error.to_string());
        let database = open::open(&StoreFile::File(self.0.clone()), CACHE).map_err(unusable)?;
        let transaction = database.begin_write()?;
        let mut tables = Tables::open(&transaction)?;
        let found = read(backup, |row| Ok(tables.add(row)?))?;
        drop(tables);
        transaction.commit()?;
        database.close()?;
        Ok(found)
    }
}

impl Drop for New {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Tables<'_> {
    /// Puts a row of a backup where nothing is yet, in all indexes too.
    fn add(&mut self, row: &Row) -> Result<(), StoreError> {
        match row {
            Row::Record(key, head, bytes) => self.set_record(*key, None, Some((*head, bytes))),
            Row::Counter(name, counter) => self.set_counter(name, None, Some(*counter)),
            Row::Reservation(name, ticket) => self.set_ticket(name, None, Some(ticket)),
        }
    }
}

/// Goes through a backup to its end.
fn read(
    backup: &Path,
    mut take: impl FnMut(&Row) -> Result<(), RestoreError>,
) -> Result<CheckedBackup, RestoreError> {
    let file = File::open(backup).map_err(at(backup))?;
    let bytes = file.metadata().map_err(at(backup))?.len();
    let unreadable = |error| unreadable(error, backup);
    let mut reader = Reader::begin(BufReader::with_capacity(BUFFER, file)).map_err(unreadable)?;
    let mut keys = None;
    while let Some(row) = reader.next().map_err(unreadable)? {
        take(&row)?;
        if let Row::Record(key, _, bytes) = &row
            && *key == metadata::keys_key()
        {
            keys = Some(metadata::decode(bytes)?);
        }
    }
    Ok(CheckedBackup {
        contents: BackupSummary {
            bytes,
            ..reader.contents()
        },
        keys,
    })
}

fn unreadable(error: Unreadable, backup: &Path) -> RestoreError {
    let path = backup.to_owned();
    RestoreError::Backup(match error {
        Unreadable::Io(source) => OpenRedbError::Io { path, source },
        Unreadable::Foreign => OpenRedbError::Foreign {
            path,
            what: error.to_string(),
        },
        Unreadable::Schema(found) => OpenRedbError::Schema {
            path,
            found,
            known: SCHEMA,
        },
        Unreadable::Damaged(what) => OpenRedbError::Corrupt {
            path,
            what: what.to_owned(),
        },
    })
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> RestoreError + use<> {
    let path = path.to_owned();
    move |source| RestoreError::File { path, source }
}
