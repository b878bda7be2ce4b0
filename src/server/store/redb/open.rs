//! From a path to an open database, or to a sentence that says what is wrong.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use redb::backends::{FileBackend, InMemoryBackend};
use redb::{Builder, Database, ReadableDatabase, TableError};

use super::tables::{self, META, SCHEMA, SCHEMA_ROW};
use crate::server::private;

/// Where the database lies.
#[derive(Clone, Debug)]
pub(super) enum Place {
    File(PathBuf),
    Memory,
}

impl Place {
    /// Whether there is a disk to wait for.
    pub(super) fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Memory => f.write_str("memory"),
        }
    }
}

/// The store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder or the file cannot be made, read or written.
    #[error("the store's file {path} cannot be used: {source}")]
    Io {
        /// The file or folder in question.
        path: PathBuf,
        /// What the operating system said: no permission, no space, read-only.
        source: io::Error,
    },
    /// Another process has it open.
    #[error("the store's file {0} is open in another process; one file belongs to one running server")]
    InUse(PathBuf),
    /// A later version of this program wrote it.
    #[error("the store has schema {found}, and this program knows schema {known}; run the version that wrote it")]
    Schema {
        /// What the file says.
        found: u64,
        /// What this program reads and writes.
        known: u64,
    },
    /// It is a database of something else, or of a file format that this program does not read.
    #[error("the store's file is not one of ours: {0}")]
    Foreign(String),
    /// It has been damaged.
    #[error("the store's file is damaged: {0}; restore it from a backup, or move it away to begin anew")]
    Corrupt(String),
    /// The writer's thread cannot be started.
    #[error("the store's writer cannot be started: {0}")]
    Thread(io::Error),
}

/// Opens the database at `place` and sees that its schema is ours.
pub(super) fn open(place: &Place, cache_size: usize) -> Result<Database, OpenError> {
    let mut builder = Builder::new();
    // redb trusts what it finds in a file that was closed well, and may panic on a damaged one.
    builder.set_cache_size(cache_size).set_check_integrity_on_open(true);
    let (opened, path) = match place {
        Place::Memory => (builder.create_with_backend(InMemoryBackend::new()), Path::new("")),
        Place::File(path) => {
            let file = open_file(path)?;
            (FileBackend::new(file).and_then(|backend| builder.create_with_backend(backend)), path.as_path())
        }
    };
    let database = opened.map_err(|error| explain(error, path))?;
    check_schema(&database).map_err(|refusal| match refusal {
        Refusal::Open(error) => error,
        Refusal::Redb(error) => explain(error, path),
    })?;
    Ok(database)
}

fn open_file(path: &Path) -> Result<File, OpenError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| OpenError::Io { path, source }
    };
    if !folder.exists() {
        private::folder(folder).map_err(at(folder))?;
    }
    let existed = path.exists();
    let file = private::file().read(true).write(true).create(true).truncate(false).open(path).map_err(at(path))?;
    if !existed {
        // The file's name must last as long as what is in it.
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))?;
    }
    Ok(file)
}

enum Refusal {
    Open(OpenError),
    Redb(redb::Error),
}

impl<E: Into<redb::Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Redb(error.into())
    }
}

/// Reads the schema's number; a database with nothing in it gets ours.
fn check_schema(database: &Database) -> Result<(), Refusal> {
    let reading = database.begin_read()?;
    match reading.open_table(META) {
        Ok(meta) => match meta.get(SCHEMA_ROW)?.map(|found| found.value()) {
            Some(SCHEMA) => Ok(()),
            Some(found) => Err(Refusal::Open(OpenError::Schema { found, known: SCHEMA })),
            None => Err(Refusal::Open(OpenError::Foreign("it has no schema number".to_owned()))),
        },
        Err(TableError::TableDoesNotExist(_)) => {
            if reading.list_tables()?.next().is_some() {
                return Err(Refusal::Open(OpenError::Foreign("it holds other tables".to_owned())));
            }
            drop(reading);
            let writing = database.begin_write()?;
            writing.open_table(META)?.insert(SCHEMA_ROW, SCHEMA)?;
            tables::create(&writing)?;
            Ok(writing.commit()?)
        }
        Err(error) => Err(error.into()),
    }
}

fn explain(error: impl Into<redb::Error>, path: &Path) -> OpenError {
    match error.into() {
        redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => OpenError::InUse(path.to_owned()),
        redb::Error::Io(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
            OpenError::Corrupt("it ends too early".to_owned())
        }
        redb::Error::Io(source) if source.kind() == io::ErrorKind::InvalidData => {
            OpenError::Foreign(source.to_string())
        }
        redb::Error::Io(source) => OpenError::Io { path: path.to_owned(), source },
        redb::Error::Corrupted(what) => OpenError::Corrupt(what),
        other @ (redb::Error::UpgradeRequired(_)
        | redb::Error::TableTypeMismatch { .. }
        | redb::Error::TypeDefinitionChanged { .. }
        | redb::Error::TableIsMultimap(_)) => OpenError::Foreign(other.to_string()),
        other => OpenError::Corrupt(other.to_string()),
    }
}
