//! What a key is called where people and files must tell it from another.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::server::crypto::derived_keys::{CannotDerive, expand, hexadecimal};

/// Tells a key from another and says nothing else about it: 16 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Of a key, for one purpose.
    pub(crate) fn of(key: &[u8; 32], purpose: &[u8]) -> Result<Self, CannotDerive> {
        let [a, b, c, d, e, f, g, h, ..] = expand(key, purpose)?;
        Ok(Self(hexadecimal(&[a, b, c, d, e, f, g, h])))
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
