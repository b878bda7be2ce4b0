//! Reads the secret keys from the settings, from files that they name, or from a private file
//! beside the store.

use std::path::{Path, PathBuf};
use std::{fs, io};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::server::crypto::key_ring::{KeyRing, SecretKey};
use crate::server::settings::{KEY_FILE, SecretsSettings, Settings, StoreEngine};
use crate::server::system::private_files;
use crate::server::system::random::Random;
use crate::server::system::setting_file;

/// A secret key cannot be read or created.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the names say it")]
pub enum SecretKeyError {
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The value is not a key.
    #[error("{origin}: {problem}")]
    InvalidKey {
        /// The setting or file.
        origin: String,
        /// Does not repeat the value.
        problem: String,
    },
    /// The store exists, but its key file is missing.
    #[error(
        "{key}: not there, and the store {store} is: without its key nothing in it can be read. \
         Put the file back, or move the store away to start again"
    )]
    Lost { key: PathBuf, store: PathBuf },
}

/// Reads the keys that the settings name. If they name no current key, reads it from the file
/// beside the store, or creates it for a new store.
///
/// # Errors
/// [`SecretKeyError`].
pub fn read_or_create(settings: &Settings, random: &Random) -> Result<KeyRing, SecretKeyError> {
    let current = match configured_key(&settings.secrets)? {
        Some(key) => key,
        None => read_or_create_key_file(settings, random)?,
    };
    Ok(KeyRing::new(current, previous_keys(&settings.secrets)?))
}

/// The same without creating anything; none where a key would be created.
///
/// # Errors
/// [`SecretKeyError`].
pub fn read(settings: &Settings) -> Result<Option<KeyRing>, SecretKeyError> {
    let current = match configured_key(&settings.secrets)? {
        Some(key) => Some(key),
        None => default_key_file(settings).map_or(Ok(None), |path| read_file_if_exists(&path))?,
    };
    let previous = previous_keys(&settings.secrets)?;
    Ok(current.map(|current| KeyRing::new(current, previous)))
}

/// The files that hold secret keys, whether they exist or not.
pub fn files(settings: &Settings) -> Vec<PathBuf> {
    let SecretsSettings {
        key,
        key_file,
        previous_key_files,
        ..
    } = &settings.secrets;
    let default_file = default_key_file(settings).filter(|_| key.is_none() && key_file.is_none());
    key_file
        .iter()
        .chain(&default_file)
        .chain(previous_key_files)
        .cloned()
        .collect()
}

/// The file beside the store, where the store is a file.
fn default_key_file(settings: &Settings) -> Option<PathBuf> {
    matches!(settings.store.engine(), Ok(StoreEngine::Redb(_)))
        .then(|| settings.data_directory().join(KEY_FILE))
}

fn configured_key(secrets: &SecretsSettings) -> Result<Option<SecretKey>, SecretKeyError> {
    match (&secrets.key, &secrets.key_file) {
        (Some(key), _) => decode("secrets.key", key.expose()).map(Some),
        (None, Some(path)) => read_file(path).map(Some),
        (None, None) => Ok(None),
    }
}

fn previous_keys(secrets: &SecretsSettings) -> Result<Vec<SecretKey>, SecretKeyError> {
    let configured = secrets
        .previous_keys
        .iter()
        .map(|key| decode("secrets.previous_keys", key.expose()));
    configured
        .chain(
            secrets
                .previous_key_files
                .iter()
                .map(|path| read_file(path)),
        )
        .collect()
}

fn read_or_create_key_file(
    settings: &Settings,
    random: &Random,
) -> Result<SecretKey, SecretKeyError> {
    let folder = settings.data_directory();
    let path = folder.join(KEY_FILE);
    let failed = |error| SecretKeyError::File(path.clone(), error);
    if let Some(key) = read_file_if_exists(&path)? {
        return Ok(key);
    }
    if let Ok(StoreEngine::Redb(store)) = settings.store.engine()
        && fs::metadata(&store).is_ok_and(|found| found.len() > 0)
    {
        return Err(SecretKeyError::Lost { key: path, store });
    }
    private_files::create_folder(&folder).map_err(failed)?;
    let key: SecretKey = Zeroizing::new(random.bytes());
    let text = Zeroizing::new(format!("{}\n", STANDARD.encode(*key)));
    private_files::write_new(&path, text.as_bytes()).map_err(failed)?;
    Ok(key)
}

/// Reads a key file; none if there is no file.
fn read_file_if_exists(path: &Path) -> Result<Option<SecretKey>, SecretKeyError> {
    match read_file(path) {
        Err(SecretKeyError::File(_, error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

fn read_file(path: &Path) -> Result<SecretKey, SecretKeyError> {
    let text = setting_file::read_text(path);
    let text = text.map_err(|error| SecretKeyError::File(path.to_owned(), error))?;
    decode(&path.display().to_string(), &Zeroizing::new(text))
}

fn decode(origin: &str, text: &str) -> Result<SecretKey, SecretKeyError> {
    let key = SecretsSettings::decode(text).map(Zeroizing::new);
    key.map_err(|problem| SecretKeyError::InvalidKey {
        origin: origin.to_owned(),
        problem,
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::server::settings::Secret;

    #[test]
    fn creates_a_private_key_file_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        settings.store.url = format!("redb:{}/state/latchkey.redb", dir.path().display());
        let make = || read_or_create(&settings, &Random::system());
        let first = *make().unwrap().current();
        assert_eq!(*make().unwrap().current(), first);
        let mode = |path: &str| {
            fs::metadata(dir.path().join(path))
                .unwrap()
                .permissions()
                .mode()
                & 0o777
        };
        assert_eq!(mode("state"), 0o700);
        assert_eq!(mode("state/secrets.key"), 0o600);
        // A store without its key file gets no new key.
        fs::write(dir.path().join("state/latchkey.redb"), "something").unwrap();
        fs::remove_file(dir.path().join("state/secrets.key")).unwrap();
        assert!(matches!(make(), Err(SecretKeyError::Lost { .. })));
        assert!(!dir.path().join("state/secrets.key").exists());
    }

    #[test]
    fn previous_keys_come_from_settings_or_files() {
        let dir = tempfile::tempdir().unwrap();
        let text = |byte: u8| STANDARD.encode([byte; 32]);
        let file = |byte: u8| {
            let path = dir.path().join(byte.to_string());
            fs::write(&path, format!("{}\n", text(byte))).unwrap();
            path
        };
        let mut settings = Settings::default();
        settings.secrets.key = Some(Secret::new(text(3)));
        settings.secrets.previous_keys = vec![Secret::new(text(2)), Secret::new(text(1))];
        let keys = |settings: &Settings| -> Vec<u8> {
            let ring = read_or_create(settings, &Random::system()).unwrap();
            assert_eq!(ring.oldest(), &[1; 32]);
            ring.newest_first().map(|key| key[0]).collect()
        };
        assert_eq!(keys(&settings), [3, 2, 1]);
        settings.secrets = SecretsSettings {
            key_file: Some(file(3)),
            previous_key_files: vec![file(2), file(1)],
            ..SecretsSettings::default()
        };
        assert_eq!(keys(&settings), [3, 2, 1]);
        assert_eq!(files(&settings).len(), 3);
        fs::remove_file(dir.path().join("1")).unwrap();
        let error = read_or_create(&settings, &Random::system())
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with(&*dir.path().join("1").to_string_lossy()),
            "{error}"
        );
    }

    #[test]
    fn errors_do_not_repeat_the_key() {
        let mut settings = Settings::default();
        settings.secrets.key = Some(Secret::new("aHVudGVyMg=="));
        let error = read_or_create(&settings, &Random::system())
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("secrets.key:") && !error.contains("aHVudGVy"),
            "{error}"
        );
    }
}
