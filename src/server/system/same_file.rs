//! The identity of files: whether two paths name one, and whether a path still names the same.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::server::system::private_files::parent_folder;

/// What distinguishes a file on this machine from every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileIdentity {
    device: u64,
    inode: u64,
}

impl FileIdentity {
    /// The identity of the file that a path names.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }
}

/// Whether two paths name one file: the same name, a link of any kind, or another way through the
/// folders. Of a file that does not exist yet, the folder may be missing too.
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    match (FileIdentity::of(one), FileIdentity::of(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => resolve(one) == resolve(other),
    }
}

/// The path with its folder resolved, as far as that exists.
fn resolve(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = fs::canonicalize(parent_folder(&absolute));
    match (folder, absolute.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => absolute,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_and_detours_lead_to_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("inner")).unwrap();
        fs::write(path("file"), "").unwrap();
        fs::write(path("other"), "").unwrap();
        fs::hard_link(path("file"), path("hard")).unwrap();
        symlink(path("file"), path("soft")).unwrap();
        symlink(folder.path(), path("again")).unwrap();
        for (one, other, is_same) in [
            ("file", "file", true),
            ("file", "inner/../file", true),
            ("file", "hard", true),
            ("file", "soft", true),
            ("file", "again/file", true),
            ("file", "other", false),
            ("file", "missing", false),
            ("missing", "again/missing", true),
            ("missing", "inner/missing", false),
            ("none/missing", "none/missing", true),
            ("none/missing", "none/other", false),
        ] {
            assert_eq!(
                is_same_file(&path(one), &path(other)),
                is_same,
                "{one} {other}"
            );
            assert_eq!(
                is_same_file(&path(other), &path(one)),
                is_same,
                "{other} {one}"
            );
        }
    }
}
