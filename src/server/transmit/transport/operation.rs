//! What can be asked of Transmit, and which of it may be asked twice.

use std::fmt;

use crate::server::transmit::transport::failure::{Failure, FailureKind};

/// A call to Transmit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A client access token, by client credentials.
    Token,
    /// The signing keys.
    Jwks,
    /// The OpenID configuration.
    Discovery,
    /// Create a user, or attach one to this application.
    UserCreate,
    /// Read a user.
    UserGet,
    /// Update a user.
    UserUpdate,
    /// Send a passcode.
    OtpSend,
    /// Exchange a passcode for tokens.
    OtpAuthenticate,
    /// Ask whether a session lives.
    SessionAuthenticate,
    /// End a session.
    SessionLogout,
    /// List a user's sessions.
    SessionsList,
    /// End all sessions of a user.
    SessionsRevoke,
}

/// When a failed call may be made again within its deadline. A 401 is apart from this: it proves
/// that nothing was processed, so that the call is made once more with a new client token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Never.
    Never,
    /// When no connection came about: upstream surely has not seen it.
    Undelivered,
    /// Whenever the network or the server failed, and when upstream says by `Retry-After` how long
    /// its rate limit lasts: twice is as good as once.
    Idempotent,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 12] = [
        Self::Token,
        Self::Jwks,
        Self::Discovery,
        Self::UserCreate,
        Self::UserGet,
        Self::UserUpdate,
        Self::OtpSend,
        Self::OtpAuthenticate,
        Self::SessionAuthenticate,
        Self::SessionLogout,
        Self::SessionsList,
        Self::SessionsRevoke,
    ];

    /// The name in logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Jwks => "jwks",
            Self::Discovery => "discovery",
            Self::UserCreate => "user_create",
            Self::UserGet => "user_get",
            Self::UserUpdate => "user_update",
            Self::OtpSend => "otp_send",
            Self::OtpAuthenticate => "otp_authenticate",
            Self::SessionAuthenticate => "session_authenticate",
            Self::SessionLogout => "session_logout",
            Self::SessionsList => "sessions_list",
            Self::SessionsRevoke => "sessions_revoke",
        }
    }

    /// Whether it carries nothing that a person sent.
    pub(in crate::server::transmit) fn is_our_own(self) -> bool {
        matches!(self, Self::Token | Self::Jwks | Self::Discovery)
    }

    /// When it may be made again (requirement S10: a send is money, a verify is one of the person's
    /// tries).
    pub fn retry(self) -> Retry {
        match self {
            Self::OtpAuthenticate => Retry::Never,
            // A second create would find the first one's user and take it for somebody else's.
            Self::OtpSend | Self::UserCreate => Retry::Undelivered,
            Self::Token | Self::Jwks | Self::Discovery => Retry::Idempotent,
            Self::UserGet | Self::UserUpdate | Self::SessionAuthenticate | Self::SessionLogout => {
                Retry::Idempotent
            }
            Self::SessionsList | Self::SessionsRevoke => Retry::Idempotent,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Retry {
    /// Whether a call that failed like this may be made again.
    pub(in crate::server::transmit) fn allows(self, failure: &Failure) -> bool {
        match self {
            Self::Never => false,
            Self::Undelivered => failure.kind == FailureKind::Connect,
            Self::Idempotent => match failure.kind {
                FailureKind::Connect | FailureKind::Broken | FailureKind::Server => true,
                // A limit that does not say when it ends is not run into again.
                FailureKind::Throttled => failure.retry_after.is_some(),
                _ => false,
            },
        }
    }
}
