//! The cookies of this service, and their names in headers.

/// A cookie of this service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    pub const ALL: [Self; 9] = [
        Self::Session,
        Self::Flow,
        Self::Device,
        Self::Flash,
        Self::ReturnUrl,
        Self::Probe,
        Self::Language,
        Self::Application,
        Self::ApplicationNonce,
    ];

    /// The name in headers; over https with `__Host-`.
    pub fn in_header(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-latchkey",
            (Self::Flow, true) => "__Host-latchkey-flow",
            (Self::Device, true) => "__Host-latchkey-browser",
            (Self::Flash, true) => "__Host-latchkey-flash",
            (Self::ReturnUrl, true) => "__Host-latchkey-return",
            (Self::Probe, true) => "__Host-latchkey-probe",
            (Self::Language, true) => "__Host-latchkey-lang",
            (Self::Application, true) => "__Host-latchkey-app",
            (Self::ApplicationNonce, true) => "__Host-latchkey-app-nonce",
            (Self::Session, false) => "latchkey",
            (Self::Flow, false) => "latchkey-flow",
            (Self::Device, false) => "latchkey-browser",
            (Self::Flash, false) => "latchkey-flash",
            (Self::ReturnUrl, false) => "latchkey-return",
            (Self::Probe, false) => "latchkey-probe",
            (Self::Language, false) => "latchkey-lang",
            (Self::Application, false) => "latchkey-app",
            (Self::ApplicationNonce, false) => "latchkey-app-nonce",
        }
    }

    /// The label in the metrics.
    pub fn label(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Flow => "flow",
            Self::Device => "device",
            Self::Flash => "flash",
            Self::ReturnUrl => "return_url",
            Self::Probe => "probe",
            Self::Language => "language",
            Self::Application => "application",
            Self::ApplicationNonce => "application_nonce",
        }
    }
}
