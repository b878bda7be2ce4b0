//! New tokens for a refresh token (`POST /cis/v1/auth/token/refresh`).
//!
//! For integrators who work for a user while nobody is there. The sign-in keeps no refresh token and never calls this:
//! while the user is present, the vendor wants `session/authenticate`.

use std::fmt;

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::deadline::Deadline;
use super::failure::{Failure, FailureKind};
use super::jws::MAX_TOKEN;
use super::line::{self, Call};
use super::operation::Operation;
use super::reason::Reason;
use super::token_fault::TokenKind;
use super::tokens::{TokenAnswer, invalid};
use super::{Transmit, report};
use crate::server::clock::Timestamp;
use crate::server::settings::Secret;

/// A refresh token: whoever holds it can ask for tokens of that user, once. A secret.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct RefreshToken(Secret);

impl RefreshToken {
    /// Wraps a token.
    pub fn new(token: impl Into<String>) -> Self {
        Self(Secret::new(token))
    }

    /// The token, to be kept sealed.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(redacted)")
    }
}

/// What a refresh brought, out of tokens that were validated and dropped.
#[derive(Clone, Debug)]
pub struct Refreshed {
    /// `iss`.
    pub issuer: String,
    /// `sub`: the user that was expected.
    pub subject: String,
    /// `amr` of the ID token, where there is one.
    pub amr: Vec<String>,
    /// `auth_time` of the ID token, where it says so: when the person last proved who they are.
    pub auth_time: Option<Timestamp>,
    /// `roles` of the ID token, else of the access token.
    pub roles: Vec<String>,
    /// The next refresh token; the one that was used is spent. Where there is none, the used one lives on (RFC 6749 §6).
    pub refresh_token: Option<RefreshToken>,
}

impl Transmit {
    /// Uses a refresh token of the user `sub`. It is spent by that, and made again only while no connection comes about: after
    /// a lost answer upstream would see a token that was used already, which may be taken for theft.
    ///
    /// # Errors
    /// [`Failure`]; `InvalidGrant` if the token is spent, revoked or expired. Unless it says `NotWritten`, the token may be
    /// spent and its successor lost: the user has to sign in again.
    pub async fn refresh(&self, refresh_token: &RefreshToken, sub: &str) -> Result<Refreshed, Failure> {
        let deadline = Deadline::after(&self.shared.clock, self.shared.timeout);
        report::measured(Operation::TokenRefresh, self.rotate(refresh_token, sub, &deadline)).await
    }

    async fn rotate(&self, refresh_token: &RefreshToken, sub: &str, deadline: &Deadline) -> Result<Refreshed, Failure> {
        const OPERATION: Operation = Operation::TokenRefresh;
        if !(1..=MAX_TOKEN).contains(&refresh_token.expose().len()) {
            return Err(Failure::not_written(OPERATION, FailureKind::Refused(Reason::InvalidInput)));
        }
        let body = json!({ "refresh_token": refresh_token.expose() });
        let call = Call::json(OPERATION, Method::POST, self.url(&["auth", "token", "refresh"]), &body);
        let (answer, refresh_token) = self.call_until(&call, deadline, read).await?;

        let (id, access) = self.shared.tokens.with_id_if_any(OPERATION, &answer, deadline).await?;
        let refuse = |flaw| invalid(OPERATION, TokenKind::Access, flaw);
        access.check_subject(sub).map_err(refuse)?;
        Ok(Refreshed {
            issuer: access.issuer().map_err(refuse)?.to_owned(),
            subject: sub.to_owned(),
            amr: id.as_ref().map(|id| id.amr().to_vec()).unwrap_or_default(),
            auth_time: id.as_ref().and_then(|id| id.auth_time().ok()),
            roles: id.as_ref().and_then(|id| id.roles()).or(access.roles()).unwrap_or_default().to_vec(),
            refresh_token,
        })
    }
}

#[derive(Deserialize)]
struct Rotated {
    refresh_token: Option<RefreshToken>,
}

/// The answer names no session. An empty refresh token is none.
pub(super) fn read(body: &[u8]) -> Option<(TokenAnswer, Option<RefreshToken>)> {
    let Rotated { refresh_token } = line::json(body)?;
    Some((line::json(body)?, refresh_token.filter(|token| !token.expose().is_empty())))
}
