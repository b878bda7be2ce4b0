//! Makes the file of a stopped server's store as small as what is in it. Room that is free is used
//! again without it; this is for giving it back to the disk.

use std::fs;
use std::path::Path;

use crate::server::store::redb::{OpenRedbError, open};

/// Memory for pages of the file, in bytes.
const CACHE: usize = 64 << 20;
/// How often the file is gone through at most: each time pages at its end move to free ones before.
const ROUNDS: usize = 32;

/// Moves what is in the file to its beginning and cuts off the rest. Says how many bytes it had
/// before and has now.
///
/// # Errors
/// [`OpenError`]; the file may then be smaller than before, and nothing in it is lost.
pub fn compact(path: &Path) -> Result<(u64, u64), OpenRedbError> {
    let failed = |source| OpenRedbError::Io {
        path: path.to_owned(),
        source,
    };
    let length = || fs::metadata(path).map(|found| found.len()).map_err(failed);
    let before = length()?;
    let mut database = open::open_existing(path, CACHE)?;
    for _ in 0..ROUNDS {
        if !database
            .compact()
            .map_err(|error| open::explain(error, path))?
        {
            break;
        }
    }
    database
        .close()
        .map_err(|error| open::explain(error, path))?;
    Ok((before, length()?))
}
