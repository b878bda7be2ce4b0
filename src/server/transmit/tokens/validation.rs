//! Tokens that came back, believed only after every check (`Flaw` lists them in order). They are
//! dropped here: what leaves are claims.

use serde::Deserialize;

use crate::server::settings::Secret;
use crate::server::system::clock::Clock;
use crate::server::transmit::operations::session_id::SessionId;
use crate::server::transmit::tokens::claims::{Claims, Rules};
use crate::server::transmit::tokens::jwks::Jwks;
use crate::server::transmit::tokens::jwks_cache::JwksCache;
use crate::server::transmit::tokens::jws::Jws;
use crate::server::transmit::tokens::token_error::{TokenError, TokenFlaw, TokenKind};
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::failure::{DeliveryState, Failure, FailureKind};
use crate::server::transmit::transport::operation::Operation;

/// The answer of a successful sign-in or session check, as far as it is read.
#[derive(Deserialize)]
pub(in crate::server::transmit) struct TokenAnswer {
    access_token: Option<Secret>,
    id_token: Option<Secret>,
    /// Empty where the answer names none.
    #[serde(default)]
    pub session_id: SessionId,
}

/// Decides whether tokens are believed.
pub(in crate::server::transmit) struct Tokens {
    keys: JwksCache,
    rules: Rules,
    clock: Clock,
}

/// Why a token is not believed, or why that cannot be told.
enum VerifyTokensError {
    Flaw(TokenFlaw),
    NoKey(Failure),
}

impl From<TokenFlaw> for VerifyTokensError {
    fn from(flaw: TokenFlaw) -> Self {
        Self::Flaw(flaw)
    }
}

impl Tokens {
    pub fn new(keys: JwksCache, rules: Rules, clock: Clock) -> Self {
        Self { keys, rules, clock }
    }

    /// The issuers whose tokens are taken, that of the settings first.
    pub fn issuers(&self) -> &[String] {
        &self.rules.issuers
    }

    /// Whether this is one of them.
    pub fn accepts(&self, issuer: &str) -> bool {
        self.rules.accepts(issuer)
    }

    /// The claims of ID and access token, which belong together; an answer that lacks either is
    /// refused.
    pub async fn both(
        &self,
        operation: Operation,
        answer: &TokenAnswer,
        deadline: &Deadline,
    ) -> Result<(Claims, Claims), Failure> {
        let (id, access) = self.with_id_if_any(operation, answer, deadline).await?;
        Ok((
            id.ok_or_else(|| invalid(operation, TokenKind::Id, TokenFlaw::Absent))?,
            access,
        ))
    }

    /// The same, where the answer may do without an ID token.
    pub async fn with_id_if_any(
        &self,
        operation: Operation,
        answer: &TokenAnswer,
        deadline: &Deadline,
    ) -> Result<(Option<Claims>, Claims), Failure> {
        let id = match &answer.id_token {
            Some(token) => Some(
                self.believe(operation, TokenKind::Id, token, deadline)
                    .await?,
            ),
            None => None,
        };
        let token = answer.access_token.as_ref();
        let token =
            token.ok_or_else(|| invalid(operation, TokenKind::Access, TokenFlaw::Absent))?;
        let access = self
            .believe(operation, TokenKind::Access, token, deadline)
            .await?;
        if let Some(id) = &id {
            check_pair(operation, id, &access, token)?;
        }
        Ok((id, access))
    }

    async fn believe(
        &self,
        operation: Operation,
        kind: TokenKind,
        token: &Secret,
        deadline: &Deadline,
    ) -> Result<Claims, Failure> {
        let claims = async {
            let jws = Jws::parse(token.expose(), kind)?;
            self.check_signature(&jws, deadline).await?;
            let claims = Claims::read(jws.claims()?)?;
            self.rules.check(kind, &claims, self.clock.now())?;
            Ok(claims)
        };
        claims.await.map_err(|doubt| match doubt {
            VerifyTokensError::Flaw(flaw) => invalid(operation, kind, flaw),
            VerifyTokensError::NoKey(cause) => Failure::new(
                operation,
                DeliveryState::Answered,
                FailureKind::NoSigningKey,
            )
            .caused_by(cause),
        })
    }

    /// Keys turn: one that is unknown, or whose signature does not fit, is looked up once more
    /// before the token is refused.
    async fn check_signature(
        &self,
        jws: &Jws<'_>,
        deadline: &Deadline,
    ) -> Result<(), VerifyTokensError> {
        let keys = self
            .keys
            .current(deadline)
            .await
            .map_err(VerifyTokensError::NoKey)?;
        let Err(flaw) = is_signed(jws, &keys) else {
            return Ok(());
        };
        let mut newer = self.keys.newer(deadline).await;
        if newer.was_on_its_way
            && newer
                .keys
                .as_ref()
                .is_ok_and(|keys| is_signed(jws, keys).is_err())
        {
            newer = self.keys.newer(deadline).await;
        }
        match newer.keys {
            Ok(keys) => Ok(is_signed(jws, &keys)?),
            Err(failure) if flaw == TokenFlaw::UnknownKey => Err(VerifyTokensError::NoKey(failure)),
            Err(_) => Err(VerifyTokensError::Flaw(flaw)),
        }
    }
}

/// The failure of an answer whose token is not believed.
pub(in crate::server::transmit) fn invalid(
    operation: Operation,
    token: TokenKind,
    flaw: TokenFlaw,
) -> Failure {
    Failure::new(
        operation,
        DeliveryState::Answered,
        FailureKind::TokenInvalid(TokenError { token, flaw }),
    )
}

/// Two good tokens of two sign-ins are no good pair.
fn check_pair(
    operation: Operation,
    id: &Claims,
    access: &Claims,
    access_token: &Secret,
) -> Result<(), Failure> {
    let id_is = |flaw| invalid(operation, TokenKind::Id, flaw);
    let access_is = |flaw| invalid(operation, TokenKind::Access, flaw);
    access
        .check_issuer(id.issuer().map_err(id_is)?)
        .map_err(access_is)?;
    access
        .check_subject(id.subject().map_err(id_is)?)
        .map_err(access_is)?;
    id.check_access_token(access_token.expose()).map_err(id_is)
}

fn is_signed(jws: &Jws<'_>, keys: &Jwks) -> Result<(), TokenFlaw> {
    let mut named = keys.named(&jws.key_id, jws.algorithm).peekable();
    named.peek().ok_or(TokenFlaw::UnknownKey)?;
    if named.any(|key| jws.is_signed_by(key)) {
        Ok(())
    } else {
        Err(TokenFlaw::Signature)
    }
}
