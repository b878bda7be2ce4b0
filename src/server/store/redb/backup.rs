//! Writes a backup: the rows of one read transaction, in the format of `format`.
//!
//! While the transaction is open, changes need new pages in the store's file. So it is kept short:
//! rows are copied without the indexes, and the flush comes afterwards.

pub(super) mod format;

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::time::Duration;

use redb::{Key, ReadTransaction, TableDefinition, Value};

use self::format::BackupWriter;
use crate::domain::timestamp::Timestamp;
use crate::server::crypto::backup_keys::BackupKeys;
use crate::server::store::backup::{BackupError, BackupSummary};
use crate::server::store::redb::engine::Engine;
use crate::server::store::redb::open::StoreFile;
use crate::server::store::redb::tables::{COUNTERS, RECORDS, RESERVATIONS};
use crate::server::system::clock::Stopwatch;
use crate::server::system::private_files;
use crate::server::system::same_file::is_same_file;

/// How long the read transaction may stay open.
const MAX_SNAPSHOT_AGE: Duration = Duration::from_secs(60);
/// How many rows are written between two checks of the time.
const ROWS_BETWEEN_CHECKS: usize = 1024;
/// Size of the write buffer.
const BUFFER: usize = 1 << 20;

/// Writes the contents of the store to `file`: to a temporary file beside it, which is then
/// renamed.
pub(super) fn write(
    engine: &Engine,
    file: &Path,
    replace: bool,
    keys: &BackupKeys,
    now: Timestamp,
) -> Result<BackupSummary, BackupError> {
    if is_store_file(engine, file) {
        return Err(BackupError::IsStoreFile(file.to_owned()));
    }
    if !replace && file.exists() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    // A mistyped path must not cost a key or another file.
    if !is_replaceable(file).map_err(file_error(file))? {
        return Err(BackupError::NotABackup(file.to_owned()));
    }
    let partial = with_suffix(file, "partial");
    let result = write_rows(engine, &partial, keys, now).and_then(|summary| {
        fs::rename(&partial, file)
            .and_then(|()| private_files::sync_folder(file))
            .map_err(file_error(file))?;
        Ok(summary)
    });
    if result.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&partial);
    }
    result
}

/// Appends an extension to a file name.
pub(super) fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

fn is_store_file(engine: &Engine, file: &Path) -> bool {
    match engine.location() {
        StoreFile::File(store) => file.exists() && is_same_file(file, store),
        _ => false,
    }
}

/// Whether a file may be replaced: there is none, it is empty, or it is an earlier backup.
fn is_replaceable(file: &Path) -> io::Result<bool> {
    match fs::metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
        // Devices, sockets and pipes are not opened, because that may wait or do something.
        Ok(found) if !found.is_file() => Ok(false),
        Ok(found) if found.len() == 0 => Ok(true),
        Ok(_) => format::is_backup(File::open(file)?),
    }
}

fn file_error(path: &Path) -> impl Fn(io::Error) -> BackupError + use<> {
    let path = path.to_owned();
    move |source| BackupError::File {
        path: path.clone(),
        source,
    }
}

/// Creates a private, empty file and removes what an aborted backup left.
fn create_file(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    private_files::open_options()
        .write(true)
        .create_new(true)
        .open(path)
}

fn write_rows(
    engine: &Engine,
    path: &Path,
    keys: &BackupKeys,
    now: Timestamp,
) -> Result<BackupSummary, BackupError> {
    let authenticator = keys.writer().ok_or(BackupError::NoKey)?;
    let to_error = file_error(path);
    let file = BufWriter::with_capacity(BUFFER, create_file(path).map_err(&to_error)?);
    let mut writer = BackupWriter::begin(file, authenticator, now).map_err(&to_error)?;
    let snapshot = Snapshot {
        transaction: engine.snapshot()?,
        stopwatch: Stopwatch::start(),
    };
    snapshot.for_each_row(RECORDS, |key, row| {
        writer.record(key, row).map_err(&to_error)
    })?;
    snapshot.for_each_row(COUNTERS, |name, row| {
        writer.counter(name, row).map_err(&to_error)
    })?;
    snapshot.for_each_row(RESERVATIONS, |name, row| {
        writer.reservation(name, row).map_err(&to_error)
    })?;
    drop(snapshot);
    let (file, summary) = writer.end().map_err(&to_error)?;
    let file = file
        .into_inner()
        .map_err(|error| to_error(error.into_error()))?;
    file.sync_all().map_err(&to_error)?;
    let bytes = file.metadata().map_err(&to_error)?.len();
    Ok(BackupSummary { bytes, ..summary })
}

/// A read transaction and its age.
struct Snapshot {
    transaction: ReadTransaction,
    stopwatch: Stopwatch,
}

impl Snapshot {
    fn for_each_row<K, V, F>(
        &self,
        table: TableDefinition<K, V>,
        mut write_row: F,
    ) -> Result<(), BackupError>
    where
        K: Key + 'static,
        V: Value + 'static,
        F: for<'r> FnMut(K::SelfType<'r>, V::SelfType<'r>) -> Result<(), BackupError>,
    {
        let table = self.transaction.open_table(table)?;
        for (number, entry) in table.range::<K::SelfType<'_>>(..)?.enumerate() {
            if number % ROWS_BETWEEN_CHECKS == 0 && self.stopwatch.elapsed() > MAX_SNAPSHOT_AGE {
                return Err(BackupError::TimedOut(MAX_SNAPSHOT_AGE.as_secs()));
            }
            let (key, row) = entry?;
            write_row(key.value(), row.value())?;
        }
        Ok(())
    }
}
