//! Builds the client from the settings.

use std::sync::Arc;

use tokio::sync::Semaphore;
use url::Url;

use super::auth::client_token::ClientToken;
use super::auth::credentials::{ClientCredential, Credentials};
use super::operations::otp::OtpOptions;
use super::tokens::claims;
use super::tokens::jwks_cache::JwksCache;
use super::tokens::validation::TokenValidator;
use super::transport::exchange::Upstream;
use super::{Shared, Transmit};
use crate::server::settings;
use crate::server::settings::server::is_trustworthy;
use crate::server::system::clock::Clock;
use crate::server::system::http_client;
use crate::server::system::random::Random;

/// Why a client cannot be built. Most causes are found earlier, when settings are validated.
#[derive(Debug, thiserror::Error)]
pub enum BuildClientError {
    /// `transmit.region` or `transmit.base_url` is missing.
    #[error("no upstream host: set transmit.region or transmit.base_url")]
    NoHost,
    /// `transmit.issuer` is missing and does not follow from the region.
    #[error("no issuer: set transmit.issuer")]
    NoIssuer,
    /// A URL that is neither https nor on loopback.
    #[error("`{0}` must be https")]
    NotHttps(Url),
    /// The HTTP client could not be built.
    #[error(transparent)]
    Http(#[from] http_client::HttpClientError),
    /// The credentials for the proxy cannot be read.
    #[error(transparent)]
    ProxyCredentials(#[from] settings::transmit::ReadCredentialsError),
}

impl Transmit {
    /// A client for the tenant in the settings, authenticated by a secret or a key. Nothing is
    /// fetched yet.
    ///
    /// # Errors
    /// [`BuildClientError`].
    pub fn new(
        settings: &settings::TransmitSettings,
        credential: impl Into<ClientCredential>,
        clock: Clock,
        random: Random,
    ) -> Result<Self, BuildClientError> {
        let base = require_trustworthy(settings.base_url().ok_or(BuildClientError::NoHost)?)?;
        let jwks_url = require_trustworthy(settings.jwks_url().ok_or(BuildClientError::NoHost)?)?;
        let mut token_url = base.clone();
        token_url.set_path(&settings.token_path);
        let credentials = settings.read_proxy_credentials()?;
        let client = http_client::client_for_route(
            &route(settings, credentials.as_ref()),
            settings.connect_timeout.0,
            &[&base, &jwks_url],
        )?;
        let upstream = Arc::new(Upstream::new(client, clock.clone()));

        let client_id = settings.client_id.clone();
        let rules = claims::TokenRules {
            issuers: settings.issuers().ok_or(BuildClientError::NoIssuer)?,
            client_id: client_id.clone(),
            tenant_id: settings.tenant_id.clone(),
        };
        let timeout = settings.timeout.0;
        let keys = JwksCache::new(
            upstream.clone(),
            jwks_url,
            timeout,
            clock.clone(),
            random.clone(),
        );
        let credentials = Arc::new(Credentials::new(
            client_id,
            credential.into(),
            token_url.to_string(),
        ));
        let client_token = ClientToken::new(
            upstream.clone(),
            token_url,
            credentials,
            timeout,
            clock.clone(),
            random.clone(),
        );
        let tokens = TokenValidator::new(keys.clone(), rules, clock.clone());
        let in_flight = Semaphore::new(settings.max_in_flight.min(Semaphore::MAX_PERMITS));
        let (connect_timeout, otp_options) = (
            settings.connect_timeout.0,
            OtpOptions::new(settings, clock.clone()),
        );
        let shared = Shared {
            base,
            upstream,
            client_token,
            keys,
            tokens,
            in_flight,
            otp_options,
            app_id: settings.app_id.clone(),
            timeout,
            connect_timeout,
            clock,
            random,
        };
        Ok(Self {
            shared: Arc::new(shared),
            verify_timeout: timeout,
        })
    }
}

fn route<'a>(
    settings: &'a settings::TransmitSettings,
    credentials: Option<&'a settings::Secret>,
) -> http_client::OutgoingRoute<'a> {
    http_client::OutgoingRoute {
        ca_file: settings.ca_file.as_deref(),
        proxy: settings.proxy.as_ref(),
        proxy_credentials: credentials.map(settings::Secret::expose),
    }
}

/// Accepts https, and loopback for tests: secrets must not cross a network unencrypted.
fn require_trustworthy(url: Url) -> Result<Url, BuildClientError> {
    if is_trustworthy(&url) {
        Ok(url)
    } else {
        Err(BuildClientError::NotHttps(url))
    }
}
