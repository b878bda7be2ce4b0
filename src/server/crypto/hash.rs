//! Hashes and their text form.

use std::fmt::Write as _;

use aws_lc_rs::{constant_time, digest};

/// A 256-bit hash.
pub type Digest = [u8; 32];

/// Plain SHA-256. Only for values that are random themselves, such as cookie ids.
pub fn sha256(value: &[u8]) -> Digest {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, value).as_ref());
    hash
}

/// All bytes in hexadecimal.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// At most the first 128 bits in hexadecimal, which is enough to tell two hashes apart.
pub fn to_hex_128(bytes: &[u8]) -> String {
    to_hex(bytes.get(..16).unwrap_or(bytes))
}

/// Compares in a time that does not depend on where the two differ.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}
