//! Why the server cannot start.

use crate::server::crypto::hkdf::DeriveKeyError;
use crate::server::crypto::secret_key::SecretKeyError;
use crate::server::http::brands::BrandError;
use crate::server::settings::LoadError;
use crate::server::sms_gateway;
use crate::server::store::redb::OpenRedbError;
use crate::server::store::redis;
use crate::server::system::io_error::is_temporary;
use crate::server::transmit::{BuildClientError, ClientKeyError};
use crate::server::webhooks::BuildWebhooksError;

/// The server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// The store cannot be opened.
    #[error("store: {0}{advice}", advice = advice(.0))]
    Store(#[from] OpenRedbError),
    /// The Redis client cannot be built.
    #[error("store: {0}")]
    Redis(#[from] redis::OpenRedisError),
    /// `store.url` cannot be parsed.
    #[error("store.url: {0}")]
    StoreUrl(String),
    /// The secret key cannot be read or created.
    #[error(transparent)]
    SecretKey(#[from] SecretKeyError),
    /// Keys cannot be derived.
    #[error(transparent)]
    Keys(#[from] DeriveKeyError),
    /// The file of a secret cannot be read.
    #[error(transparent)]
    Secret(#[from] LoadError),
    /// Neither a client secret nor a client key is set.
    #[error("transmit.client_secret: needed, or transmit.private_key_file")]
    NoProof,
    /// The token of the operations listener could be guessed.
    #[error("{origin}: must have at least {least} characters; make one with: openssl rand -hex 32")]
    ShortToken {
        /// The setting, and its file.
        origin: String,
        /// The fewest characters.
        least: usize,
    },
    /// The token of the admin API is also that of the rest of the operations listener.
    #[error("{admin}: must differ from {bearer}: who reads metrics must not end sessions")]
    SameTokens {
        /// The setting of the admin API's token, and its file.
        admin: String,
        /// The setting of the other one, and its file.
        bearer: String,
    },
    /// The client's key cannot be used.
    #[error("{0}: the key {1}")]
    ClientKey(String, ClientKeyError),
    /// The upstream client cannot be built.
    #[error("transmit: {0}")]
    Transmit(#[from] BuildClientError),
    /// A logo cannot be used.
    #[error(transparent)]
    Brand(#[from] BrandError),
    /// The SMS gateway cannot be built.
    #[error(transparent)]
    Gateway(#[from] sms_gateway::BuildGatewayError),
    /// Webhooks cannot be set up.
    #[error(transparent)]
    Webhooks(#[from] BuildWebhooksError),
}

impl StartupError {
    /// Whether a later start may succeed although nobody changes a setting or a file.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Store(error) => error.is_temporary(),
            Self::SecretKey(SecretKeyError::File(_, error)) => is_temporary(error),
            _ => false,
        }
    }
}

/// What the operator can do, where the error does not say.
fn advice(error: &OpenRedbError) -> &'static str {
    match error {
        OpenRedbError::Corrupt { .. } => {
            "; restore a backup with `latchkey restore`, or move the file away to start with an \
             empty store"
        }
        OpenRedbError::Foreign { .. } => "; store.url must name another file",
        _ => "",
    }
}
