//! Why the product could not be put together.

use crate::server::crypto::hkdf::DeriveKeyError;
use crate::server::crypto::secret_key::SecretKeyError;
use crate::server::settings::LoadError;
use crate::server::sms_gateway;
use crate::server::store::redb::OpenRedbError;
use crate::server::store::redis;
use crate::server::transmit::{BuildClientError, ClientKeyError};

/// The product could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// The store cannot be opened.
    #[error("store: {0}{advice}", advice = advice(.0))]
    Store(#[from] OpenRedbError),
    /// The client for Redis cannot be made.
    #[error("store: {0}")]
    Redis(#[from] redis::OpenRedisError),
    /// `store.url` cannot be read.
    #[error("store.url: {0}")]
    StoreUrl(String),
    /// Our own key cannot be read or made.
    #[error(transparent)]
    SecretKey(#[from] SecretKeyError),
    /// Sub-keys cannot be derived.
    #[error(transparent)]
    Keys(#[from] DeriveKeyError),
    /// A secret's file cannot be read.
    #[error(transparent)]
    Secret(#[from] LoadError),
    /// Neither client secret nor key is there.
    #[error("transmit.client_secret: needed, or transmit.private_key_file")]
    NoProof,
    /// The client's key cannot be used.
    #[error("{0}: the key {1}")]
    ClientKey(&'static str, ClientKeyError),
    /// There is no upstream client.
    #[error("transmit: {0}")]
    Transmit(#[from] BuildClientError),
    /// There is no SMS gateway.
    #[error(transparent)]
    Gateway(#[from] sms_gateway::BuildGatewayError),
}

/// What to do about it, where that is not plain.
fn advice(error: &OpenRedbError) -> &'static str {
    match error {
        OpenRedbError::Corrupt { .. } => {
            "; restore a backup with `latchkey restore`, or move the file away to begin anew"
        }
        OpenRedbError::Foreign { .. } => "; store.url must name another file",
        _ => "",
    }
}
