//! The end of an audit file that is continued.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::server::audit::chain::linked_line::{ChainEnd, LineAuthenticity, LineDigest, read_line};
use crate::server::crypto::mac_keys::MacKeys;

/// How many bytes of the end are read, and how many if no line of a chain is in them.
const SIZES: [u64; 2] = [16 * 1024, 1024 * 1024];

/// What is at the end of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tail {
    /// The last authentic line.
    pub end: Option<ChainEnd>,
    /// Whether the last line has no line feed.
    pub is_unended: bool,
    /// The last line, if it has no line feed and is not authentic.
    pub incomplete: Option<LineDigest>,
}

impl Tail {
    /// Reads the end of a file.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn read(file: &File, length: u64, keys: &MacKeys) -> io::Result<Self> {
        let mut tail = Self::default();
        for size in SIZES {
            let size = size.min(length);
            let mut bytes = vec![0; usize::try_from(size).unwrap_or(usize::MAX)];
            file.read_exact_at(&mut bytes, length - size)?;
            tail = Self::of(&bytes, keys);
            if tail.end.is_some() || size == length {
                break;
            }
        }
        Ok(tail)
    }

    fn of(bytes: &[u8], keys: &MacKeys) -> Self {
        let mut tail = Self::default();
        let ended = bytes.strip_suffix(b"\n");
        tail.is_unended = ended.is_none() && !bytes.is_empty();
        let lines = ended.unwrap_or(bytes).rsplit(|byte| *byte == b'\n');
        for (index, line) in lines.enumerate() {
            match read_line(keys, line) {
                LineAuthenticity::Authentic { end, .. } => {
                    tail.end = Some(end);
                    break;
                }
                _ if index == 0 && tail.is_unended => {
                    tail.incomplete = Some(LineDigest::of(line));
                }
                _ => {}
            }
        }
        tail
    }
}
