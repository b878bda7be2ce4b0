//! Is upstream as the settings say? For `latchkey check`.

use serde::Deserialize;

use crate::server::transmit::Transmit;
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::exchange::{self, UpstreamCall};
use crate::server::transmit::transport::failure::Failure;
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::{metrics, retry};

/// What a look at upstream found, each part by itself.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Whether the client credentials are accepted.
    pub token: Result<(), Failure>,
    /// How many usable signing keys there are; at least one.
    pub keys: Result<usize, Failure>,
    /// Whether the OpenID configuration names an issuer of the settings. With keys of an
    /// application's own it does not.
    pub issuer: Result<IssuerFinding, Failure>,
}

/// What the OpenID configuration says of the issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerFinding {
    /// An issuer of the settings.
    Matches,
    /// Another one.
    Differs {
        /// This one.
        found: String,
    },
}

#[derive(Deserialize)]
pub(in crate::server::transmit) struct Configuration {
    pub issuer: String,
}

impl Transmit {
    /// Looks at the token endpoint, the signing keys and the issuer, past every cache.
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
            self.at(&["cis", "oidc", ".well-known", "openid-configuration"]),
        );
        let attempt = || {
            self.shared
                .line
                .exchange(&call, None, deadline, exchange::json::<Configuration>)
        };
        let asking = retry::within(deadline, OPERATION.retry(), &self.shared.random, attempt);
        let Configuration { issuer } = metrics::measured(OPERATION, asking).await?;
        let matches = self.accepts_issuer(&issuer);
        Ok(if matches {
            IssuerFinding::Matches
        } else {
            IssuerFinding::Differs { found: issuer }
        })
    }
}
