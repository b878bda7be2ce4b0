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
    /// How many digits it has.
    pub(crate) const LENGTH: usize = 16;

    /// The fingerprint of a key for one purpose.
    pub(crate) fn of(key: &[u8; 32], purpose: &[u8]) -> Result<Self, DeriveKeyError> {
        let [a, b, c, d, e, f, g, h, ..] = derive_key(key, purpose)?;
        Ok(Self(to_hex(&[a, b, c, d, e, f, g, h])))
    }

    /// The fingerprint of a secret key, by the key that encrypts.
    pub(crate) fn of_secret_key(secret: &[u8; 32]) -> Result<Self, DeriveKeyError> {
        Self::of(secret, b"latchkey seal fingerprint v1")
    }

    /// Reads the digits; none if they are not a fingerprint's.
    pub(crate) fn parse(digits: &[u8; Self::LENGTH]) -> Option<Self> {
        let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let digits = digits.iter().all(is_digit).then_some(digits)?;
        String::from_utf8(digits.to_vec()).ok().map(Self)
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
