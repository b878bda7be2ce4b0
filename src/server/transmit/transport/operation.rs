//! The calls to Transmit, and which of them may be retried.

use std::fmt;

/// A call to Transmit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Operation {
    /// A client access token, by client credentials.
    Token,
    /// The signing keys.
    Jwks,
    /// The OpenID configuration.
    Discovery,
    /// The application's passcode policy.
    LoginPreferences,
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
    /// Check whether a session is active.
    SessionAuthenticate,
    /// End a session.
    SessionLogout,
    /// List a user's sessions.
    SessionsList,
    /// End all sessions of a user.
    SessionsRevoke,
}

/// When a failed call may be retried within its deadline. A 401 is handled apart: it proves that
/// nothing was processed, so the call is repeated once with a new client token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryPolicy {
    /// Never.
    Never,
    /// When no connection could be opened, because upstream cannot have received the call.
    IfNotSent,
    /// When the network or the server failed, and when upstream says in `Retry-After` how long its
    /// rate limit lasts. Processing the call twice has the same effect as once.
    Idempotent,
}

impl Operation {
    /// All operations.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name in logs and metrics.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether the request contains something that a person typed.
    pub(in crate::server::transmit) fn has_user_input(self) -> bool {
        !matches!(
            self,
            Self::Token | Self::Jwks | Self::Discovery | Self::LoginPreferences
        )
    }

    /// When it may be retried (requirement S10: a send costs money, and a verify costs the person
    /// an attempt).
    pub fn retry(self) -> RetryPolicy {
        match self {
            Self::OtpAuthenticate => RetryPolicy::Never,
            // A second create would find the user of the first one, and report it as taken.
            Self::OtpSend | Self::UserCreate => RetryPolicy::IfNotSent,
            Self::Token | Self::Jwks | Self::Discovery | Self::LoginPreferences => {
                RetryPolicy::Idempotent
            }
            Self::UserGet | Self::UserUpdate | Self::SessionAuthenticate | Self::SessionLogout => {
                RetryPolicy::Idempotent
            }
            Self::SessionsList | Self::SessionsRevoke => RetryPolicy::Idempotent,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
