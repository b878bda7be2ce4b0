//! Validates the tokens of a response. [`TokenError`] lists the checks in their order.
//!
//! The tokens are dropped here; callers get the claims alone.

use serde::Deserialize;

use crate::server::settings::Secret;
use crate::server::system::clock::Clock;
use crate::server::transmit::tokens::claims::{Claims, TokenRules};
use crate::server::transmit::tokens::jwks::Jwks;
use crate::server::transmit::tokens::jwks_cache::JwksCache;
use crate::server::transmit::tokens::jws::Jws;
use crate::server::transmit::tokens::session_id::SessionId;
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::failure::{DeliveryState, Failure, FailureKind};
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::token_error::{InvalidToken, TokenError, TokenKind};

/// The response to a successful sign-in or session check.
#[derive(Deserialize)]
pub(in crate::server::transmit) struct TokenResponse {
    access_token: Option<Secret>,
    id_token: Option<Secret>,
    /// Empty if the response contains none.
    #[serde(default)]
    pub session_id: SessionId,
}

/// Validates tokens by the signing keys and the rules.
pub(in crate::server::transmit) struct TokenValidator {
    keys: JwksCache,
    rules: TokenRules,
    clock: Clock,
}

/// Why a token is rejected, or why it cannot be validated.
enum VerifyTokenError {
    Invalid(TokenError),
    NoKey(Failure),
}

impl From<TokenError> for VerifyTokenError {
    fn from(error: TokenError) -> Self {
        Self::Invalid(error)
    }
}

impl TokenValidator {
    pub fn new(keys: JwksCache, rules: TokenRules, clock: Clock) -> Self {
        Self { keys, rules, clock }
    }

    /// The accepted issuers, `transmit.issuer` first.
    pub fn issuers(&self) -> &[String] {
        &self.rules.issuers
    }

    /// Whether this issuer is accepted.
    pub fn accepts(&self, issuer: &str) -> bool {
        self.rules.accepts(issuer)
    }

    /// The claims of ID token and access token. A response without either of them is rejected.
    pub async fn validate_both(
        &self,
        operation: Operation,
        response: &TokenResponse,
        deadline: &Deadline,
    ) -> Result<(Claims, Claims), Failure> {
        let (id, access) = self.validate(operation, response, deadline).await?;
        Ok((
            id.ok_or_else(|| invalid_token(operation, TokenKind::Id, TokenError::Absent))?,
            access,
        ))
    }

    /// The same, for a response in which the ID token is optional.
    pub async fn validate(
        &self,
        operation: Operation,
        response: &TokenResponse,
        deadline: &Deadline,
    ) -> Result<(Option<Claims>, Claims), Failure> {
        let id = match &response.id_token {
            Some(token) => Some(
                self.validate_token(operation, TokenKind::Id, token, deadline)
                    .await?,
            ),
            None => None,
        };
        let token = response.access_token.as_ref();
        let token =
            token.ok_or_else(|| invalid_token(operation, TokenKind::Access, TokenError::Absent))?;
        let access = self
            .validate_token(operation, TokenKind::Access, token, deadline)
            .await?;
        if let Some(id) = &id {
            check_pair(operation, id, &access, token)?;
        }
        Ok((id, access))
    }

    async fn validate_token(
        &self,
        operation: Operation,
        kind: TokenKind,
        token: &Secret,
        deadline: &Deadline,
    ) -> Result<Claims, Failure> {
        let claims = async {
            let jws = Jws::parse(token.expose(), kind)?;
            self.check_signature(&jws, deadline).await?;
            let claims = Claims::from_members(jws.claims()?)?;
            self.rules.check(kind, &claims, self.clock.now())?;
            Ok(claims)
        };
        claims.await.map_err(|error| match error {
            VerifyTokenError::Invalid(error) => invalid_token(operation, kind, error),
            VerifyTokenError::NoKey(cause) => Failure::new(
                operation,
                DeliveryState::Answered,
                FailureKind::NoSigningKey,
            )
            .caused_by(cause),
        })
    }

    /// Checks the signature. Because keys rotate, they are fetched again before a token with an
    /// unknown key or a wrong signature is rejected.
    async fn check_signature(
        &self,
        jws: &Jws<'_>,
        deadline: &Deadline,
    ) -> Result<(), VerifyTokenError> {
        let keys = self
            .keys
            .current(deadline)
            .await
            .map_err(VerifyTokenError::NoKey)?;
        let Err(error) = verify_signature(jws, &keys) else {
            return Ok(());
        };
        let mut fetch = self.keys.force_fetch(deadline).await;
        if fetch.was_running
            && fetch
                .keys
                .as_ref()
                .is_ok_and(|keys| verify_signature(jws, keys).is_err())
        {
            fetch = self.keys.force_fetch(deadline).await;
        }
        match fetch.keys {
            Ok(keys) => Ok(verify_signature(jws, &keys)?),
            Err(failure) if error == TokenError::UnknownKey => {
                Err(VerifyTokenError::NoKey(failure))
            }
            Err(_) => Err(VerifyTokenError::Invalid(error)),
        }
    }
}

/// The failure of a response whose token is rejected.
pub(in crate::server::transmit) fn invalid_token(
    operation: Operation,
    token: TokenKind,
    error: TokenError,
) -> Failure {
    Failure::new(
        operation,
        DeliveryState::Answered,
        FailureKind::TokenInvalid(InvalidToken { token, error }),
    )
}

/// Checks that two valid tokens belong to one sign-in.
fn check_pair(
    operation: Operation,
    id: &Claims,
    access: &Claims,
    access_token: &Secret,
) -> Result<(), Failure> {
    let invalid_id = |error| invalid_token(operation, TokenKind::Id, error);
    let invalid_access = |error| invalid_token(operation, TokenKind::Access, error);
    access
        .check_issuer(id.issuer().map_err(invalid_id)?)
        .map_err(invalid_access)?;
    access
        .check_subject(id.subject().map_err(invalid_id)?)
        .map_err(invalid_access)?;
    id.check_access_token(access_token.expose())
        .map_err(invalid_id)
}

fn verify_signature(jws: &Jws<'_>, keys: &Jwks) -> Result<(), TokenError> {
    let mut matching = keys.matching(&jws.key_id, jws.algorithm).peekable();
    matching.peek().ok_or(TokenError::UnknownKey)?;
    if matching.any(|key| jws.is_signed_by(key)) {
        Ok(())
    } else {
        Err(TokenError::Signature)
    }
}
