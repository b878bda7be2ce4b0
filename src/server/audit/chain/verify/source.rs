//! Audit files that are read for their verification.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::server::audit::chain::linked_line::{LineAuthenticity, read_line};
use crate::server::crypto::mac_keys::MacKeys;

/// Longest line that is read as a whole. No event is as long.
const MAX_LINE: u64 = 8 * 1024 * 1024;

/// A file, or something else that was read.
#[derive(Clone, Debug)]
pub struct LogSource {
    /// Its name in the report.
    pub name: String,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// A file, as far as it was written when it was opened.
    File(PathBuf, u64),
    Bytes(Vec<u8>),
}

/// A line of it.
pub struct LogLine<'a> {
    /// Without its line feed.
    pub bytes: &'a [u8],
    /// How many bytes are before it.
    pub offset: u64,
    /// Whether it has a line feed.
    pub is_ended: bool,
}

impl LogSource {
    /// A file. Calls `and_checkpoint` while nothing is written to it, so that what that reads
    /// belongs to the same moment.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(path: &Path, and_checkpoint: impl FnOnce()) -> io::Result<Self> {
        let file = File::open(path)?;
        // A file system without locks, or a file that cannot be locked, is read as it is.
        let is_locked = file.lock_shared().is_ok();
        let metadata = file.metadata();
        and_checkpoint();
        if is_locked {
            file.unlock()?;
        }
        let metadata = metadata?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Self {
            name: path.display().to_string(),
            content: Content::File(path.to_owned(), metadata.len()),
        })
    }

    /// What was read from somewhere else.
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            name: name.to_owned(),
            content: Content::Bytes(bytes),
        }
    }

    fn reader(&self) -> io::Result<Box<dyn BufRead + '_>> {
        Ok(match &self.content {
            Content::File(path, length) => {
                Box::new(BufReader::new(File::open(path)?.take(*length)))
            }
            Content::Bytes(bytes) => Box::new(Cursor::new(bytes)),
        })
    }

    /// Calls `use_line` with each line, until it breaks. A line that is too long is several.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn for_each_line(
        &self,
        mut use_line: impl FnMut(LogLine<'_>) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let mut reader = self.reader()?;
        let (mut buffer, mut offset) = (Vec::new(), 0);
        loop {
            buffer.clear();
            let length = (&mut reader)
                .take(MAX_LINE)
                .read_until(b'\n', &mut buffer)?;
            if length == 0 {
                return Ok(());
            }
            let ended = buffer.strip_suffix(b"\n");
            let line = LogLine {
                bytes: ended.unwrap_or(&buffer),
                offset,
                is_ended: ended.is_some(),
            };
            if use_line(line).is_break() {
                return Ok(());
            }
            offset += length as u64;
        }
    }

    /// The chain and the number of the first authentic line; none without one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn first_number(&self, keys: &MacKeys) -> io::Result<Option<(String, u64)>> {
        let mut first = None;
        self.for_each_line(|line| {
            if let LineAuthenticity::Authentic { link, .. } = read_line(keys, line.bytes) {
                first = Some((link.chain, link.number));
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        Ok(first)
    }
}
