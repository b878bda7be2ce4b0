//! Compacts the file of a stopped server's store. Free pages are reused without it; compaction
//! returns them to the file system.

use std::fs;
use std::path::Path;

use crate::server::store::redb::open;
use crate::server::store::redb::open_error::{OpenRedbError, to_open_error};

/// Page cache, in bytes.
const CACHE: usize = 64 << 20;
/// How many passes to make at most. Each moves pages from the end of the file to free ones.
const MAX_PASSES: usize = 32;

/// Compacts the file. Returns its size before and after.
///
/// # Errors
/// [`OpenRedbError`]; the file may be smaller by then, and nothing in it is lost.
pub fn compact(path: &Path) -> Result<(u64, u64), OpenRedbError> {
    let failed = |source| OpenRedbError::Io {
        path: path.to_owned(),
        source,
    };
    let length = || fs::metadata(path).map(|found| found.len()).map_err(failed);
    let before = length()?;
    let mut database = open::open_existing(path, CACHE)?;
    for _ in 0..MAX_PASSES {
        if !database
            .compact()
            .map_err(|error| to_open_error(error, path))?
        {
            break;
        }
    }
    database
        .close()
        .map_err(|error| to_open_error(error, path))?;
    Ok((before, length()?))
}
