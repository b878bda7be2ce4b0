//! `[secrets]`: the secret keys from which all others are derived.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::server::settings::list_rules::refuse_repeated;
use crate::server::settings::{ConfigError, Secret, StoreEngine};

/// `[secrets]`: keys of 32 bytes in base64.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecretsSettings {
    /// The current key. If unset with redb: a private file beside the store, created at the first
    /// start.
    pub key: Option<Secret>,
    /// A file that holds the current key.
    pub key_file: Option<PathBuf>,
    /// Previous keys, the newest first. They still decrypt; the last one makes the indexes.
    pub previous_keys: Vec<Secret>,
    /// Files that hold the previous keys, instead.
    pub previous_key_files: Vec<PathBuf>,
    /// The fingerprint of a new index key to accept, although the store was made with another.
    pub accept_index: Option<String>,
}

impl SecretsSettings {
    /// Decodes a key.
    ///
    /// # Errors
    /// A sentence that does not repeat the text.
    pub fn decode(text: &str) -> Result<[u8; 32], String> {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
        let text = text.trim();
        let bytes = STANDARD
            .decode(text)
            .or_else(|_| STANDARD_NO_PAD.decode(text));
        let bytes = bytes
            .map_err(|_| "is not base64; make one with: openssl rand -base64 32".to_owned())?;
        bytes.try_into().map_err(|bytes: Vec<u8>| {
            format!(
                "has {} bytes and must have 32; make one with: openssl rand -base64 32",
                bytes.len()
            )
        })
    }

    pub(super) fn validate(&self, engine: Option<&StoreEngine>, errors: &mut Vec<ConfigError>) {
        if self.key.is_some() && self.key_file.is_some() {
            errors.push(ConfigError::new(
                "secrets.key_file",
                "set secrets.key or secrets.key_file, not both",
            ));
        }
        if let Some(Err(text)) = self.key.as_ref().map(|key| Self::decode(key.expose())) {
            errors.push(ConfigError::new("secrets.key", text));
        }
        if !self.previous_keys.is_empty() && !self.previous_key_files.is_empty() {
            let text = "set secrets.previous_keys or secrets.previous_key_files, not both";
            errors.push(ConfigError::new("secrets.previous_key_files", text));
        }
        for (number, key) in (1..).zip(&self.previous_keys) {
            if let Err(text) = Self::decode(key.expose()) {
                errors.push(ConfigError::new(
                    "secrets.previous_keys",
                    format!("number {number} {text}"),
                ));
            }
        }
        let decoded = |key: &Secret| Self::decode(key.expose()).ok();
        let keys: Vec<_> = self.previous_keys.iter().filter_map(decoded).collect();
        // The current key may be among them, while other nodes still encrypt with a previous one.
        let describe = |_: &[u8; 32]| "a key".to_owned();
        refuse_repeated("secrets.previous_keys", &keys, describe, errors);
        let describe = |path: &PathBuf| format!("`{}`", path.display());
        let (key, files) = ("secrets.previous_key_files", &self.previous_key_files);
        refuse_repeated(key, files, describe, errors);
        if self
            .accept_index
            .as_ref()
            .is_some_and(|text| !is_fingerprint(text))
        {
            let text = "must be the 16 hexadecimal digits that the refused start has named";
            errors.push(ConfigError::new("secrets.accept_index", text));
        }
        if self.key.is_none()
            && self.key_file.is_none()
            && !matches!(engine, None | Some(StoreEngine::Redb(_)))
        {
            let text = "needed with Redis: every node must have the same one; make it with: \
                        openssl rand -base64 32";
            errors.push(ConfigError::new("secrets.key", text));
        }
    }
}

fn is_fingerprint(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(secrets: &SecretsSettings) -> Vec<&'static str> {
        let mut errors = Vec::new();
        secrets.validate(None, &mut errors);
        assert!(errors.iter().all(|error| !error.text.contains("aHVudGVy")));
        errors.iter().map(|error| error.key).collect()
    }

    #[test]
    fn errors_name_the_key_and_repeat_no_secret() {
        let key = || Secret::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        let short = || Secret::new("aHVudGVyMg==");
        let other = || Secret::new("IAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        for (previous_keys, keys) in [
            (vec![key(), other()], &[][..]),
            (vec![key(), other(), key()], &["secrets.previous_keys"]),
        ] {
            let settings = SecretsSettings {
                key: Some(key()),
                previous_keys,
                ..SecretsSettings::default()
            };
            assert_eq!(errors(&settings), keys);
        }
        let files = SecretsSettings {
            previous_key_files: ["a", "b", "a"].map(PathBuf::from).to_vec(),
            ..SecretsSettings::default()
        };
        assert_eq!(errors(&files), ["secrets.previous_key_files"]);
        let invalid = SecretsSettings {
            previous_keys: vec![key(), short()],
            ..SecretsSettings::default()
        };
        assert_eq!(errors(&invalid), ["secrets.previous_keys"]);
        let both = SecretsSettings {
            previous_keys: vec![key()],
            previous_key_files: vec!["x".into()],
            ..SecretsSettings::default()
        };
        assert_eq!(errors(&both), ["secrets.previous_key_files"]);
        let accepts = |text: &str| SecretsSettings {
            accept_index: Some(text.to_owned()),
            ..SecretsSettings::default()
        };
        assert!(errors(&accepts("0123456789abcdef")).is_empty());
        for text in ["", "true", "0123456789ABCDEF", "0123456789abcdef0"] {
            assert_eq!(errors(&accepts(text)), ["secrets.accept_index"]);
        }
    }
}
