//! `[secrets]`: our own key, from which all others are derived.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Complaint, Engine, Secret};

/// Our own key: 32 bytes in base64.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Secrets {
    /// The key. Unset, with redb: a private file beside the store, made at the first start.
    pub key: Option<Secret>,
    /// A file that holds the key.
    pub key_file: Option<PathBuf>,
}

impl Secrets {
    /// Reads a key from its text.
    ///
    /// # Errors
    /// A sentence that does not repeat the text.
    pub fn decode(text: &str) -> Result<[u8; 32], String> {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
        let text = text.trim();
        let bytes = STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text));
        let bytes = bytes.map_err(|_| "is not base64; make one with: openssl rand -base64 32".to_owned())?;
        bytes.try_into().map_err(|bytes: Vec<u8>| {
            format!("has {} bytes and must have 32; make one with: openssl rand -base64 32", bytes.len())
        })
    }

    pub(super) fn complaints(&self, engine: Option<&Engine>, complaints: &mut Vec<Complaint>) {
        if self.key.is_some() && self.key_file.is_some() {
            complaints.push(Complaint::new("secrets.key_file", "set secrets.key or secrets.key_file, not both"));
        }
        if let Some(Err(text)) = self.key.as_ref().map(|key| Self::decode(key.expose())) {
            complaints.push(Complaint::new("secrets.key", text));
        }
        if self.key.is_none() && self.key_file.is_none() && !matches!(engine, None | Some(Engine::Redb(_))) {
            let text = "needed with Redis: every node must have the same one; make it with: openssl rand -base64 32";
            complaints.push(Complaint::new("secrets.key", text));
        }
    }
}
