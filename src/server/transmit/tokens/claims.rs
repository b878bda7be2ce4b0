//! The claims of a token, and the rules that they must meet.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::domain::timestamp::Timestamp;
use crate::domain::{Channel, Identifier, IdentifierType};
use crate::server::crypto::hash::sha256;
use crate::server::transmit::transport::clock_skew::MAX_CLOCK_SKEW;
use crate::server::transmit::transport::token_error::{TokenError, TokenKind};

#[cfg(test)]
mod tests;

/// Longest `sub`, in bytes.
pub const MAX_SUBJECT: usize = 255;

/// The claims that are read from either token. [`TokenRules`] says which of them are required.
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
    phone_number_verified: Option<Value>,
    #[serde(default)]
    last_auth: LenientDate,
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

/// A time in a form that the API does not specify: seconds or milliseconds since the epoch, or RFC
/// 3339. Anything else is no time, and does not make the token invalid.
#[derive(Clone, Copy, Default)]
struct LenientDate(Option<Timestamp>);

/// A list of names. Entries that are not strings are ignored.
#[derive(Clone, Default)]
pub(in crate::server::transmit) struct Names(pub Vec<String>);

/// What tokens of this tenant and this client must contain.
pub(in crate::server::transmit) struct TokenRules {
    /// The accepted issuers.
    pub issuers: Vec<String>,
    pub client_id: String,
    /// Unset: `tid` is not checked.
    pub tenant_id: Option<String>,
}

impl Claims {
    pub fn from_members(members: Map<String, Value>) -> Result<Self, TokenError> {
        serde_json::from_value(Value::Object(members)).map_err(|_| TokenError::Malformed)
    }

    /// `iss`.
    pub fn issuer(&self) -> Result<&str, TokenError> {
        self.iss.as_deref().ok_or(TokenError::Missing("iss"))
    }

    /// `sub`: Transmit's user id.
    pub fn subject(&self) -> Result<&str, TokenError> {
        match self.sub.as_deref() {
            Some(sub) if !sub.is_empty() && sub.len() <= MAX_SUBJECT => Ok(sub),
            _ => Err(TokenError::Missing("sub")),
        }
    }

    pub fn auth_time(&self) -> Result<Timestamp, TokenError> {
        self.auth_time
            .map(|date| date.0)
            .ok_or(TokenError::Missing("auth_time"))
    }

    pub fn amr(&self) -> &[String] {
        &self.amr.0
    }

    pub fn roles(&self) -> Option<&[String]> {
        self.roles.as_ref().map(|roles| roles.0.as_slice())
    }

    /// `phone_number`, if it is in E.164 and `phone_number_verified` is true.
    pub fn verified_phone_number(&self) -> Option<&str> {
        let is_verified = self.phone_number_verified == Some(Value::Bool(true));
        let number = self.phone_number.as_deref();
        number.filter(|number| is_verified && is_e164(number))
    }

    /// When the user had authenticated before this flow began. None if the token does not say it,
    /// or tells this authentication.
    pub fn last_auth_before(&self, not_before: Timestamp) -> Option<Timestamp> {
        self.last_auth
            .0
            .filter(|last| *last + MAX_CLOCK_SKEW < not_before)
    }

    /// Checks that the person authenticated for this flow: not before it began, and not in the
    /// future.
    pub fn check_auth_time(&self, not_before: Timestamp, now: Timestamp) -> Result<(), TokenError> {
        let auth_time = self.auth_time()?;
        check(
            auth_time + MAX_CLOCK_SKEW >= not_before && auth_time <= now + MAX_CLOCK_SKEW,
            TokenError::AuthTime,
        )
    }

    /// Checks that the person authenticated by a code of one of these channels.
    pub fn check_methods(&self, channels: &[Channel]) -> Result<(), TokenError> {
        if self.amr.0.is_empty() {
            return Err(TokenError::Missing("amr"));
        }
        let is_named = |channel: &Channel| self.amr.0.iter().any(|name| name == channel.method());
        check(channels.iter().any(is_named), TokenError::Method)
    }

    /// Checks that the token is about the user of the identifier, where it tells: `phone_number`,
    /// which a tenant need not return, is the number that the code was sent to, and `sub` is the
    /// user id that was typed.
    pub fn check_identifier(&self, identifier: &Identifier) -> Result<(), TokenError> {
        match (identifier.kind(), &self.phone_number) {
            (IdentifierType::PhoneNumber, Some(number)) => {
                check(number == identifier.value(), TokenError::PhoneNumber)
            }
            (IdentifierType::UserId, _) => self.check_subject(identifier.value()),
            _ => Ok(()),
        }
    }

    /// Checks that the issuer is `iss`.
    pub fn check_issuer(&self, iss: &str) -> Result<(), TokenError> {
        check(self.issuer()? == iss, TokenError::OtherIssuer)
    }

    /// Checks that the user is `sub`.
    pub fn check_subject(&self, sub: &str) -> Result<(), TokenError> {
        check(self.subject()? == sub, TokenError::Subject)
    }

    /// Checks that an ID token belongs to this access token, if it has `at_hash`. The hash is the
    /// left half of SHA-256, which is the hash function of both allowed algorithms.
    pub fn check_access_token(&self, token: &str) -> Result<(), TokenError> {
        let hash = sha256(token.as_bytes());
        let left = hash
            .first_chunk::<16>()
            .map(|left| URL_SAFE_NO_PAD.encode(left));
        check(
            self.at_hash.is_none() || self.at_hash == left,
            TokenError::AccessTokenHash,
        )
    }
}

impl TokenRules {
    /// Whether tokens of this issuer are accepted. Issuers are compared byte by byte, without
    /// normalisation.
    pub fn accepts(&self, issuer: &str) -> bool {
        self.issuers.iter().any(|accepted| accepted == issuer)
    }

    /// Checks one token by itself.
    pub fn check(
        &self,
        kind: TokenKind,
        claims: &Claims,
        now: Timestamp,
    ) -> Result<(), TokenError> {
        check(self.accepts(claims.issuer()?), TokenError::Issuer)?;
        match kind {
            TokenKind::Id => self.check_id(claims)?,
            TokenKind::Access => self.check_access(claims)?,
        }
        if let Some(tenant_id) = &self.tenant_id {
            check(
                claims.tid.as_ref().ok_or(TokenError::Missing("tid"))? == tenant_id,
                TokenError::Tenant,
            )?;
        }
        let expires_at = claims.exp.ok_or(TokenError::Missing("exp"))?.0;
        let issued_at = claims.iat.ok_or(TokenError::Missing("iat"))?.0;
        check(now < expires_at + MAX_CLOCK_SKEW, TokenError::Expired)?;
        check(
            claims.nbf.is_none_or(|nbf| nbf.0 <= now + MAX_CLOCK_SKEW),
            TokenError::NotYetValid,
        )?;
        check(
            issued_at <= now + MAX_CLOCK_SKEW,
            TokenError::IssuedInFuture,
        )
    }

    /// Checks that an ID token is for this client alone. An access token has both `client_id` and
    /// `scope`; an ID token does not.
    fn check_id(&self, claims: &Claims) -> Result<(), TokenError> {
        check(
            claims.client_id.is_none() || claims.scope.is_none(),
            TokenError::WrongUse,
        )?;
        let is_ours = match claims.aud.as_ref().ok_or(TokenError::Missing("aud"))? {
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
            TokenError::Audience,
        )
    }

    /// Checks that an access token names this client. An ID token does so only in `aud`.
    fn check_access(&self, claims: &Claims) -> Result<(), TokenError> {
        check(
            claims.client_id.as_ref().ok_or(TokenError::WrongUse)? == &self.client_id,
            TokenError::ClientId,
        )
    }
}

/// Whether a text is a number in E.164: `+`, no leading zero, 7 to 15 digits.
fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|c| c.is_ascii_digit())
    })
}

fn check(is_valid: bool, error: TokenError) -> Result<(), TokenError> {
    if is_valid { Ok(()) } else { Err(error) }
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        let is_sane = (0.0..=253_402_300_799.0).contains(&seconds);
        if !is_sane {
            return Err(serde::de::Error::custom("not a time before the year 10000"));
        }
        // The value is bounded, so the cast drops only a fraction of a millisecond.
        Ok(Self(Timestamp::from_millis((seconds * 1000.0) as u64)))
    }
}

/// A number beyond this is in milliseconds: as seconds it would be after the year 5000.
const MAX_SECONDS: u64 = 100_000_000_000;

impl<'de> Deserialize<'de> for LenientDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let time = match Value::deserialize(deserializer)? {
            Value::Number(number) => number.as_u64().map(|number| {
                if number > MAX_SECONDS {
                    Timestamp::from_millis(number)
                } else {
                    Timestamp::from_secs(number)
                }
            }),
            Value::String(text) => text
                .parse::<jiff::Timestamp>()
                .ok()
                .and_then(|time| u64::try_from(time.as_millisecond()).ok())
                .map(Timestamp::from_millis),
            _ => None,
        };
        Ok(Self(time))
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
