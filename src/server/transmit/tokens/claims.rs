//! What a token says, and the rules that it must keep to be believed.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::domain::timestamp::Timestamp;
use crate::domain::{Identifier, IdentifierType};
use crate::server::crypto::derived_keys::sha256;
use crate::server::transmit::tokens::token_error::{TokenFlaw, TokenKind};

/// How far two clocks may be apart.
pub const SKEW: Duration = Duration::from_secs(60);

/// Longest `sub`, in bytes.
pub const MAX_SUBJECT: usize = 255;

/// The claims that are read, of either token. Which of them must be there is for the rules to say.
#[derive(Deserialize)]
pub(in crate::server::transmit) struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Audience>,
    azp: Option<String>,
    client_id: Option<String>,
    scope: Option<Value>,
    tid: Option<String>,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
    iat: Option<NumericDate>,
    auth_time: Option<NumericDate>,
    at_hash: Option<String>,
    phone_number: Option<String>,
    #[serde(default)]
    amr: Names,
    roles: Option<Names>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Seconds since the epoch, perhaps with a fraction (RFC 7519 §2).
#[derive(Clone, Copy)]
struct NumericDate(Timestamp);

/// A list of names; entries that are none are left out.
#[derive(Clone, Default)]
pub(in crate::server::transmit) struct Names(pub Vec<String>);

/// What tokens must say to be this tenant's and this client's.
pub(in crate::server::transmit) struct Rules {
    /// Any of them.
    pub issuers: Vec<String>,
    pub client_id: String,
    /// Unset: `tid` is not checked.
    pub tenant_id: Option<String>,
}

impl Claims {
    pub fn read(members: Map<String, Value>) -> Result<Self, TokenFlaw> {
        serde_json::from_value(Value::Object(members)).map_err(|_| TokenFlaw::Malformed)
    }

    /// Who issued it.
    pub fn issuer(&self) -> Result<&str, TokenFlaw> {
        self.iss.as_deref().ok_or(TokenFlaw::Missing("iss"))
    }

    /// The user, by Transmit's id.
    pub fn subject(&self) -> Result<&str, TokenFlaw> {
        match self.sub.as_deref() {
            Some(sub) if !sub.is_empty() && sub.len() <= MAX_SUBJECT => Ok(sub),
            _ => Err(TokenFlaw::Missing("sub")),
        }
    }

    pub fn auth_time(&self) -> Result<Timestamp, TokenFlaw> {
        self.auth_time
            .map(|date| date.0)
            .ok_or(TokenFlaw::Missing("auth_time"))
    }

    pub fn amr(&self) -> &[String] {
        &self.amr.0
    }

    pub fn roles(&self) -> Option<&[String]> {
        self.roles.as_ref().map(|roles| roles.0.as_slice())
    }

    pub fn phone_number(&self) -> Option<&str> {
        self.phone_number.as_deref()
    }

    /// That the person authenticated for this flow: not before it began, and not in the future.
    pub fn check_auth_time(&self, not_before: Timestamp, now: Timestamp) -> Result<(), TokenFlaw> {
        let auth_time = self.auth_time()?;
        check(
            auth_time + SKEW >= not_before && auth_time <= now + SKEW,
            TokenFlaw::AuthTime,
        )
    }

    /// That the tenant, where it tells the number, tells the one that the code went to.
    pub fn check_phone_number(&self, identifier: &Identifier) -> Result<(), TokenFlaw> {
        match &self.phone_number {
            Some(number)
                if identifier.kind() == IdentifierType::PhoneNumber
                    && number != identifier.value() =>
            {
                Err(TokenFlaw::PhoneNumber)
            }
            _ => Ok(()),
        }
    }

    /// That the issuer is this one.
    pub fn check_issuer(&self, iss: &str) -> Result<(), TokenFlaw> {
        check(self.issuer()? == iss, TokenFlaw::OtherIssuer)
    }

    /// That the user is this one.
    pub fn check_subject(&self, sub: &str) -> Result<(), TokenFlaw> {
        check(self.subject()? == sub, TokenFlaw::Subject)
    }

    /// That it was made out for this access token, where it says so: the left half of the hash that
    /// belongs to its algorithm, which is SHA-256 for both that are allowed.
    pub fn check_access_token(&self, token: &str) -> Result<(), TokenFlaw> {
        let hash = sha256(token.as_bytes());
        let left = hash
            .first_chunk::<16>()
            .map(|left| URL_SAFE_NO_PAD.encode(left));
        check(
            self.at_hash.is_none() || self.at_hash == left,
            TokenFlaw::AccessTokenHash,
        )
    }
}

impl Rules {
    /// Whether tokens of this issuer are taken. Compared byte by byte: no normal form makes two
    /// issuers one.
    pub fn accepts(&self, issuer: &str) -> bool {
        self.issuers.iter().any(|accepted| accepted == issuer)
    }

    /// The rules for one token by itself.
    pub fn check(&self, kind: TokenKind, claims: &Claims, now: Timestamp) -> Result<(), TokenFlaw> {
        check(self.accepts(claims.issuer()?), TokenFlaw::Issuer)?;
        match kind {
            TokenKind::Id => self.check_id(claims)?,
            TokenKind::Access => self.check_access(claims)?,
        }
        if let Some(tenant_id) = &self.tenant_id {
            check(
                claims.tid.as_ref().ok_or(TokenFlaw::Missing("tid"))? == tenant_id,
                TokenFlaw::Tenant,
            )?;
        }
        let expires_at = claims.exp.ok_or(TokenFlaw::Missing("exp"))?.0;
        let issued_at = claims.iat.ok_or(TokenFlaw::Missing("iat"))?.0;
        check(now < expires_at + SKEW, TokenFlaw::Expired)?;
        check(
            claims.nbf.is_none_or(|nbf| nbf.0 <= now + SKEW),
            TokenFlaw::NotYetValid,
        )?;
        check(issued_at <= now + SKEW, TokenFlaw::IssuedInFuture)
    }

    /// An ID token is for this client alone. An access token carries `client_id` and `scope`, an ID
    /// token not both.
    fn check_id(&self, claims: &Claims) -> Result<(), TokenFlaw> {
        check(
            claims.client_id.is_none() || claims.scope.is_none(),
            TokenFlaw::WrongUse,
        )?;
        let is_ours = match claims.aud.as_ref().ok_or(TokenFlaw::Missing("aud"))? {
            Audience::One(audience) => *audience == self.client_id,
            Audience::Many(audiences) => {
                matches!(audiences.as_slice(), [audience] if *audience == self.client_id)
            }
        };
        check(
            is_ours
                && claims
                    .azp
                    .as_ref()
                    .is_none_or(|party| *party == self.client_id),
            TokenFlaw::Audience,
        )
    }

    /// An access token names its client; an ID token does so only in `aud`.
    fn check_access(&self, claims: &Claims) -> Result<(), TokenFlaw> {
        check(
            claims.client_id.as_ref().ok_or(TokenFlaw::WrongUse)? == &self.client_id,
            TokenFlaw::ClientId,
        )
    }
}

fn check(holds: bool, flaw: TokenFlaw) -> Result<(), TokenFlaw> {
    if holds { Ok(()) } else { Err(flaw) }
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        let is_sane = (0.0..=253_402_300_799.0).contains(&seconds);
        if !is_sane {
            return Err(serde::de::Error::custom("not a time before the year 10000"));
        }
        // Bounded above, so that the milliseconds fit and the cast only drops a fraction of one.
        Ok(Self(Timestamp::from_millis((seconds * 1000.0) as u64)))
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Option::<Vec<Value>>::deserialize(deserializer)?.unwrap_or_default();
        Ok(Self(
            names
                .into_iter()
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect(),
        ))
    }
}
