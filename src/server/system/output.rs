//! What log lines are written to: standard output, standard error, or a file that may be rotated.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::server::system::background_writer::LineOutput;
use crate::server::system::private_files;

/// Standard output or standard error, without their lock and their buffer: the lock would be held
/// while a write blocks, and the process waits for both when it ends.
#[derive(Debug)]
pub struct StandardStream(File);

impl StandardStream {
    /// Standard output.
    ///
    /// # Errors
    /// The file descriptor cannot be duplicated.
    pub fn stdout() -> io::Result<Self> {
        Self::duplicate(&io::stdout())
    }

    /// Standard error.
    ///
    /// # Errors
    /// The file descriptor cannot be duplicated.
    pub fn stderr() -> io::Result<Self> {
        Self::duplicate(&io::stderr())
    }

    fn duplicate(stream: &impl AsFd) -> io::Result<Self> {
        let descriptor = stream.as_fd().try_clone_to_owned()?;
        Ok(Self(File::from(descriptor)))
    }
}

impl LineOutput for StandardStream {
    fn prepare(&mut self) -> io::Result<bool> {
        Ok(false)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn close(&mut self) {}
}

/// A file that is appended to. It is opened again if another one, or none, has its name.
#[derive(Debug)]
pub struct AppendedFile {
    path: PathBuf,
    file: Option<File>,
}

impl AppendedFile {
    /// The file at a path, which is not opened yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The open file. It can be read too, unless it is a pipe or a device.
    pub fn handle(&self) -> Option<&File> {
        self.file.as_ref()
    }

    /// Whether the open file still has its name.
    pub fn is_current(&self) -> bool {
        let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        let open = self.file.as_ref().and_then(|file| file.metadata().ok());
        let named = fs::metadata(&self.path).ok();
        open.is_some() && open.map(identity) == named.map(identity)
    }
}

impl LineOutput for AppendedFile {
    /// A named pipe waits here for its reader.
    fn prepare(&mut self) -> io::Result<bool> {
        if self.is_current() {
            return Ok(false);
        }
        self.file = None;
        // A named pipe that is opened for reading too would wait for nobody.
        let is_readable = fs::metadata(&self.path).map_or(true, |found| found.is_file());
        let file = private_files::open_options()
            .create(true)
            .append(true)
            .read(is_readable)
            .open(&self.path)?;
        self.file = Some(file);
        Ok(true)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(file) = &mut self.file else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let result = file.write(bytes);
        // The reader of a named pipe is gone; the next one is waited for.
        if matches!(&result, Err(error) if error.kind() == io::ErrorKind::BrokenPipe) {
            self.file = None;
        }
        result
    }

    fn close(&mut self) {
        self.file = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn append(output: &mut AppendedFile, text: &str) -> bool {
        let is_replaced = output.prepare().unwrap();
        assert_eq!(output.write(text.as_bytes()).unwrap(), text.len());
        is_replaced
    }

    #[test]
    fn a_renamed_or_deleted_file_is_noticed_and_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let (path, rotated) = (folder.path().join("log"), folder.path().join("log.1"));
        let mut output = AppendedFile::new(path.clone());
        assert!(append(&mut output, "a\n"));
        assert!(!append(&mut output, "b\n"));
        fs::rename(&path, &rotated).unwrap();
        assert!(append(&mut output, "c\n"));
        fs::remove_file(&path).unwrap();
        assert!(append(&mut output, "d\n"));
        assert_eq!(fs::read_to_string(&rotated).unwrap(), "a\nb\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "d\n");
    }
}
