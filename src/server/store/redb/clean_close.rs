//! Whether the file is as this program closed it, so that its pages need not be checked.
//!
//! redb trusts a file that was closed cleanly, and may panic on a damaged one. So the pages of a
//! file are checked when it is opened, about a second per gigabyte. That tells nothing new of a
//! file that nobody has written to since it was closed. After a clean close an extended attribute
//! of the file keeps what the file system says of it; every write, copy and replacement changes
//! that. The attribute is removed before the file is opened, so it holds for one start. A file
//! system without such attributes has every start check the pages.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::fs::{XattrFlags, getxattr, removexattr, setxattr};

/// The name of the attribute.
const NOTE: &str = "user.latchkey.closed";
/// The longest note that is read.
const MAX_LENGTH: usize = 256;
/// The times of a file are as fine as the tick of the kernel, at most 10 ms. A note that is written
/// later than that after the last change tells it from every later one.
const TICK: Duration = Duration::from_millis(20);

/// Writes the note on a file that was closed cleanly and is no longer open. A failure means that
/// the next start checks the pages.
pub(super) fn note(path: &Path) {
    if let Err(error) = write(path) {
        tracing::debug!(%error, "no note on the clean close of the store's file");
    }
}

/// Whether the file is as it was closed. The note is removed: it holds once.
pub(super) fn take_note(path: &Path) -> bool {
    let mut note = [0; MAX_LENGTH];
    let Ok(length) = getxattr(path, NOTE, &mut note) else {
        return false;
    };
    let holds = fs::metadata(path).is_ok_and(|metadata| {
        // The note itself was the last change of the status.
        let changed = status_changed(&metadata);
        note.get(..length) == Some(describe(&metadata, changed).as_bytes())
            || note.get(..length) == Some(describe(&metadata, changed - 1).as_bytes())
    });
    // One that stays could hold for a file that was written since.
    removexattr(path, NOTE).is_ok() && holds
}

fn write(path: &Path) -> io::Result<()> {
    // Sets the time of the status, to which the note then refers.
    setxattr(path, NOTE, b"", XattrFlags::empty())?;
    thread::sleep(TICK);
    let metadata = fs::metadata(path)?;
    let note = describe(&metadata, status_changed(&metadata));
    setxattr(path, NOTE, note.as_bytes(), XattrFlags::empty())?;
    Ok(())
}

/// When the status of the file last changed, in whole seconds: no program can set it back.
fn status_changed(metadata: &Metadata) -> i64 {
    metadata.ctime()
}

/// Where the file is, its length, and when its content and its status last changed.
fn describe(metadata: &Metadata, status_changed: i64) -> String {
    format!(
        "device {} inode {} length {} modified {}.{:09} changed {status_changed}",
        metadata.dev(),
        metadata.ino(),
        metadata.size(),
        metadata.mtime(),
        metadata.mtime_nsec(),
    )
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    struct ClosedFile {
        _folder: tempfile::TempDir,
        path: PathBuf,
        /// Whether the file system has extended attributes.
        has_attributes: bool,
    }

    impl ClosedFile {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("latchkey.redb");
            fs::write(&path, "content").unwrap();
            let has_attributes = setxattr(&path, NOTE, b"x", XattrFlags::empty()).is_ok();
            note(&path);
            Self {
                _folder: folder,
                path,
                has_attributes,
            }
        }
    }

    #[test]
    fn a_note_holds_once_for_the_file_as_it_was_closed() {
        let file = ClosedFile::new();
        assert_eq!(take_note(&file.path), file.has_attributes);
        assert!(!take_note(&file.path), "it was opened since");
    }

    #[test]
    fn a_note_does_not_hold_for_a_file_that_was_changed() {
        type Change = fn(&Path);
        let overwrite: Change = |path| fs::write(path, "Content").unwrap();
        let replace: Change = |path| {
            let copy = path.with_extension("copy");
            fs::copy(path, &copy).unwrap();
            fs::rename(&copy, path).unwrap();
        };
        let change_note: Change = |path| {
            let _ = setxattr(path, NOTE, b"device 1", XattrFlags::empty());
        };
        let remove: Change = |path| fs::remove_file(path).unwrap();
        let lengthen: Change = |path| fs::write(path, "longer content").unwrap();
        for (number, change) in [overwrite, replace, change_note, remove, lengthen]
            .into_iter()
            .enumerate()
        {
            let file = ClosedFile::new();
            change(&file.path);
            assert!(!take_note(&file.path), "change {number}");
        }
    }
}
