//! A backup: what one read transaction shows, in a file of a form of its own (`format`).
//!
//! While the transaction lives, what changes takes new room in the store's file, so it is as short
//! as can be: rows are copied one after the other, without the indexes, and the disk is waited for
//! afterwards.

pub(super) mod format;

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use redb::{Key, ReadTransaction, TableDefinition, Value};

use self::format::Writer;
use crate::domain::timestamp::Timestamp;
use crate::server::store::backup::{BackupError, BackupSummary};
use crate::server::store::redb::engine::Engine;
use crate::server::store::redb::open::StoreFile;
use crate::server::store::redb::tables::{COUNTERS, RECORDS, RESERVATIONS};
use crate::server::system::clock::Stopwatch;
use crate::server::system::private_files;

/// Longest time for which the moment is held on to.
const LONGEST: Duration = Duration::from_secs(60);
/// After how many rows the time is looked at.
const ROWS: usize = 1024;
/// How many bytes are written at once.
const BUFFER: usize = 1 << 20;

/// Writes what the store holds now to `file`: first under another name beside it, which then takes
/// its own.
pub(super) fn write(
    engine: &Engine,
    file: &Path,
    replace: bool,
    now: Timestamp,
) -> Result<BackupSummary, BackupError> {
    if is_the_store(engine, file) {
        return Err(BackupError::Itself(file.to_owned()));
    }
    if !replace && file.exists() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    let partial = with_ending(file, "partial");
    let written = copy(engine, &partial, now).and_then(|contents| {
        fs::rename(&partial, file)
            .and_then(|()| private_files::sync_folder(file))
            .map_err(unwritten(file))?;
        Ok(contents)
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
    let StoreFile::File(store) = engine.place() else {
        return false;
    };
    let identity = |path: &Path| {
        fs::metadata(path)
            .ok()
            .map(|found| (found.dev(), found.ino()))
    };
    identity(file).is_some_and(|found| identity(store) == Some(found))
}

fn unwritten(path: &Path) -> impl Fn(io::Error) -> BackupError + use<> {
    let path = path.to_owned();
    move |source| BackupError::File {
        path: path.clone(),
        source,
    }
}

/// A private file with nothing in it. What an earlier backup left that was broken off goes.
fn make(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    private_files::file()
        .write(true)
        .create_new(true)
        .open(path)
}

fn copy(engine: &Engine, path: &Path, now: Timestamp) -> Result<BackupSummary, BackupError> {
    let unwritten = unwritten(path);
    let file = BufWriter::with_capacity(BUFFER, make(path).map_err(&unwritten)?);
    let mut writer = Writer::begin(file, now).map_err(&unwritten)?;
    let moment = Snapshot {
        shown: engine.snapshot()?,
        watch: Stopwatch::start(),
    };
    moment.rows(RECORDS, |key, row| {
        writer.record(key, row).map_err(&unwritten)
    })?;
    moment.rows(COUNTERS, |name, row| {
        writer.counter(name, row).map_err(&unwritten)
    })?;
    moment.rows(RESERVATIONS, |name, row| {
        writer.reservation(name, row).map_err(&unwritten)
    })?;
    drop(moment);
    let (file, contents) = writer.end().map_err(&unwritten)?;
    let file = file
        .into_inner()
        .map_err(|error| unwritten(error.into_error()))?;
    file.sync_all().map_err(&unwritten)?;
    let bytes = file.metadata().map_err(&unwritten)?.len();
    Ok(BackupSummary { bytes, ..contents })
}

/// What the store shows, for a bounded time.
struct Snapshot {
    shown: ReadTransaction,
    watch: Stopwatch,
}

impl Snapshot {
    fn rows<K: Key + 'static, V: Value + 'static>(
        &self,
        table: TableDefinition<K, V>,
        mut copy: impl for<'r> FnMut(K::SelfType<'r>, V::SelfType<'r>) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        let table = self.shown.open_table(table)?;
        for (number, entry) in table.range::<K::SelfType<'_>>(..)?.enumerate() {
            if number % ROWS == 0 && self.watch.elapsed() > LONGEST {
                return Err(BackupError::TooLong(LONGEST.as_secs()));
            }
            let (key, row) = entry?;
            copy(key.value(), row.value())?;
        }
        Ok(())
    }
}
