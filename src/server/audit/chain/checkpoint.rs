//! The checkpoint of an audit file: how far its chain goes, and with which lines its files begin.

use std::fs;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::audit::chain::linked_line::{ChainEnd, is_authentic_object, sign_object};
use crate::server::crypto::mac_keys::{MacKey, MacKeys};
use crate::server::system::private_files;

/// What is added to the name of the audit file.
const EXTENSION: &str = "checkpoint";
/// The size of the file. It is replaced by one write, which does not change its size.
const SIZE: usize = 2048;
/// How many beginnings of files are remembered.
const MAX_FILES: usize = 48;

/// The path of the checkpoint of an audit file.
pub fn checkpoint_path(audit_file: &Path) -> PathBuf {
    let mut name = audit_file.as_os_str().to_owned();
    name.push(".");
    name.push(EXTENSION);
    PathBuf::from(name)
}

/// The checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The name of the chain.
    pub chain: String,
    /// The number of the last line; 0 before the first.
    #[serde(rename = "n")]
    pub number: u64,
    /// The first digits of its code.
    pub code: String,
    /// When it was written, RFC 3339.
    pub time: String,
    /// The numbers of the lines with which files began, the newest last.
    pub files: Vec<u64>,
}

/// What is at the place of the checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundCheckpoint {
    /// Nothing that can be read.
    Missing,
    /// Something that no known key made.
    Unauthentic,
    /// A checkpoint.
    Authentic(Checkpoint),
}

impl Checkpoint {
    /// For the end of a chain.
    pub fn new(end: &ChainEnd, files: &[u64], now: Timestamp) -> Self {
        let oldest = files.len().saturating_sub(MAX_FILES);
        Self {
            chain: end.chain.clone(),
            number: end.number,
            code: end.code.clone(),
            time: now.to_rfc3339(),
            files: files.get(oldest..).unwrap_or_default().to_vec(),
        }
    }

    /// The end of the chain.
    pub fn end(&self) -> ChainEnd {
        ChainEnd {
            chain: self.chain.clone(),
            number: self.number,
            code: self.code.clone(),
        }
    }

    /// The number after the last line of the file that holds the line before `next`.
    pub fn end_of_file(&self, next: u64) -> u64 {
        let later = self.files.iter().copied().filter(|first| *first >= next);
        later.min().unwrap_or(self.number + 1)
    }

    /// Writes it.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write(&self, path: &Path, key: &MacKey) -> io::Result<()> {
        let object = serde_json::to_vec(self)?;
        let mut bytes = sign_object(key, &object);
        bytes.resize(SIZE - 1, b' ');
        bytes.push(b'\n');
        let mut options = private_files::open_options();
        let file = options.create(true).write(true).open(path)?;
        file.write_all_at(&bytes, 0)
    }

    /// Reads it.
    pub fn read(path: &Path, keys: &MacKeys) -> FoundCheckpoint {
        let Ok(bytes) = fs::read(path) else {
            return FoundCheckpoint::Missing;
        };
        let object = bytes.trim_ascii_end();
        let checkpoint = is_authentic_object(keys, object)
            .then(|| serde_json::from_slice(object).ok())
            .flatten();
        checkpoint.map_or(FoundCheckpoint::Unauthentic, FoundCheckpoint::Authentic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::audit::chain::derive_keys;

    #[test]
    fn the_largest_checkpoint_fits_and_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = checkpoint_path(&folder.path().join("audit.jsonl"));
        assert!(path.ends_with("audit.jsonl.checkpoint"));
        let keys = derive_keys(&[1; 32].into()).unwrap();
        let end = ChainEnd {
            chain: "00112233445566aa".into(),
            number: u64::MAX,
            code: "00112233445566aa".into(),
        };
        let files = vec![u64::MAX; 100];
        let written = Checkpoint::new(&end, &files, Timestamp::from_secs(1_774_000_000));
        for _ in 0..2 {
            written.write(&path, keys.newest().unwrap()).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().len(), SIZE as u64);
            let found = Checkpoint::read(&path, &keys);
            assert_eq!(found, FoundCheckpoint::Authentic(written.clone()));
        }
        let other = derive_keys(&[2; 32].into()).unwrap();
        assert_eq!(
            Checkpoint::read(&path, &other),
            FoundCheckpoint::Unauthentic
        );
        fs::remove_file(&path).unwrap();
        assert_eq!(Checkpoint::read(&path, &keys), FoundCheckpoint::Missing);
    }
}
