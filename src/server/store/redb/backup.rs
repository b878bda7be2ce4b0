//! A backup: what one read transaction shows, written to a store's file of its own.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use redb::backends::FileBackend;
use redb::{Builder, Database, Key, ReadTransaction, TableDefinition, Value, WriteTransaction};

use super::contents;
use super::engine::Engine;
use super::open::{self, Place};
use super::tables::{COUNTERS, EXPIRY, META, OWNERS, RECORDS, RESERVATIONS, TAKEN_AT_ROW};
use crate::server::clock::{Stopwatch, Timestamp};
use crate::server::private;
use crate::server::store::backup::{BackupError, Contents};

/// Longest time for which the moment is held on to: what changes meanwhile takes new room in the store's file.
const LONGEST: Duration = Duration::from_secs(120);
/// After how many rows the time is looked at.
const ROWS: usize = 1024;
/// Memory for pages of the new file, in bytes.
const CACHE: usize = 8 << 20;

/// Writes what the store holds now to `file`: first under another name beside it, which then takes its own.
pub(super) fn write(engine: &Engine, file: &Path, replace: bool, now: Timestamp) -> Result<Contents, BackupError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| BackupError::File { path, source }
    };
    if is_the_store(engine, file) {
        return Err(BackupError::Itself(file.to_owned()));
    }
    if !replace && file.exists() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    let partial = with_ending(file, "partial");
    let made = make(&partial).map_err(at(&partial))?;
    let written = copy(engine, Target { file: made, path: &partial }, now).and_then(|contents| {
        let bytes = fs::metadata(&partial).map_err(at(&partial))?.len();
        fs::rename(&partial, file).and_then(|()| private::sync_folder(file)).map_err(at(file))?;
        Ok(Contents { bytes, ..contents })
    });
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&partial);
    }
    written
}

/// The name of a file with something at its end.
pub(super) fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

fn is_the_store(engine: &Engine, file: &Path) -> bool {
    let Place::File(store) = engine.place() else { return false };
    let identity = |path: &Path| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    identity(file).is_some_and(|found| identity(store) == Some(found))
}

/// A private file with nothing in it. What an earlier backup left that was broken off goes.
fn make(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    private::file().read(true).write(true).create_new(true).open(path)
}

/// The file that is written, and what it is called.
struct Target<'a> {
    file: File,
    path: &'a Path,
}

fn copy(engine: &Engine, Target { file, path }: Target<'_>, now: Timestamp) -> Result<Contents, BackupError> {
    let target = create(file).map_err(|error| unwritten(path, error))?;
    open::begin(&target).map_err(|error| unwritten(path, error))?;
    let source = engine.snapshot()?;
    let writing = target.begin_write()?;
    let copying = Copying { source: &source, target: &writing, path, watch: Stopwatch::start() };
    copying.table(RECORDS)?;
    copying.table(OWNERS)?;
    copying.table(COUNTERS)?;
    copying.table(RESERVATIONS)?;
    copying.table(EXPIRY)?;
    drop(source);
    writing.open_table(META)?.insert(TAKEN_AT_ROW, now.as_millis())?;
    writing.commit().map_err(|error| unwritten(path, error))?;
    let contents = contents::of(&target)?;
    target.close().map_err(|error| unwritten(path, error))?;
    Ok(contents)
}

fn create(file: File) -> Result<Database, redb::DatabaseError> {
    Builder::new().set_cache_size(CACHE).create_with_backend(FileBackend::new(file)?)
}

/// What went wrong with the new file, not with the store.
fn unwritten(path: &Path, error: impl Into<redb::Error>) -> BackupError {
    match error.into() {
        redb::Error::Io(source) => BackupError::File { path: path.to_owned(), source },
        other => other.into(),
    }
}

struct Copying<'a> {
    source: &'a ReadTransaction,
    target: &'a WriteTransaction,
    path: &'a Path,
    watch: Stopwatch,
}

impl Copying<'_> {
    fn table<K: Key + 'static, V: Value + 'static>(&self, table: TableDefinition<K, V>) -> Result<(), BackupError> {
        let source = self.source.open_table(table)?;
        let mut target = self.target.open_table(table)?;
        for (number, entry) in source.range::<K::SelfType<'_>>(..)?.enumerate() {
            if number % ROWS == 0 && self.watch.elapsed() > LONGEST {
                return Err(BackupError::TooLong(LONGEST.as_secs()));
            }
            let (key, value) = entry?;
            target.insert(key.value(), value.value()).map_err(|error| unwritten(self.path, error))?;
        }
        Ok(())
    }
}
