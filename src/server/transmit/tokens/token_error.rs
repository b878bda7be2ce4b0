//! Why a token is not believed.

use std::fmt;

/// Which token, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenError {
    /// Which of the two.
    pub token: TokenKind,
    /// What is wrong.
    pub flaw: TokenFlaw,
}

/// The two tokens of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Says who signed in: for us.
    Id,
    /// Opens the user's data upstream; read only to see that it belongs to the ID token.
    Access,
}

/// What is wrong with a token. Checks are made in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TokenFlaw {
    /// The answer holds no such token.
    #[error("not in the answer")]
    Absent,
    /// Longer than 64 KiB.
    #[error("too long")]
    TooLarge,
    /// Five parts: the client is set to encrypt ID tokens, which is not supported.
    #[error("encrypted; turn off ID token encryption for this client in the admin portal")]
    Encrypted,
    /// Not three parts of strict base64url (RFC 4648 §3.5), or no JSON objects in them, or a claim
    /// of the wrong type.
    #[error("malformed")]
    Malformed,
    /// A member that stands twice, in header or claims.
    #[error("a claim stands twice")]
    Duplicate,
    /// Another algorithm than RS256 and PS256.
    #[error("algorithm not allowed")]
    Algorithm,
    /// `typ` of another kind of token.
    #[error("header `typ` of another kind of token")]
    Type,
    /// A header that brings or names its own key (`jwk`, `jku`, `x5u`, `x5c`), or one that must be
    /// understood (`crit`).
    #[error("header member not allowed")]
    Header,
    /// No `kid`.
    #[error("no key id")]
    KeyIdMissing,
    /// No key of that id serves that algorithm.
    #[error("unknown signing key")]
    UnknownKey,
    /// The signature does not fit.
    #[error("wrong signature")]
    Signature,
    /// A claim that must be there is not.
    #[error("no `{0}` claim")]
    Missing(&'static str),
    /// An access token where the ID token should be, or the reverse.
    #[error("another kind of token")]
    WrongUse,
    /// `iss` is no issuer of the settings.
    #[error("wrong issuer")]
    Issuer,
    /// `aud` (or `azp`) of an ID token is not this client alone.
    #[error("wrong audience")]
    Audience,
    /// `client_id` of an access token is not this client.
    #[error("wrong client")]
    ClientId,
    /// `tid` is not this tenant.
    #[error("wrong tenant")]
    Tenant,
    /// `exp` has passed.
    #[error("expired")]
    Expired,
    /// `nbf` has not come.
    #[error("not yet valid")]
    NotYetValid,
    /// `iat` lies ahead.
    #[error("issued in the future")]
    IssuedInFuture,
    /// `iss` differs from the other token's.
    #[error("another issuer than the ID token's")]
    OtherIssuer,
    /// `sub` differs from the other token's, or from the session's.
    #[error("another subject")]
    Subject,
    /// `at_hash` is there and is not the hash of the access token (OpenID Connect Core §3.1.3.6).
    #[error("made out for another access token")]
    AccessTokenHash,
    /// `auth_time` lies before the flow began, or ahead.
    #[error("authenticated at another time")]
    AuthTime,
    /// `phone_number` is not the one that the code went to.
    #[error("another phone number")]
    PhoneNumber,
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Id => "ID token",
            Self::Access => "access token",
        })
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.token, self.flaw)
    }
}
