//! Client authentication at OAuth endpoints: by a secret (RFC 6749 §2.3.1), or by an assertion that
//! is signed with a private key (RFC 7523 §2.2).

use aws_lc_rs::error::Unspecified;

use crate::domain::timestamp::Timestamp;
use crate::server::settings::Secret;
use crate::server::system::random::Random;
use crate::server::transmit::auth::client_key::ClientKey;

/// `client_assertion_type` of a JWT.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What the client authenticates with.
#[derive(Debug)]
pub enum ClientCredential {
    /// A shared secret.
    Secret(Secret),
    /// A private key whose public key is registered upstream.
    Key(ClientKey),
}

impl From<Secret> for ClientCredential {
    fn from(secret: Secret) -> Self {
        Self::Secret(secret)
    }
}

/// The client id and its credential.
pub(in crate::server::transmit) struct Credentials {
    client_id: String,
    credential: ClientCredential,
    /// The token URL, which is the audience of every assertion.
    audience: String,
}

impl Credentials {
    pub fn new(client_id: String, credential: ClientCredential, audience: String) -> Self {
        Self {
            client_id,
            credential,
            audience,
        }
    }

    /// Form fields that authenticate the client in one request. An assertion is valid once, so
    /// every request needs new fields, also when it is a retry.
    ///
    /// # Errors
    /// When signing fails.
    pub fn fields(
        &self,
        now: Timestamp,
        random: &Random,
    ) -> Result<Vec<(&'static str, Secret)>, Unspecified> {
        let mut fields = vec![("client_id", Secret::new(self.client_id.as_str()))];
        match &self.credential {
            ClientCredential::Secret(secret) => fields.push(("client_secret", secret.clone())),
            ClientCredential::Key(key) => {
                let assertion = key.sign_assertion(&self.client_id, &self.audience, now, random)?;
                fields.extend([
                    ("client_assertion_type", Secret::new(JWT_BEARER)),
                    ("client_assertion", assertion),
                ]);
            }
        }
        Ok(fields)
    }

    /// What the operator should check when upstream refuses the client.
    pub fn troubleshooting_hint(&self) -> &'static str {
        match self.credential {
            ClientCredential::Secret(_) => "check transmit.client_id and transmit.client_secret",
            ClientCredential::Key(_) => {
                "check transmit.client_id, that the key of transmit.private_key is registered \
                 upstream (latchkey client-jwks prints it), and this machine's clock"
            }
        }
    }
}
