//! Opens the database file and checks its schema.

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use redb::backends::{FileBackend, InMemoryBackend};
use redb::{Builder, Database, ReadableDatabase, StorageBackend, TableError};

use crate::server::store::redb::open_error::{OpenRedbError, to_open_error};
use crate::server::store::redb::rollback_file::RollbackFile;
use crate::server::store::redb::tables::{self, META, SCHEMA, SCHEMA_ROW};
use crate::server::store::redb::{clean_close, lock};
use crate::server::system::private_files;
use crate::server::system::same_file::FileIdentity;

/// Where the database is stored.
#[derive(Clone, Debug)]
pub(super) enum StoreFile {
    File(PathBuf),
    Memory,
}

impl StoreFile {
    /// Whether commits wait for a disk.
    pub(super) fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// The file that has its name now; none in memory, or if there is no file.
    pub(super) fn identity(&self) -> Option<FileIdentity> {
        match self {
            Self::File(path) => FileIdentity::of(path).ok(),
            Self::Memory => None,
        }
    }
}

impl fmt::Display for StoreFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Memory => f.write_str("memory"),
        }
    }
}

/// Opens the database at `location` and checks its schema. A refused file is left unchanged.
pub(super) fn open(location: &StoreFile, cache_size: usize) -> Result<Database, OpenRedbError> {
    match location {
        StoreFile::Memory => check_schema(
            builder(cache_size, PageCheck::Full).create_with_backend(InMemoryBackend::new()),
            Path::new(""),
        ),
        StoreFile::File(path) => {
            let file =
                FileBackend::new(open_file(path)?).map_err(|error| to_open_error(error, path))?;
            open_backend(file, path, cache_size)
        }
    }
}

/// Opens the database in a file that no other process may have open.
pub(super) fn open_backend(
    file: impl StorageBackend,
    path: &Path,
    cache_size: usize,
) -> Result<Database, OpenRedbError> {
    lock::check(&file, path)?;
    let check = if clean_close::take_note(path) {
        PageCheck::None
    } else {
        PageCheck::Full
    };
    let (file, log) = RollbackFile::new(file);
    match check_schema(builder(cache_size, check).create_with_backend(file), path) {
        Ok(database) => {
            log.discard();
            Ok(database)
        }
        Err(refusal) => {
            log.restore(path).map_err(|source| OpenRedbError::Io {
                path: path.to_owned(),
                source,
            })?;
            Err(refusal)
        }
    }
}

/// Whether all pages of a file are checked when it is opened.
#[derive(Clone, Copy)]
enum PageCheck {
    Full,
    /// The file is as it was closed. redb checks one that was not closed cleanly in any case.
    None,
}

fn builder(cache_size: usize, check: PageCheck) -> Builder {
    let mut builder = Builder::new();
    builder
        .set_cache_size(cache_size)
        .set_check_integrity_on_open(matches!(check, PageCheck::Full));
    builder
}

/// Opens an existing file.
pub(super) fn open_existing(path: &Path, cache_size: usize) -> Result<Database, OpenRedbError> {
    fs::metadata(path).map_err(|source| OpenRedbError::Io {
        path: path.to_owned(),
        source,
    })?;
    open(&StoreFile::File(path.to_owned()), cache_size)
}

/// Creates the schema in an empty database, and refuses one that is not ours.
fn check_schema(
    opened: Result<Database, redb::DatabaseError>,
    path: &Path,
) -> Result<Database, OpenRedbError> {
    let database = opened.map_err(|error| to_open_error(error, path))?;
    if !has_schema(&database, path)? {
        create_schema(&database).map_err(|error| to_open_error(error, path))?;
    }
    Ok(database)
}

pub(super) fn open_file(path: &Path) -> Result<File, OpenRedbError> {
    let folder = private_files::parent_folder(path);
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| OpenRedbError::Io { path, source }
    };
    if !folder.exists() {
        private_files::create_folder(folder).map_err(at(folder))?;
    }
    let existed = path.exists();
    let file = private_files::open_options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(at(path))?;
    if !existed {
        private_files::sync_folder(path).map_err(at(folder))?;
    }
    Ok(file)
}

/// Whether the database has our schema; false if it is empty.
fn has_schema(database: &Database, path: &Path) -> Result<bool, OpenRedbError> {
    let foreign = |what: &str| OpenRedbError::Foreign {
        path: path.to_owned(),
        what: what.to_owned(),
    };
    match read_schema(database).map_err(|error| to_open_error(error, path))? {
        SchemaState::Number(SCHEMA) => Ok(true),
        SchemaState::Number(found) => Err(OpenRedbError::Schema {
            path: path.to_owned(),
            found,
            known: SCHEMA,
        }),
        SchemaState::NoNumber => Err(foreign("it has no schema number")),
        SchemaState::OtherTables => Err(foreign("it holds other tables")),
        SchemaState::Nothing => Ok(false),
    }
}

/// What the database contains where the schema number should be.
enum SchemaState {
    Number(u64),
    NoNumber,
    OtherTables,
    Nothing,
}

fn read_schema(database: &Database) -> Result<SchemaState, redb::Error> {
    let reading = database.begin_read()?;
    Ok(match reading.open_table(META) {
        Ok(meta) => meta
            .get(SCHEMA_ROW)?
            .map_or(SchemaState::NoNumber, |found| {
                SchemaState::Number(found.value())
            }),
        Err(TableError::TableDoesNotExist(_)) if reading.list_tables()?.next().is_some() => {
            SchemaState::OtherTables
        }
        Err(TableError::TableDoesNotExist(_)) => SchemaState::Nothing,
        Err(error) => return Err(error.into()),
    })
}

/// Creates the tables and stores the schema number.
fn create_schema(database: &Database) -> Result<(), redb::Error> {
    let writing = database.begin_write()?;
    writing.open_table(META)?.insert(SCHEMA_ROW, SCHEMA)?;
    tables::create(&writing)?;
    Ok(writing.commit()?)
}

#[cfg(test)]
mod lock_tests;
