//! The chain of authentication codes in the audit log, by which altered, missing, moved and
//! inserted lines are found.
//!
//! Each line carries its number, a part of the code of the line before, and its own code
//! (HMAC-SHA256), which covers every byte before it. Numbers go on when the file is rotated and
//! when the server is started again. A checkpoint beside the file holds the last number, so that
//! lines that are missing at the end are noticed too. Anyone with the secret key can forge all of
//! it. The format is described in `docs/auditors/audit-log.md`.
//!
//! - `linked_line`: a line with its link; `checkpoint`: the last one
//! - `tail`: where the chain of an existing file ends
//! - `file`, `stream`: outputs that write lines with links
//! - `verify`: the verification

use crate::server::crypto::hkdf::DeriveKeyError;
use crate::server::crypto::key_ring::KeyRing;
use crate::server::crypto::mac_keys::MacKeys;

mod checkpoint;
mod file;
mod linked_line;
mod stream;
mod tail;
pub mod verify;

pub use checkpoint::checkpoint_path;
pub use file::ChainedFile;
pub use stream::ChainedStream;

/// Derives the keys of the chain. Previous keys verify what they authenticated.
///
/// # Errors
/// [`DeriveKeyError`] if the library refuses.
pub fn derive_keys(ring: &KeyRing) -> Result<MacKeys, DeriveKeyError> {
    MacKeys::derive(ring, b"latchkey audit chain v1")
}
