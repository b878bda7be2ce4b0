//! The server functions that forms post to, and the pages of these forms.

use crate::domain::Page;

/// A server function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Sends a code to somebody who should be a user.
    SendCode,
    /// Sends a code to somebody who wants to become one.
    SignUp,
    /// Verifies a passcode.
    VerifyCode,
    /// Sends another code.
    ResendCode,
    /// Ends the browser's session.
    SignOut,
    /// Gives the session its full idle timeout again.
    ExtendSession,
    /// Ends sessions of the person's list.
    RevokeSession,
}

impl Endpoint {
    /// All endpoints.
    pub const ALL: [Self; 7] = [
        Self::SendCode,
        Self::SignUp,
        Self::VerifyCode,
        Self::ResendCode,
        Self::SignOut,
        Self::ExtendSession,
        Self::RevokeSession,
    ];

    /// The URL path.
    pub fn path(self) -> &'static str {
        match self {
            Self::SendCode => "/api/send-code",
            Self::SignUp => "/api/sign-up",
            Self::VerifyCode => "/api/verify-code",
            Self::ResendCode => "/api/resend-code",
            Self::SignOut => "/api/sign-out",
            Self::ExtendSession => "/api/extend-session",
            Self::RevokeSession => "/api/revoke-session",
        }
    }

    /// The page that contains its form.
    pub fn page(self) -> Page {
        match self {
            Self::SendCode => Page::SignIn,
            Self::SignUp => Page::SignUp,
            Self::VerifyCode | Self::ResendCode => Page::Code,
            Self::SignOut => Page::SignOut,
            Self::ExtendSession | Self::RevokeSession => Page::Account,
        }
    }

    /// The endpoint with that path.
    pub fn from_path(path: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|endpoint| endpoint.path() == path)
    }
}
