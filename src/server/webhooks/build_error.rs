//! Why webhooks cannot be set up.

use crate::server::settings::LoadError;

/// Webhooks cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum BuildWebhooksError {
    /// The file of the secrets cannot be read.
    #[error(transparent)]
    Secret(#[from] LoadError),
    /// A secret is invalid.
    #[error("{origin}: {text}")]
    Setting {
        /// The setting, and the file that it names.
        origin: String,
        /// What is wrong.
        text: &'static str,
    },
    /// TLS cannot be set up.
    #[error("webhooks: the HTTP client could not be built")]
    Client(#[from] reqwest::Error),
}
