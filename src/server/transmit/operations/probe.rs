//! Checks upstream against the settings, for `latchkey check`.

use serde::Deserialize;

use crate::server::transmit::Transmit;
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::exchange::{self, UpstreamCall};
use crate::server::transmit::transport::failure::Failure;
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::{metrics, retry};

/// The results of the checks. Each one is independent of the others.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Whether the client credentials are accepted.
    pub token: Result<(), Failure>,
    /// How many usable signing keys there are; at least one.
    pub keys: Result<usize, Failure>,
    /// Whether the OpenID configuration names an issuer in the settings. It does not where an
    /// application has signing keys of its own.
    pub issuer: Result<IssuerFinding, Failure>,
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
            token,
            keys,
            issuer,
        }
    }

    async fn find_issuer(&self, deadline: &Deadline) -> Result<IssuerFinding, Failure> {
        const OPERATION: Operation = Operation::Discovery;
        let call = UpstreamCall::get(
            OPERATION,
            self.host_url(&["cis", "oidc", ".well-known", "openid-configuration"]),
        );
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
