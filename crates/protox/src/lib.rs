//! Replaces protox, a compiler of protobuf files, in the build script of `rlibphonenumber`
//! (`[patch.crates-io]` in the workspace's manifest).
//!
//! The script compiles the same two files on every machine. Compiling protox and its dependencies
//! took a tenth of the time of all our dependencies. So the compiled files are kept here. When
//! `rlibphonenumber` changes its files, its build fails with [`Error`]. Then make the compiled
//! files again, in the folder of its sources:
//!
//! ```text
//! protoc -I resources --include_imports --descriptor_set_out=descriptors.bin \
//!     resources/phonemetadata.proto resources/phonenumber.proto
//! ```

use std::fmt;
use std::fs;
use std::path::Path;

use prost::Message;
use prost_types::FileDescriptorSet;

const DESCRIPTORS: &[u8] = include_bytes!("descriptors.bin");
/// FNV-1a of the files that they were made from.
const MADE_FROM: u64 = 0x97ca_c74f_04b6_6ea2;

/// The files are not those that were compiled.
#[derive(Debug)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}; see crates/protox/src/lib.rs", self.0)
    }
}

impl std::error::Error for Error {}

/// The compiled form of these files. `includes` has no meaning here.
///
/// # Errors
/// Other files than those that are known.
pub fn compile(
    files: impl IntoIterator<Item = impl AsRef<Path>>,
    includes: impl IntoIterator<Item = impl AsRef<Path>>,
) -> Result<FileDescriptorSet, Error> {
    let _ = includes;
    let mut hash = FNV_START;
    for file in files {
        let file = file.as_ref();
        let bytes =
            fs::read(file).map_err(|error| Error(format!("{}: {error}", file.display())))?;
        hash = fnv(hash, &bytes);
    }
    if hash != MADE_FROM {
        return Err(Error(format!(
            "the protobuf files have changed ({hash:#x})"
        )));
    }
    FileDescriptorSet::decode(DESCRIPTORS).map_err(|error| Error(error.to_string()))
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_were_not_compiled_are_refused() {
        assert!(compile(["Cargo.toml"], ["."]).is_err());
        assert!(compile(["no such file"], ["."]).is_err());
    }

    #[test]
    fn the_descriptors_are_readable() {
        assert_eq!(
            FileDescriptorSet::decode(DESCRIPTORS).unwrap().file.len(),
            2
        );
    }
}
