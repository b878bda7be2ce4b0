//! Restores a backup over the store of a stopped server.

mod restore_error;

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use redb::StorageBackend as _;
use redb::backends::FileBackend;

pub use self::restore_error::RestoreError;
use self::restore_error::{file_error, to_restore_error};
use crate::domain::timestamp::Timestamp;
use crate::server::crypto::backup_keys::BackupKeys;
use crate::server::store::metadata::{self, KeyFingerprints};
use crate::server::store::redb::OpenRedbError;
use crate::server::store::redb::backup::format::{BackupReader, BackupRow};
use crate::server::store::redb::backup::with_suffix;
use crate::server::store::redb::lock;
use crate::server::store::redb::open::{self, StoreFile};
use crate::server::store::redb::tables::Tables;
use crate::server::store::{BackupAuthentication, BackupSummary, StoreError};
use crate::server::system::private_files;

/// Restores in one second that get a name for the old store.
const MAX_RESTORES_IN_A_SECOND: u32 = 100;
/// Page cache for the new file, in bytes.
const CACHE: usize = 32 << 20;
/// Size of the read buffer.
const BUFFER: usize = 1 << 20;

/// A backup that was read to its end and is complete.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct CheckedBackup {
    pub summary: BackupSummary,
    pub authentication: BackupAuthentication,
    /// The fingerprints of the keys that the store was used with.
    pub keys: Option<KeyFingerprints>,
}

/// What a restore may do.
#[derive(Clone, Copy, Debug, Default)]
pub struct RestoreOptions {
    /// Replaces an existing store, which is kept under another name.
    pub replace: bool,
    /// Restores a backup although nothing proves who wrote it. One that is forged or damaged is
    /// refused all the same.
    pub accept_unauthenticated: bool,
}

/// Checks a backup and returns what it contains. Changes nothing.
///
/// # Errors
/// [`RestoreError`]. That a backup is not authenticated is none here.
pub fn inspect(backup: &Path, keys: &BackupKeys) -> Result<CheckedBackup, RestoreError> {
    read_backup(backup, keys, |_| Ok(()))
}

/// Replaces the store at `store` by a backup, once the new file is complete and on disk. An
/// existing store is kept under another name, and needs [`RestoreOptions::replace`]. Returns what
/// was restored and the path of the old store.
///
/// # Errors
/// [`RestoreError`].
pub fn restore(
    backup: &Path,
    store: &Path,
    options: RestoreOptions,
    keys: &BackupKeys,
    now: Timestamp,
) -> Result<(CheckedBackup, Option<PathBuf>), RestoreError> {
    let folder = private_files::parent_folder(store);
    if !folder.exists() {
        private_files::create_folder(folder).map_err(file_error(folder))?;
    }
    // Held until the end, so that no server can open the file meanwhile, even where there was none.
    let mut old = OldStore::lock(store)?;
    if old.is_store && !options.replace {
        return Err(RestoreError::Exists(store.to_owned()));
    }
    let new = NewStore(with_suffix(store, "restoring"));
    let checked = new.import(backup, keys)?;
    if !options.accept_unauthenticated {
        require_authentic(&checked, backup)?;
    }
    let kept = old
        .is_store
        .then(|| keep_old_store(store, now))
        .transpose()?;
    fs::rename(&new.0, store).map_err(file_error(store))?;
    old.is_placeholder = false;
    private_files::sync_folder(store).map_err(file_error(store))?;
    Ok((checked, kept))
}

fn require_authentic(checked: &CheckedBackup, backup: &Path) -> Result<(), RestoreError> {
    let path = backup.to_owned();
    match &checked.authentication {
        BackupAuthentication::Authentic => Ok(()),
        BackupAuthentication::Missing => Err(RestoreError::Unauthenticated(path)),
        BackupAuthentication::OtherKey(fingerprint) => Err(RestoreError::OtherKey {
            path,
            fingerprint: fingerprint.clone(),
        }),
    }
}

/// The existing store file, locked as a server locks it. Where there is none, an empty placeholder
/// is created, and removed on drop unless the new store has replaced it.
struct OldStore {
    path: PathBuf,
    is_store: bool,
    is_placeholder: bool,
    /// Holds the lock.
    _file: FileBackend,
}

impl OldStore {
    fn lock(store: &Path) -> Result<Self, RestoreError> {
        let created = private_files::open_options()
            .write(true)
            .create_new(true)
            .open(store);
        let is_placeholder = created.is_ok();
        let file = created.or_else(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => private_files::open_options()
                .read(true)
                .write(true)
                .open(store),
            _ => Err(error),
        });
        let file = lock::acquire(file.map_err(file_error(store))?, store);
        let file = file.map_err(|error| match error {
            // A placeholder stays, because a server may have begun to use it.
            OpenRedbError::InUse(path) => RestoreError::InUse(path),
            error => {
                if is_placeholder {
                    let _ = fs::remove_file(store);
                }
                RestoreError::Lock(error)
            }
        })?;
        let is_store = file.len().map_err(file_error(store))? > 0;
        Ok(Self {
            path: store.to_owned(),
            is_store,
            is_placeholder,
            _file: file,
        })
    }
}

impl Drop for OldStore {
    fn drop(&mut self) {
        if self.is_placeholder {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Gives the old store a second name, so that the store's path always names a file.
fn keep_old_store(store: &Path, now: Timestamp) -> Result<PathBuf, RestoreError> {
    let suffix = format!("replaced-{}", now.to_rfc3339().replace(':', ""));
    let mut kept = with_suffix(store, &suffix);
    let mut linked = link_or_copy(store, &kept);
    // An earlier restore in the same second has the name.
    for number in 2..MAX_RESTORES_IN_A_SECOND {
        if !matches!(&linked, Err(error) if error.kind() == io::ErrorKind::AlreadyExists) {
            break;
        }
        kept = with_suffix(store, &format!("{suffix}-{number}"));
        linked = link_or_copy(store, &kept);
    }
    linked
        .and_then(|()| private_files::sync_folder(&kept))
        .map_err(file_error(&kept))?;
    Ok(kept)
}

fn link_or_copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to).or_else(|error| match error.kind() {
        // A file system without hard links.
        io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied => copy_private(from, to),
        _ => Err(error),
    })
}

fn copy_private(from: &Path, to: &Path) -> io::Result<()> {
    let mut target = private_files::open_options()
        .write(true)
        .create_new(true)
        .open(to)?;
    io::copy(&mut File::open(from)?, &mut target)?;
    target.sync_all()
}

/// The new store file; removed on drop unless it was renamed.
struct NewStore(PathBuf);

impl NewStore {
    fn import(&self, backup: &Path, keys: &BackupKeys) -> Result<CheckedBackup, RestoreError> {
        // Left by an aborted restore.
        let _ = fs::remove_file(&self.0);
        let unusable = |error: OpenRedbError| StoreError::Unavailable(error.to_string());
        let database = open::open(&StoreFile::File(self.0.clone()), CACHE).map_err(unusable)?;
        let transaction = database.begin_write()?;
        let mut tables = Tables::open(&transaction)?;
        let checked = read_backup(backup, keys, |row| Ok(tables.insert_row(row)?))?;
        drop(tables);
        transaction.commit()?;
        database.close()?;
        Ok(checked)
    }
}

impl Drop for NewStore {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Tables<'_> {
    /// Inserts a row of a backup, and its index entries.
    fn insert_row(&mut self, row: &BackupRow) -> Result<(), StoreError> {
        match row {
            BackupRow::Record(key, header, bytes) => {
                self.set_record(*key, None, Some((*header, bytes)))
            }
            BackupRow::Counter(name, counter) => self.set_counter(name, None, Some(*counter)),
            BackupRow::Reservation(name, reservation) => {
                self.set_reservation(name, None, Some(reservation))
            }
        }
    }
}

/// Reads a backup to its end.
fn read_backup(
    backup: &Path,
    keys: &BackupKeys,
    mut handle_row: impl FnMut(&BackupRow) -> Result<(), RestoreError>,
) -> Result<CheckedBackup, RestoreError> {
    let file = File::open(backup).map_err(file_error(backup))?;
    let bytes = file.metadata().map_err(file_error(backup))?.len();
    let to_error = |error| to_restore_error(error, backup);
    let mut reader =
        BackupReader::begin(BufReader::with_capacity(BUFFER, file), keys).map_err(to_error)?;
    let mut fingerprints = None;
    while let Some(row) = reader.next().map_err(to_error)? {
        handle_row(&row)?;
        if let BackupRow::Record(key, _, bytes) = &row
            && *key == metadata::fingerprints_key()
        {
            fingerprints = Some(metadata::decode(bytes)?);
        }
    }
    Ok(CheckedBackup {
        summary: BackupSummary {
            bytes,
            ..reader.summary()
        },
        authentication: reader.authentication(),
        keys: fingerprints,
    })
}
