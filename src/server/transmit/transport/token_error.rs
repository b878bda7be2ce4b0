//! Why a token is rejected.

use std::fmt;

/// A rejected token: which one, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InvalidToken {
    /// Which token.
    pub token: TokenKind,
    /// Why it is rejected.
    pub error: TokenError,
}

/// The two tokens of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Says who signed in. It is made for this client.
    Id,
    /// Authorises calls for the user. It is read only to check that it belongs to the ID token.
    Access,
}

/// Why a token is rejected. Checks are made in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TokenError {
    /// The response contains no such token.
    #[error("not in the response")]
    Absent,
    /// Longer than 64 KiB.
    #[error("too long")]
    TooLarge,
    /// Five parts. The client is configured to encrypt ID tokens, which is not supported.
    #[error("encrypted; turn off ID token encryption for this client in the admin portal")]
    Encrypted,
    /// Not three parts of strict base64url (RFC 4648 §3.5), or no JSON objects in them, or a claim
    /// of the wrong type.
    #[error("malformed")]
    Malformed,
    /// A duplicate member in header or claims.
    #[error("duplicate member")]
    Duplicate,
    /// Another algorithm than RS256 and PS256.
    #[error("algorithm not allowed")]
    Algorithm,
    /// `typ` of another kind of token.
    #[error("header `typ` of another kind of token")]
    Type,
    /// A header member that contains or names a key (`jwk`, `jku`, `x5u`, `x5c`), or one that must
    /// be understood (`crit`).
    #[error("header member not allowed")]
    Header,
    /// No `kid`.
    #[error("no key id")]
    KeyIdMissing,
    /// No key of that id serves that algorithm.
    #[error("unknown signing key")]
    UnknownKey,
    /// The signature does not match.
    #[error("wrong signature")]
    Signature,
    /// A required claim is missing.
    #[error("no `{0}` claim")]
    Missing(&'static str),
    /// An access token in place of the ID token, or the reverse.
    #[error("another kind of token")]
    WrongUse,
    /// `iss` is not an issuer in the settings.
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
    /// `nbf` is in the future.
    #[error("not yet valid")]
    NotYetValid,
    /// `iat` is in the future.
    #[error("issued in the future")]
    IssuedInFuture,
    /// `iss` differs from the other token's.
    #[error("another issuer than the ID token's")]
    OtherIssuer,
    /// `sub` differs from the other token's, or from the session's.
    #[error("another subject")]
    Subject,
    /// `at_hash` is present and is not the hash of the access token (OpenID Connect Core §3.1.3.6).
    #[error("made out for another access token")]
    AccessTokenHash,
    /// `auth_time` is before the start of the flow, or in the future.
    #[error("authenticated at another time")]
    AuthTime,
    /// `amr` names no method of a code that the flow requested.
    #[error("authenticated by another method")]
    Method,
    /// `phone_number` is not the number that the code was sent to.
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

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.token, self.error)
    }
}
