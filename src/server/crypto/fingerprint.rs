//! The fingerprint of a key: tells two keys apart in settings, messages and stored metadata.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::server::crypto::hash::to_hex;
use crate::server::crypto::hkdf::{DeriveKeyError, derive_key};

/// 16 hexadecimal digits that say nothing else about the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of a key for one purpose.
    pub(crate) fn of(key: &[u8; 32], purpose: &[u8]) -> Result<Self, DeriveKeyError> {
        let [a, b, c, d, e, f, g, h, ..] = derive_key(key, purpose)?;
        Ok(Self(to_hex(&[a, b, c, d, e, f, g, h])))
    }

    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
