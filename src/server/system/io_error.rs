//! Whether an error of the operating system may pass by itself.

use std::io::{self, ErrorKind};

/// Whether a later attempt may succeed although nobody changes a setting or a file: a disk that is
/// full, an address in use, a resource that is busy.
pub fn is_temporary(error: &io::Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::AlreadyExists
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput
            | ErrorKind::InvalidData
            | ErrorKind::Unsupported
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_passes_and_a_missing_file_does_not() {
        for (kind, passes) in [
            (ErrorKind::StorageFull, true),
            (ErrorKind::QuotaExceeded, true),
            (ErrorKind::FileTooLarge, true),
            (ErrorKind::AddrInUse, true),
            (ErrorKind::AddrNotAvailable, true),
            (ErrorKind::Other, true),
            (ErrorKind::NotFound, false),
            (ErrorKind::PermissionDenied, false),
            (ErrorKind::IsADirectory, false),
        ] {
            assert_eq!(is_temporary(&io::Error::from(kind)), passes, "{kind}");
        }
    }
}
