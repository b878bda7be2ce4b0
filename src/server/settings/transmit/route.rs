//! How calls reach the tenant: a proxy, and trusted certificates.

use crate::server::settings::load;
use crate::server::settings::transmit::TransmitSettings;
use crate::server::settings::{LoadError, Secret};

/// The key of the credentials for the proxy.
const PROXY_CREDENTIALS: &str = "transmit.proxy_credentials";

impl TransmitSettings {
    pub(super) fn validate_route(&self, mut error: impl FnMut(&'static str, &str)) {
        if let Some(proxy) = &self.proxy {
            if proxy.scheme() != "http" || proxy.host().is_none() {
                error(
                    "transmit.proxy",
                    "must be http://HOST:PORT: calls go through it by CONNECT, TLS from end to end",
                );
            }
            if !proxy.username().is_empty() || proxy.password().is_some() {
                error(
                    "transmit.proxy",
                    "user and password belong into transmit.proxy_credentials, where nothing \
                     shows them",
                );
            }
        }
        for (key, is_set) in [
            (PROXY_CREDENTIALS, self.proxy_credentials.is_some()),
            (
                "transmit.proxy_credentials_file",
                self.proxy_credentials_file.is_some(),
            ),
        ] {
            if is_set && self.proxy.is_none() {
                error(key, "belong to transmit.proxy, which is not set");
            }
        }
        if self.proxy_credentials.is_some() && self.proxy_credentials_file.is_some() {
            error(
                "transmit.proxy_credentials_file",
                "set transmit.proxy_credentials or transmit.proxy_credentials_file, not both",
            );
        }
        if self
            .proxy_credentials
            .as_ref()
            .is_some_and(|credentials| !are_credentials(credentials))
        {
            error(PROXY_CREDENTIALS, "must be user:password");
        }
    }

    /// `user:password` for the proxy, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else.
    pub fn read_proxy_credentials(&self) -> Result<Option<Secret>, ReadCredentialsError> {
        let (value, file) = (
            self.proxy_credentials.as_ref(),
            self.proxy_credentials_file.as_deref(),
        );
        match load::read_secret(value, file)? {
            Some(credentials) if !are_credentials(&credentials) => {
                let origin = load::secret_origin(PROXY_CREDENTIALS, value, file);
                Err(ReadCredentialsError::Form(origin))
            }
            credentials => Ok(credentials),
        }
    }
}

/// The credentials for the proxy cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadCredentialsError {
    /// Their file cannot be read.
    #[error(transparent)]
    File(#[from] LoadError),
    /// They have no colon. Holds the setting, and its file.
    #[error("{0}: must be user:password")]
    Form(String),
}

fn are_credentials(credentials: &Secret) -> bool {
    credentials.expose().contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_a_file_are_checked_and_never_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("proxy");
        let settings = TransmitSettings {
            proxy_credentials_file: Some(path.clone()),
            ..TransmitSettings::default()
        };
        let read = || {
            settings
                .read_proxy_credentials()
                .map(|found| found.unwrap())
        };
        assert!(matches!(read(), Err(ReadCredentialsError::File(_))));
        std::fs::write(&path, "user:p:w\n").unwrap();
        assert_eq!(read().unwrap().expose(), "user:p:w");
        std::fs::write(&path, "hunter2").unwrap();
        let error = read().unwrap_err().to_string();
        assert!(
            error.starts_with("transmit.proxy_credentials_file: "),
            "{error}"
        );
        assert!(!error.contains("hunter2"), "{error}");
        let none = TransmitSettings::default().read_proxy_credentials();
        assert!(none.unwrap().is_none());
    }
}
