//! How tokens lie when a test wants them to: another header, other claims, a signature that is
//! none.

use std::sync::Arc;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::jose;
use crate::keys::SigningKey;
use crate::random::Random;

/// Which token of a user's two. Client access tokens never lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The ID token.
    Id,
    /// The access token.
    Access,
}

/// What the signature is.
#[derive(Clone, Debug)]
pub enum Signature {
    /// That of the key in use.
    Good,
    /// That of a key that was never published, under the name of the one in use.
    Foreign(Arc<SigningKey>),
    /// Empty, with `alg` `none`.
    None,
    /// An HMAC with the public key in PEM for a secret, with `alg` `HS256`.
    Hs256,
    /// Empty, with the header of a signed token.
    Stripped,
}

/// A lie.
#[derive(Clone, Debug)]
pub struct Lie {
    /// Laid over the header; `null` takes a member away.
    pub header: Map<String, Value>,
    /// Laid over the claims; `null` takes one away.
    pub claims: Map<String, Value>,
    /// What stands at the end.
    pub signature: Signature,
}

/// The lies that are to be told, at most one of each kind at a time.
#[derive(Debug, Default)]
pub struct Lies {
    id: Option<Told>,
    access: Option<Told>,
}

#[derive(Debug)]
struct Told {
    lie: Lie,
    /// How often still; unset: until reset.
    left: Option<u32>,
}

impl Lies {
    /// Sets the lie of one kind for the next `times` tokens, or until it is taken away (`Some(0)`).
    pub fn set(&mut self, kind: Kind, lie: Lie, times: Option<u32>) {
        *self.of(kind) = (times != Some(0)).then_some(Told { lie, left: times });
    }

    /// The lie that the next token of this kind is to tell.
    pub fn next(&mut self, kind: Kind) -> Option<Lie> {
        let slot = self.of(kind);
        let told = slot.as_mut()?;
        let lie = told.lie.clone();
        told.left = told.left.map(|left| left.saturating_sub(1));
        if told.left == Some(0) {
            *slot = None;
        }
        Some(lie)
    }

    fn of(&mut self, kind: Kind) -> &mut Option<Told> {
        match kind {
            Kind::Id => &mut self.id,
            Kind::Access => &mut self.access,
        }
    }
}

impl Lie {
    /// The lying token; `key` is the one that an honest token would be signed with.
    ///
    /// # Errors
    /// When signing fails.
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
        let header = laid_over(header, self.header);
        let claims = match claims {
            Value::Object(claims) => laid_over(claims, self.claims).into(),
            other => other,
        };
        let message = jose::message(&header, &claims);
        let signature = match self.signature {
            Signature::Good => key.sign(&message, random)?,
            Signature::Foreign(foreign) => foreign.sign(&message, random)?,
            Signature::Hs256 => {
                let secret = hmac::Key::new(hmac::HMAC_SHA256, key.public_pem()?.as_bytes());
                hmac::sign(&secret, message.as_bytes()).as_ref().to_vec()
            }
            Signature::None | Signature::Stripped => Vec::new(),
        };
        Ok(format!("{message}.{}", jose::encode(signature)))
    }
}

impl Signature {
    fn algorithm(&self) -> Option<&'static str> {
        match self {
            Self::Hs256 => Some("HS256"),
            Self::None => Some("none"),
            Self::Good | Self::Foreign(_) | Self::Stripped => None,
        }
    }
}

fn laid_over(mut members: Map<String, Value>, changes: Map<String, Value>) -> Map<String, Value> {
    for (name, value) in changes {
        match value {
            Value::Null => drop(members.remove(&name)),
            value => drop(members.insert(name, value)),
        }
    }
    members
}
