//! Tokens that came back, believed only after every check (`Flaw` lists them in order). They are dropped here: what
//! leaves are claims.

use serde::Deserialize;

use super::claims::{Claims, Rules};
use super::deadline::Deadline;
use super::failure::{Delivery, Failure, FailureKind};
use super::jws::Jws;
use super::key_set::KeySet;
use super::keys::Keys;
use super::operation::Operation;
use super::session_id::SessionId;
use super::token_fault::{Flaw, TokenFault, TokenKind};
use crate::server::clock::Clock;
use crate::server::settings::Secret;

/// The answer of a successful sign-in or session check, as far as it is read.
#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    access_token: Option<Secret>,
    id_token: Option<Secret>,
    /// Empty where the answer names none.
    #[serde(default)]
    pub session_id: SessionId,
}

/// Decides whether tokens are believed.
pub(super) struct Tokens {
    keys: Keys,
    rules: Rules,
    clock: Clock,
}

/// Why a token is not believed, or why that cannot be told.
enum Doubt {
    Flaw(Flaw),
    NoKey(Failure),
}

impl From<Flaw> for Doubt {
    fn from(flaw: Flaw) -> Self {
        Self::Flaw(flaw)
    }
}

impl Tokens {
    pub fn new(keys: Keys, rules: Rules, clock: Clock) -> Self {
        Self { keys, rules, clock }
    }

    pub fn issuer(&self) -> &str {
        &self.rules.issuer
    }

    /// The ID token's claims; an answer without one is refused.
    pub async fn id(&self, operation: Operation, answer: &TokenAnswer, deadline: &Deadline) -> Result<Claims, Failure> {
        self.believe(operation, TokenKind::Id, answer.id_token.as_ref(), deadline).await
    }

    /// The ID token's claims, where the answer may do without one.
    pub async fn id_if_any(
        &self,
        operation: Operation,
        answer: &TokenAnswer,
        deadline: &Deadline,
    ) -> Result<Option<Claims>, Failure> {
        match &answer.id_token {
            None => Ok(None),
            Some(_) => self.id(operation, answer, deadline).await.map(Some),
        }
    }

    /// The access token's claims.
    pub async fn access(
        &self,
        operation: Operation,
        answer: &TokenAnswer,
        deadline: &Deadline,
    ) -> Result<Claims, Failure> {
        self.believe(operation, TokenKind::Access, answer.access_token.as_ref(), deadline).await
    }

    async fn believe(
        &self,
        operation: Operation,
        kind: TokenKind,
        token: Option<&Secret>,
        deadline: &Deadline,
    ) -> Result<Claims, Failure> {
        let claims = async {
            let jws = Jws::parse(token.ok_or(Flaw::Absent)?.expose(), kind)?;
            self.check_signature(&jws, deadline).await?;
            let claims = Claims::read(jws.claims()?)?;
            self.rules.check(kind, &claims, self.clock.now())?;
            Ok(claims)
        };
        claims.await.map_err(|doubt| match doubt {
            Doubt::Flaw(flaw) => invalid(operation, kind, flaw),
            Doubt::NoKey(cause) => {
                Failure::new(operation, Delivery::Answered, FailureKind::NoSigningKey).caused_by(cause)
            }
        })
    }

    /// Keys turn: one that is unknown, or whose signature does not fit, is looked up once more before the token is refused.
    async fn check_signature(&self, jws: &Jws<'_>, deadline: &Deadline) -> Result<(), Doubt> {
        let keys = self.keys.current(deadline).await.map_err(Doubt::NoKey)?;
        let Err(flaw) = is_signed(jws, &keys) else { return Ok(()) };
        match self.keys.newer(deadline).await {
            Ok(keys) => Ok(is_signed(jws, &keys)?),
            Err(failure) if flaw == Flaw::UnknownKey => Err(Doubt::NoKey(failure)),
            Err(_) => Err(Doubt::Flaw(flaw)),
        }
    }
}

/// The failure of an answer whose token is not believed.
pub(super) fn invalid(operation: Operation, token: TokenKind, flaw: Flaw) -> Failure {
    Failure::new(operation, Delivery::Answered, FailureKind::TokenInvalid(TokenFault { token, flaw }))
}

fn is_signed(jws: &Jws<'_>, keys: &KeySet) -> Result<(), Flaw> {
    let key = keys.find(&jws.key_id, jws.algorithm).ok_or(Flaw::UnknownKey)?;
    if jws.is_signed_by(key) { Ok(()) } else { Err(Flaw::Signature) }
}
