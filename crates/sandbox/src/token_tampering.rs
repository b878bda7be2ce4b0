//! Tampers with tokens for tests: another header, other claims, an invalid signature.

use std::sync::Arc;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::jose;
use crate::keys::SigningKey;
use crate::random::Random;

/// Which of a user's tokens. Client access tokens are never tampered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenType {
    Id,
    Access,
}

/// The signature of a tampered token.
#[derive(Clone, Debug)]
pub enum TamperedSignature {
    /// A valid signature by the current key.
    Good,
    /// A signature by an unpublished key, with the `kid` of the current key.
    Foreign(Arc<SigningKey>),
    /// Empty, with `alg` `none`.
    None,
    /// An HMAC whose secret is the public key in PEM, with `alg` `HS256`.
    Hs256,
    /// Empty, with the header of a signed token.
    Stripped,
}

/// How a token is tampered with.
#[derive(Clone, Debug)]
pub struct TokenTampering {
    /// Overrides members of the header; `null` removes one.
    pub header: Map<String, Value>,
    /// Overrides claims; `null` removes one.
    pub claims: Map<String, Value>,
    /// The signature part.
    pub signature: TamperedSignature,
}

/// Which tampering applies to the next tokens: at most one per token type.
#[derive(Debug, Default)]
pub struct TamperingPlan {
    id: Option<PlannedTampering>,
    access: Option<PlannedTampering>,
}

#[derive(Debug)]
struct PlannedTampering {
    tampering: TokenTampering,
    /// `None`: until reset.
    tokens_left: Option<u32>,
}

impl TamperingPlan {
    /// Sets the tampering of the next `times` tokens; without `times`, of all. `Some(0)` removes
    /// it.
    pub fn set(&mut self, token: TokenType, tampering: TokenTampering, times: Option<u32>) {
        *self.slot(token) = (times != Some(0)).then_some(PlannedTampering {
            tampering,
            tokens_left: times,
        });
    }

    /// Takes the tampering of the next token.
    pub fn next(&mut self, token: TokenType) -> Option<TokenTampering> {
        let slot = self.slot(token);
        let planned = slot.as_mut()?;
        let tampering = planned.tampering.clone();
        planned.tokens_left = planned.tokens_left.map(|left| left.saturating_sub(1));
        if planned.tokens_left == Some(0) {
            *slot = None;
        }
        Some(tampering)
    }

    fn slot(&mut self, token: TokenType) -> &mut Option<PlannedTampering> {
        match token {
            TokenType::Id => &mut self.id,
            TokenType::Access => &mut self.access,
        }
    }
}

impl TokenTampering {
    /// Signs a tampered token. `key` is the current signing key.
    ///
    /// # Errors
    /// Signing failed.
    pub fn sign(
        self,
        key: &SigningKey,
        claims: Value,
        random: &Random,
    ) -> Result<String, Unspecified> {
        let mut header = key.header();
        if let Some(alg) = self.signature.algorithm() {
            header.insert("alg".into(), alg.into());
        }
        let header = override_members(header, self.header);
        let claims = match claims {
            Value::Object(claims) => override_members(claims, self.claims).into(),
            other => other,
        };
        let message = jose::signing_input(&header, &claims);
        let signature = match self.signature {
            TamperedSignature::Good => key.sign(&message, random)?,
            TamperedSignature::Foreign(foreign) => foreign.sign(&message, random)?,
            TamperedSignature::Hs256 => {
                let secret = hmac::Key::new(hmac::HMAC_SHA256, key.public_pem()?.as_bytes());
                hmac::sign(&secret, message.as_bytes()).as_ref().to_vec()
            }
            TamperedSignature::None | TamperedSignature::Stripped => Vec::new(),
        };
        Ok(format!("{message}.{}", jose::encode_base64url(signature)))
    }
}

impl TamperedSignature {
    fn algorithm(&self) -> Option<&'static str> {
        match self {
            Self::Hs256 => Some("HS256"),
            Self::None => Some("none"),
            Self::Good | Self::Foreign(_) | Self::Stripped => None,
        }
    }
}

fn override_members(
    mut members: Map<String, Value>,
    overrides: Map<String, Value>,
) -> Map<String, Value> {
    for (name, value) in overrides {
        match value {
            Value::Null => drop(members.remove(&name)),
            value => drop(members.insert(name, value)),
        }
    }
    members
}
