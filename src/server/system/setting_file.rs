//! Reads the files that settings name: secrets, certificates, and the settings themselves.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The largest file that is read, in bytes. Bundles of certificates have some hundred KiB.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Reads a whole file of at most 4 MiB. A path that was mistaken, such as that of a device, must
/// not fill the memory.
///
/// # Errors
/// Those of the file system; `InvalidData` for a larger file.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    // Of the final size where that is known, so that no part of a secret is left behind.
    let length = file.metadata()?.len().min(MAX_BYTES);
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
    fn a_file_without_end_is_refused() {
        for path in ["/dev/zero", "/dev/urandom"] {
            let error = read(Path::new(path)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{path}");
        }
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
