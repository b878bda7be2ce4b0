//! The pages of the sign-in and their paths.

/// A page of the sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "ssr",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Page {
    /// Asks for the identifier of an existing user.
    SignIn,
    /// Asks for the identifier of a new user, and a name.
    SignUp,
    /// Asks for the passcode.
    Code,
    /// Shows who is signed in.
    Account,
    /// Asks whether to sign out.
    SignOut,
}

impl Page {
    /// All pages.
    #[cfg(feature = "ssr")]
    pub const ALL: [Self; 5] = [
        Self::SignIn,
        Self::SignUp,
        Self::Code,
        Self::Account,
        Self::SignOut,
    ];

    /// The URL path.
    pub fn path(self) -> &'static str {
        match self {
            Self::SignIn => "/sign-in",
            Self::SignUp => "/sign-up",
            Self::Code => "/code",
            Self::Account => "/account",
            Self::SignOut => "/sign-out",
        }
    }
}
