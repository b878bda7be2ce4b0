//! From a path to an open database, or to a sentence that says what is wrong.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::{fmt, io};

use redb::backends::{FileBackend, InMemoryBackend};
use redb::{Builder, Database, ReadableDatabase, TableError};

use crate::server::store::redb::rollback_file::RollbackFile;
use crate::server::store::redb::tables::{self, META, SCHEMA, SCHEMA_ROW};
use crate::server::system::private_files;

/// Where the database lies.
#[derive(Clone, Debug)]
pub(super) enum StoreFile {
    File(PathBuf),
    Memory,
}

impl StoreFile {
    /// Whether there is a disk to wait for.
    pub(super) fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
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

/// The store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenRedbError {
    /// The folder or the file cannot be made, read or written.
    #[error("{path} cannot be used: {source}")]
    Io {
        /// The file or folder in question.
        path: PathBuf,
        /// What the operating system said: no permission, no space, read-only.
        source: io::Error,
    },
    /// Another process has it open.
    #[error("{0} is open in another process; one file belongs to one running server")]
    InUse(PathBuf),
    /// A later version of this program wrote it.
    #[error(
        "{path} has schema {found}, and this program knows schema {known}; run the version that wrote it"
    )]
    Schema {
        /// The file.
        path: PathBuf,
        /// What it says.
        found: u64,
        /// What this program reads and writes.
        known: u64,
    },
    /// It is a database of something else, or of a file format that this program does not read.
    #[error("{path} is not a store of ours: {what}")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        what: String,
    },
    /// It has been damaged.
    #[error("{path} is damaged: {what}")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// In what way.
        what: String,
    },
    /// The writer's thread cannot be started.
    #[error("the store's writer cannot be started: {0}")]
    Thread(io::Error),
}

/// Opens the database at `place` and sees that its schema is ours. A file that is refused is left
/// as it was.
pub(super) fn open(place: &StoreFile, cache_size: usize) -> Result<Database, OpenRedbError> {
    let mut builder = Builder::new();
    // redb trusts what it finds in a file that was closed well, and may panic on a damaged one.
    builder
        .set_cache_size(cache_size)
        .set_check_integrity_on_open(true);
    match place {
        StoreFile::Memory => accept(
            builder.create_with_backend(InMemoryBackend::new()),
            Path::new(""),
        ),
        StoreFile::File(path) => {
            let file = FileBackend::new(open_file(path)?).map_err(|error| explain(error, path))?;
            let (file, past) = RollbackFile::new(file);
            match accept(builder.create_with_backend(file), path) {
                Ok(database) => {
                    past.forget();
                    Ok(database)
                }
                Err(refusal) => {
                    past.bring_back(path).map_err(|source| OpenRedbError::Io {
                        path: path.to_owned(),
                        source,
                    })?;
                    Err(refusal)
                }
            }
        }
    }
}

/// Opens a file that is there.
pub(super) fn open_existing(path: &Path, cache_size: usize) -> Result<Database, OpenRedbError> {
    fs::metadata(path).map_err(|source| OpenRedbError::Io {
        path: path.to_owned(),
        source,
    })?;
    open(&StoreFile::File(path.to_owned()), cache_size)
}

/// Begins what is empty, and refuses what is not ours; that is closed then.
fn accept(
    opened: Result<Database, redb::DatabaseError>,
    path: &Path,
) -> Result<Database, OpenRedbError> {
    let database = opened.map_err(|error| explain(error, path))?;
    if !has_schema(&database, path)? {
        begin(&database).map_err(|error| explain(error, path))?;
    }
    Ok(database)
}

fn open_file(path: &Path) -> Result<File, OpenRedbError> {
    let folder = private_files::folder_of(path);
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| OpenRedbError::Io { path, source }
    };
    if !folder.exists() {
        private_files::folder(folder).map_err(at(folder))?;
    }
    let existed = path.exists();
    let file = private_files::file()
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

/// Whether there is anything in it, and then of our schema.
fn has_schema(database: &Database, path: &Path) -> Result<bool, OpenRedbError> {
    let foreign = |what: &str| OpenRedbError::Foreign {
        path: path.to_owned(),
        what: what.to_owned(),
    };
    match schema(database).map_err(|error| explain(error, path))? {
        Found::Number(SCHEMA) => Ok(true),
        Found::Number(found) => Err(OpenRedbError::Schema {
            path: path.to_owned(),
            found,
            known: SCHEMA,
        }),
        Found::NoNumber => Err(foreign("it has no schema number")),
        Found::OtherTables => Err(foreign("it holds other tables")),
        Found::Nothing => Ok(false),
    }
}

/// What there is where the schema's number should be.
enum Found {
    Number(u64),
    NoNumber,
    OtherTables,
    Nothing,
}

fn schema(database: &Database) -> Result<Found, redb::Error> {
    let reading = database.begin_read()?;
    Ok(match reading.open_table(META) {
        Ok(meta) => meta
            .get(SCHEMA_ROW)?
            .map_or(Found::NoNumber, |found| Found::Number(found.value())),
        Err(TableError::TableDoesNotExist(_)) if reading.list_tables()?.next().is_some() => {
            Found::OtherTables
        }
        Err(TableError::TableDoesNotExist(_)) => Found::Nothing,
        Err(error) => return Err(error.into()),
    })
}

/// Makes the tables, and writes the schema's number down.
fn begin(database: &Database) -> Result<(), redb::Error> {
    let writing = database.begin_write()?;
    writing.open_table(META)?.insert(SCHEMA_ROW, SCHEMA)?;
    tables::create(&writing)?;
    Ok(writing.commit()?)
}

pub(super) fn explain(error: impl Into<redb::Error>, path: &Path) -> OpenRedbError {
    let path = path.to_owned();
    match error.into() {
        redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => {
            OpenRedbError::InUse(path)
        }
        redb::Error::Io(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
            OpenRedbError::Corrupt {
                path,
                what: "it ends too early".to_owned(),
            }
        }
        redb::Error::Io(source) if source.kind() == io::ErrorKind::InvalidData => {
            OpenRedbError::Foreign {
                path,
                what: source.to_string(),
            }
        }
        redb::Error::Io(source) => OpenRedbError::Io { path, source },
        redb::Error::Corrupted(what) => OpenRedbError::Corrupt { path, what },
        other @ (redb::Error::UpgradeRequired(_)
        | redb::Error::TableTypeMismatch { .. }
        | redb::Error::TypeDefinitionChanged { .. }
        | redb::Error::TableIsMultimap(_)) => OpenRedbError::Foreign {
            path,
            what: other.to_string(),
        },
        other => OpenRedbError::Corrupt {
            path,
            what: other.to_string(),
        },
    }
}
