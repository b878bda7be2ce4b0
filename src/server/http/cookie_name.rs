//! The cookies of this service, and their names in headers.

use strum::{IntoStaticStr, VariantArray};

/// A cookie of this service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum CookieName {
    /// The session token.
    Session,
    /// The token of a sign-in flow.
    Flow,
    /// The token of a recognised device (OWASP: device cookie).
    Device,
    /// A refusal and the form's fields, for the next page.
    Flash,
    /// The return URL of a sign-in, while no flow keeps it.
    ReturnUrl,
    /// A random value that comes with a form, and shows that the browser keeps cookies.
    Probe,
    /// The language that the person chose.
    Language,
    /// The session token of an application, on its host.
    Application,
    /// The nonce of a login to an application, on its host.
    ApplicationNonce,
}

impl CookieName {
    /// Every cookie of this service.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The name in headers; over https with `__Host-`.
    pub fn in_header(self, secure: bool) -> &'static str {
        const SECURE_PREFIX: &str = "__Host-";
        let secure_name = match self {
            Self::Session => "__Host-latchkey",
            Self::Flow => "__Host-latchkey-flow",
            Self::Device => "__Host-latchkey-browser",
            Self::Flash => "__Host-latchkey-flash",
            Self::ReturnUrl => "__Host-latchkey-return",
            Self::Probe => "__Host-latchkey-probe",
            Self::Language => "__Host-latchkey-lang",
            Self::Application => "__Host-latchkey-app",
            Self::ApplicationNonce => "__Host-latchkey-app-nonce",
        };
        if secure {
            secure_name
        } else {
            secure_name.trim_start_matches(SECURE_PREFIX)
        }
    }

    /// The label in the metrics.
    pub fn label(self) -> &'static str {
        self.into()
    }
}
