//! The data directory and what is in it are nobody else's to read.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Makes a folder (0700) and those above it, where they are missing.
///
/// # Errors
/// The system's.
pub fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Options that make a new file 0600; whoever uses them says whether to read, write or make it.
pub fn file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Writes a file (0600) that is not there yet, and sees it onto the disk.
///
/// # Errors
/// The system's; `AlreadyExists` if it is there.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = self::file().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    sync_folder(path)
}

/// Sees the name of a file onto the disk: it must last as long as what is in it.
///
/// # Errors
/// The system's.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// The folder that a file is in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
