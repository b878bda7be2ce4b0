//! Who this client is, and how it proves it where OAuth asks: by its secret (RFC 6749 §2.3.1) or by
//! an assertion signed with its key (RFC 7523 §2.2).

use aws_lc_rs::error::Unspecified;

use crate::domain::timestamp::Timestamp;
use crate::server::settings::Secret;
use crate::server::system::random::Random;
use crate::server::transmit::auth::client_key::ClientKey;

/// `client_assertion_type` of a JWT.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What proves who the client is.
#[derive(Debug)]
pub enum Proof {
    /// A secret that both ends know.
    Secret(Secret),
    /// A key whose public half is registered upstream.
    Key(ClientKey),
}

impl From<Secret> for Proof {
    fn from(secret: Secret) -> Self {
        Self::Secret(secret)
    }
}

/// The client id and what proves it.
pub(in crate::server::transmit) struct Credentials {
    client_id: String,
    proof: Proof,
    /// The token URL: what assertions are made out to, whichever endpoint asks.
    audience: String,
}

impl Credentials {
    pub fn new(client_id: String, proof: Proof, audience: String) -> Self {
        Self {
            client_id,
            proof,
            audience,
        }
    }

    /// Form fields that authenticate the client in one request. An assertion is good once, so every
    /// request, repeated ones too, asks for fields of its own.
    ///
    /// # Errors
    /// When signing fails.
    pub fn fields(
        &self,
        now: Timestamp,
        random: &Random,
    ) -> Result<Vec<(&'static str, Secret)>, Unspecified> {
        let mut fields = vec![("client_id", Secret::new(self.client_id.as_str()))];
        match &self.proof {
            Proof::Secret(secret) => fields.push(("client_secret", secret.clone())),
            Proof::Key(key) => {
                let assertion = key.assertion(&self.client_id, &self.audience, now, random)?;
                fields.extend([
                    ("client_assertion_type", Secret::new(JWT_BEARER)),
                    ("client_assertion", assertion),
                ]);
            }
        }
        Ok(fields)
    }

    /// What the operator is to look at when upstream refuses.
    pub fn to_check(&self) -> &'static str {
        match self.proof {
            Proof::Secret(_) => "check transmit.client_id and transmit.client_secret",
            Proof::Key(_) => {
                "check transmit.client_id, that the key of transmit.private_key is registered upstream (latchkey \
                 client-jwks prints it), and this machine's clock"
            }
        }
    }
}
