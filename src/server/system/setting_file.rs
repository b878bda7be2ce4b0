//! Reads the files that settings name: secrets, certificates, and the settings themselves.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

/// The largest file that is read, in bytes. Bundles of certificates have some hundred KiB.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Reads a whole file of at most 4 MiB. A path that was mistaken, such as that of a device, must
/// not fill the memory. That of a pipe without a writer must not make the start wait.
///
/// # Errors
/// Those of the file system; `InvalidData` for a larger file, and for what is no regular file.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    // Opening a pipe otherwise waits for its writer.
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        let text = "is no regular file, as the file of a setting must be";
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    // Of the final size where that is known, so that no part of a secret is left behind.
    let length = metadata.len().min(MAX_BYTES);
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        let text = "is larger than 4 MiB, which no file of a setting is";
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    Ok(bytes)
}

/// The same for text.
///
/// # Errors
/// The same; `InvalidData` for text that is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|_| {
        let text = "is not UTF-8 text";
        io::Error::new(io::ErrorKind::InvalidData, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_regular_file_is_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            pipe.as_path(),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        let devices = ["/dev/zero", "/dev/urandom", "/dev/null"].map(Path::new);
        for path in [pipe.as_path(), link.as_path(), folder.path()]
            .into_iter()
            .chain(devices)
        {
            let error = read(path).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{path:?}");
            assert!(error.to_string().contains("no regular file"), "{error}");
        }
    }

    #[test]
    fn a_link_to_a_file_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, "key").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert_eq!(read_text(&link).unwrap(), "key");
    }

    #[test]
    fn text_of_any_size_up_to_the_bound_is_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for text in [String::new(), "key\n".to_owned(), "x".repeat(4 << 20)] {
            std::fs::write(&file, &text).unwrap();
            assert_eq!(read_text(file.path()).unwrap(), text);
        }
        for bytes in [vec![b'x'; (4 << 20) + 1], vec![0xff]] {
            std::fs::write(&file, &bytes).unwrap();
            let error = read_text(file.path()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }
}
