//! New tokens for a refresh token (`POST /cis/v1/auth/token/refresh`).
//!
//! For integrators who work for a user while nobody is there. The sign-in keeps no refresh token
//! and never calls this: while the user is present, the vendor wants `session/authenticate`.

use std::fmt;

use http::Method;
use serde::Deserialize;
use serde_json::json;

use crate::server::settings::Secret;
use crate::server::system::clock::Timestamp;
use crate::server::transmit::Transmit;
use crate::server::transmit::tokens::jws::MAX_TOKEN;
use crate::server::transmit::tokens::token_error::TokenKind;
use crate::server::transmit::tokens::validation::{TokenAnswer, invalid};
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::exchange::{self, UpstreamCall};
use crate::server::transmit::transport::failure::{Failure, FailureKind};
use crate::server::transmit::transport::metrics;
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::reason::Reason;

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
    /// The next refresh token; the one that was used is spent. Where there is none, the used one
    /// lives on (RFC 6749 §6).
    pub refresh_token: Option<RefreshToken>,
}

impl Transmit {
    /// Uses a refresh token of the user `sub`. It is spent by that, and made again only while no
    /// connection comes about: after a lost answer upstream would see a token that was used
    /// already, which may be taken for theft.
    ///
    /// # Errors
    /// [`Failure`]; `InvalidGrant` if the token is spent, revoked or expired. Unless it says
    /// `NotWritten`, the token may be spent and its successor lost: the user has to sign in again.
    pub async fn refresh(
        &self,
        refresh_token: &RefreshToken,
        sub: &str,
    ) -> Result<Refreshed, Failure> {
        let deadline = Deadline::after(&self.shared.clock, self.shared.timeout);
        metrics::measured(
            Operation::TokenRefresh,
            self.rotate(refresh_token, sub, &deadline),
        )
        .await
    }

    async fn rotate(
        &self,
        refresh_token: &RefreshToken,
        sub: &str,
        deadline: &Deadline,
    ) -> Result<Refreshed, Failure> {
        const OPERATION: Operation = Operation::TokenRefresh;
        if !(1..=MAX_TOKEN).contains(&refresh_token.expose().len()) {
            return Err(Failure::not_written(
                OPERATION,
                FailureKind::Refused(Reason::InvalidInput),
            ));
        }
        let body = json!({ "refresh_token": refresh_token.expose() });
        let call = UpstreamCall::json(
            OPERATION,
            Method::POST,
            self.url(&["auth", "token", "refresh"]),
            &body,
        );
        let (answer, refresh_token) = self.call_until(&call, deadline, read).await?;

        let (id, access) = self
            .shared
            .tokens
            .with_id_if_any(OPERATION, &answer, deadline)
            .await?;
        let refuse = |flaw| invalid(OPERATION, TokenKind::Access, flaw);
        access.check_subject(sub).map_err(refuse)?;
        Ok(Refreshed {
            issuer: access.issuer().map_err(refuse)?.to_owned(),
            subject: sub.to_owned(),
            amr: id.as_ref().map(|id| id.amr().to_vec()).unwrap_or_default(),
            auth_time: id.as_ref().and_then(|id| id.auth_time().ok()),
            roles: id
                .as_ref()
                .and_then(|id| id.roles())
                .or(access.roles())
                .unwrap_or_default()
                .to_vec(),
            refresh_token,
        })
    }
}

#[derive(Deserialize)]
struct Rotated {
    refresh_token: Option<RefreshToken>,
}

/// The answer names no session. An empty refresh token is none.
pub(in crate::server::transmit) fn read(
    body: &[u8],
) -> Option<(TokenAnswer, Option<RefreshToken>)> {
    let Rotated { refresh_token } = exchange::json(body)?;
    Some((
        exchange::json(body)?,
        refresh_token.filter(|token| !token.expose().is_empty()),
    ))
}
