//! The errors that a browser can receive.

/// The `code` of a problem document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(
    feature = "ssr",
    derive(serde::Serialize, serde::Deserialize, strum::VariantArray),
    serde(rename_all = "snake_case")
)]
pub enum RefusalCode {
    /// The body is not UTF-8.
    MalformedBody,
    /// The body is larger than any of our forms.
    TooLarge,
    /// The body is not a form.
    UnsupportedMediaType,
    /// A field is missing, duplicate or malformed.
    Malformed,
    /// The input is not a phone number, or one of a type that no code is sent to.
    InvalidPhone,
    /// The input is not an email address.
    InvalidEmail,
    /// The input is not an identifier of the type that the form asks for.
    InvalidIdentifier,
    /// The number may not be the one that was meant. The same number, confirmed, is taken.
    ConfirmNumber,
    /// Codes are not sent to the country of this number.
    CountryNotServed,
    /// Codes do not come by the channel that the request names.
    ChannelNotOffered,
    /// The input is not a passcode.
    InvalidCodeFormat,
    /// The passcode was refused. The reason is not disclosed.
    CodeRefused,
    /// There is no session.
    NotSignedIn,
    /// The passcode has expired by our clock.
    FlowExpired,
    /// This browser has no sign-in flow, or a flow that has expired.
    NoFlow,
    /// The form belongs to another flow than the browser's.
    StaleFlow,
    /// The browser did not keep the cookie that came with the form.
    CookiesBlocked,
    /// The request comes from another origin.
    CrossOrigin,
    /// The person is signed in and has no access to this application.
    Forbidden,
    /// A disclosed limit; `retry_after` is the wait.
    SlowDown,
    /// The service is unavailable.
    Unavailable,
}

impl RefusalCode {
    /// The value in a problem document.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether the input is not at fault: the same may succeed later.
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::SlowDown | Self::Unavailable)
    }

    /// Whether what was typed is at fault, so that the page shows the error at the field.
    pub fn concerns_input(self) -> bool {
        matches!(
            self,
            Self::MalformedBody
                | Self::TooLarge
                | Self::UnsupportedMediaType
                | Self::Malformed
                | Self::InvalidPhone
                | Self::InvalidEmail
                | Self::InvalidIdentifier
                | Self::ConfirmNumber
                | Self::CountryNotServed
                | Self::InvalidCodeFormat
                | Self::CodeRefused
        )
    }

    /// The HTTP status of the response.
    pub fn status(self) -> u16 {
        match self {
            Self::MalformedBody => 400,
            Self::CodeRefused | Self::NotSignedIn => 401,
            Self::CookiesBlocked | Self::CrossOrigin | Self::Forbidden => 403,
            Self::NoFlow | Self::StaleFlow => 409,
            Self::FlowExpired => 410,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Malformed
            | Self::InvalidPhone
            | Self::InvalidEmail
            | Self::InvalidIdentifier
            | Self::ConfirmNumber
            | Self::CountryNotServed
            | Self::ChannelNotOffered
            | Self::InvalidCodeFormat => 422,
            Self::SlowDown => 429,
            Self::Unavailable => 503,
        }
    }
}

/// What a disclosed limit counts, as the page tells it. Limits by identifier have none: what they
/// count is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "ssr",
    derive(serde::Serialize, serde::Deserialize, strum::VariantArray),
    serde(rename_all = "snake_case")
)]
pub enum LimitReason {
    /// Requests of the network that the client's address belongs to.
    Network,
    /// Codes to the country of the number.
    Country,
    /// Codes or sign-ups of the whole service.
    Service,
    /// The codes of this flow: the wait before the next one.
    Resend,
    /// An action of this session or browser.
    Repeated,
}

/// An error as the browser receives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "ssr", derive(serde::Serialize, serde::Deserialize))]
pub struct Refusal {
    /// The error.
    pub code: RefusalCode,
    /// Seconds until another attempt makes sense.
    pub retry_after: Option<u64>,
    /// Attempts that this flow has left.
    pub tries_left: Option<u32>,
    /// Why a limit refused, if that is told. Earlier versions did not write it.
    #[cfg_attr(
        feature = "ssr",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub reason: Option<LimitReason>,
}

impl Refusal {
    /// A refusal without wait and attempts.
    pub fn new(code: RefusalCode) -> Self {
        Self {
            code,
            retry_after: None,
            tries_left: None,
            reason: None,
        }
    }

    /// [`RefusalCode::SlowDown`] for that many seconds, at least one.
    pub fn slow_down(seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds.max(1)),
            ..Self::new(RefusalCode::SlowDown)
        }
    }

    /// The same refusal, with the reason.
    pub fn because(self, reason: impl Into<Option<LimitReason>>) -> Self {
        Self {
            reason: reason.into(),
            ..self
        }
    }
}

impl From<RefusalCode> for Refusal {
    fn from(code: RefusalCode) -> Self {
        Self::new(code)
    }
}
