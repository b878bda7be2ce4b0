//! A backup takes the place of a store whose server is stopped.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use redb::{Database, ReadableDatabase};

use super::backup::with_ending;
use super::{OpenError, contents, open, records};
use crate::server::clock::Timestamp;
use crate::server::private;
use crate::server::store::marks::{self, KeyMark};
use crate::server::store::{Contents, StoreError};

/// Memory for pages of the backup while it is checked, in bytes.
const CACHE: usize = 8 << 20;

/// A backup as it was found: sound.
#[derive(Clone, Debug)]
pub struct Backup {
    /// How much is in it.
    pub contents: Contents,
    /// The keys that it was in use with.
    pub keys: Option<KeyMark>,
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
    /// It is no backup of ours, or not a sound one.
    #[error("the backup cannot be used: {0}")]
    Backup(OpenError),
    /// The backup cannot be read, or the store's folder not written.
    #[error("{path}: {source}")]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// What a backup holds, if the whole of it is sound. It is looked at in a copy beside `store`, and both stay as they are.
///
/// # Errors
/// [`RestoreError`].
pub fn inspect(backup: &Path, store: &Path) -> Result<Backup, RestoreError> {
    make_folder(store)?;
    Copy::of(backup, with_ending(store, "inspected"))?.check()
}

/// Lets a backup take the place of the store at `store`, after the whole of it was checked; `replace` if one is there, which is
/// kept beside. Says what was restored, and where the old store is.
///
/// # Errors
/// [`RestoreError`].
pub fn restore(
    backup: &Path,
    store: &Path,
    replace: bool,
    now: Timestamp,
) -> Result<(Backup, Option<PathBuf>), RestoreError> {
    make_folder(store)?;
    // Held until the end: no server can begin on the old file meanwhile.
    let old = own(store)?;
    if old.is_some() && !replace {
        return Err(RestoreError::Exists(store.to_owned()));
    }
    let copy = Copy::of(backup, with_ending(store, "restoring"))?;
    let found = copy.check()?;
    let aside = old.is_some().then(|| set_aside(store, now)).transpose()?;
    copy.become_file(store)?;
    drop(old);
    Ok((found, aside))
}

fn make_folder(store: &Path) -> Result<(), RestoreError> {
    let folder = private::folder_of(store);
    if folder.exists() { Ok(()) } else { private::folder(folder).map_err(at(folder)) }
}

/// A store's file, locked as a server locks it; none if there is none.
fn own(store: &Path) -> Result<Option<File>, RestoreError> {
    let file = match File::open(store) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(at(store))?,
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(RestoreError::InUse(store.to_owned())),
        Err(TryLockError::Error(source)) => Err(at(store)(source)),
    }
}

/// Gives the old store a second name, so that at no moment there is none.
fn set_aside(store: &Path, now: Timestamp) -> Result<PathBuf, RestoreError> {
    let aside = with_ending(store, &format!("replaced-{}", now.rfc3339().replace(':', "")));
    let linked = fs::hard_link(store, &aside).or_else(|error| match error.kind() {
        // A file system without links.
        io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied => copy_private(store, &aside),
        _ => Err(error),
    });
    linked.and_then(|()| private::sync_folder(&aside)).map_err(at(&aside))?;
    Ok(aside)
}

/// A copy beside the place where it is needed; gone when dropped.
struct Copy<'b> {
    backup: &'b Path,
    path: PathBuf,
}

impl<'b> Copy<'b> {
    fn of(backup: &'b Path, path: PathBuf) -> Result<Self, RestoreError> {
        let copy = Self { backup, path };
        // Broken off earlier.
        let _ = fs::remove_file(&copy.path);
        // A file that is being written would be copied in pieces that do not fit.
        let missing = || at(backup)(io::ErrorKind::NotFound.into());
        let unused = own(backup)?.ok_or_else(missing)?;
        copy_private(backup, &copy.path).map_err(at(&copy.path))?;
        drop(unused);
        Ok(copy)
    }

    fn check(&self) -> Result<Backup, RestoreError> {
        let bytes = fs::metadata(&self.path).map_err(at(&self.path))?.len();
        let refuse = |error: OpenError| RestoreError::Backup(error.called(self.backup));
        let database = open::open_existing(&self.path, CACHE).map_err(refuse)?;
        let found = look(&database).and_then(|found| {
            database.close()?;
            Ok(found)
        });
        let mut found =
            found.map_err(|error| refuse(OpenError::Corrupt { path: self.path.clone(), what: error.to_string() }))?;
        found.contents.bytes = bytes;
        Ok(found)
    }

    fn become_file(self, store: &Path) -> Result<(), RestoreError> {
        fs::rename(&self.path, store).and_then(|()| private::sync_folder(store)).map_err(at(store))
    }
}

impl Drop for Copy<'_> {
    fn drop(&mut self) {
        // Gone already if it became the store.
        let _ = fs::remove_file(&self.path);
    }
}

fn look(database: &Database) -> Result<Backup, StoreError> {
    contents::check(database)?;
    let mark = records::get(&database.begin_read()?, marks::keys_key(), Timestamp::default())?;
    let keys = mark.map(|mark| marks::decode(&mark.bytes)).transpose()?;
    Ok(Backup { contents: contents::of(database)?, keys })
}

fn copy_private(from: &Path, to: &Path) -> io::Result<()> {
    let mut target = private::file().write(true).create_new(true).open(to)?;
    io::copy(&mut File::open(from)?, &mut target)?;
    target.sync_all()
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> RestoreError + use<> {
    let path = path.to_owned();
    move |source| RestoreError::File { path, source }
}
