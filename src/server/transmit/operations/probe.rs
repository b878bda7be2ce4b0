//! Checks upstream against the settings, for `latchkey check`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use serde::Deserialize;

use crate::server::system::http_client::json;
use crate::server::transmit::Transmit;
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::exchange::{self, UpstreamCall};
use crate::server::transmit::transport::failure::Failure;
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::{metrics, retry};

/// The results of the checks. Each one is independent of the others.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Whether the client credentials are accepted, and what the token says.
    pub token: Result<ClientTokenFacts, Failure>,
    /// How many usable signing keys there are; at least one.
    pub keys: Result<usize, Failure>,
    /// Whether the OpenID configuration names an issuer in the settings. It does not where an
    /// application has signing keys of its own.
    pub issuer: Result<IssuerFinding, Failure>,
}

/// What a client token says about itself. It is not validated, because upstream sent it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientTokenFacts {
    /// `tid`, if the token is a JWT that has it.
    pub tenant_id: Option<String>,
    /// `app_id`, if the token is a JWT that has it.
    pub app_id: Option<String>,
}

/// The claims of a client token that are compared.
#[derive(Deserialize)]
struct ClientTokenClaims {
    tid: Option<String>,
    app_id: Option<String>,
}

impl ClientTokenFacts {
    /// Reads the token of an `Authorization` header; nothing is known of one that is no JWT.
    pub(super) fn of(bearer: &HeaderValue) -> Self {
        let token = bearer.to_str().unwrap_or_default();
        let claims = token.trim_start_matches("Bearer ").split('.').nth(1);
        let claims = claims.and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
        let claims = claims.and_then(|bytes| json::<ClientTokenClaims>(&bytes));
        claims.map_or_else(Self::default, |claims| Self {
            tenant_id: claims.tid,
            app_id: claims.app_id,
        })
    }
}

/// The issuer in the OpenID configuration, compared with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerFinding {
    /// It is an issuer in the settings.
    Matches,
    /// It is another one.
    Differs {
        /// The issuer that was found.
        found: String,
    },
}

#[derive(Deserialize)]
pub(in crate::server::transmit) struct OpenIdConfiguration {
    pub issuer: String,
}

impl Transmit {
    /// Checks the token endpoint, the signing keys and the issuer, and ignores all caches.
    pub async fn probe(&self) -> Probe {
        let shared = &self.shared;
        let deadline = Deadline::after(&shared.clock, shared.timeout);
        let (token, keys, issuer) = tokio::join!(
            shared.client_token.probe(&deadline),
            shared.keys.probe(&deadline),
            self.find_issuer(&deadline)
        );
        Probe {
            token: token.map(|bearer| ClientTokenFacts::of(&bearer)),
            keys,
            issuer,
        }
    }

    async fn find_issuer(&self, deadline: &Deadline) -> Result<IssuerFinding, Failure> {
        const OPERATION: Operation = Operation::Discovery;
        let call = UpstreamCall::get(OPERATION, self.discovery_url());
        let attempt = || {
            self.shared.upstream.exchange(
                &call,
                None,
                deadline,
                exchange::json::<OpenIdConfiguration>,
            )
        };
        let request = retry::retry(deadline, OPERATION.retry(), &self.shared.random, attempt);
        let OpenIdConfiguration { issuer } = metrics::measure(OPERATION, request).await?;
        Ok(if self.accepts_issuer(&issuer) {
            IssuerFinding::Matches
        } else {
            IssuerFinding::Differs { found: issuer }
        })
    }
}
