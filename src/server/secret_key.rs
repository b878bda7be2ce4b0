//! Where our own key comes from: the settings, a file that they name, or a private file beside the store.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::private;
use super::random::Random;
use super::settings::{Secrets, Settings};

/// Name of the file beside the store.
const FILE: &str = "secrets.key";

/// Our own key cannot be read or made.
#[derive(Debug, thiserror::Error)]
pub enum SecretKeyError {
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// What it holds is no key.
    #[error("{place}: {complaint}")]
    NoKey {
        /// The setting or file.
        place: String,
        /// What is wrong, without repeating it.
        complaint: String,
    },
}

/// The key that the settings name; or the one beside the store, which is made if there is none.
///
/// # Errors
/// [`SecretKeyError`].
pub fn read_or_make(settings: &Settings, random: &Random) -> Result<[u8; 32], SecretKeyError> {
    if let Some(key) = &settings.secrets.key {
        return decode("secrets.key", key.expose());
    }
    if let Some(path) = &settings.secrets.key_file {
        return read(path);
    }
    let folder = settings.data_directory();
    let path = folder.join(FILE);
    let failed = |error| SecretKeyError::File(path.clone(), error);
    private::folder(&folder).map_err(failed)?;
    match private::file().write(true).create_new(true).open(&path) {
        Ok(mut file) => {
            let key: [u8; 32] = random.bytes();
            file.write_all(format!("{}\n", STANDARD.encode(key)).as_bytes()).map_err(failed)?;
            file.sync_all().map_err(failed)?;
            Ok(key)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read(&path),
        Err(error) => Err(failed(error)),
    }
}

fn read(path: &Path) -> Result<[u8; 32], SecretKeyError> {
    let text = fs::read_to_string(path).map_err(|error| SecretKeyError::File(path.to_owned(), error))?;
    decode(&path.display().to_string(), &text)
}

fn decode(place: &str, text: &str) -> Result<[u8; 32], SecretKeyError> {
    Secrets::decode(text).map_err(|complaint| SecretKeyError::NoKey { place: place.to_owned(), complaint })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::server::settings::Secret;

    #[test]
    fn makes_one_once_and_keeps_it_private() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        settings.store.url = format!("redb:{}/state/latchkey.redb", dir.path().display());
        let first = read_or_make(&settings, &Random::system()).unwrap();
        assert_eq!(read_or_make(&settings, &Random::system()).unwrap(), first);
        let mode = |path: &str| fs::metadata(dir.path().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("state"), 0o700);
        assert_eq!(mode("state/secrets.key"), 0o600);
    }

    #[test]
    fn complaints_do_not_repeat_the_key() {
        let mut settings = Settings::default();
        settings.secrets.key = Some(Secret::new("aHVudGVyMg=="));
        let error = read_or_make(&settings, &Random::system()).unwrap_err().to_string();
        assert!(error.starts_with("secrets.key:") && !error.contains("aHVudGVy"), "{error}");
    }
}
