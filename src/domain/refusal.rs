//! Everything that a browser can be told when it does not get what it asked for.

/// The `code` of a problem document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "ssr",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum RefusalCode {
    /// The body is not UTF-8.
    MalformedBody,
    /// The body is larger than a form of ours can be.
    TooLarge,
    /// The body is not a form.
    UnsupportedMediaType,
    /// A field is missing, doubled or unreadable.
    Malformed,
    /// What was typed cannot be an identifier of the expected type, or is a kind of number that no
    /// code is sent to.
    InvalidPhone,
    /// Codes are not sent to the country of this number.
    CountryNotServed,
    /// What was typed cannot be a passcode.
    InvalidCodeFormat,
    /// The one answer to every refused passcode.
    CodeRefused,
    /// There is no session.
    NotSignedIn,
    /// The passcode's deadline has passed by our own clock.
    FlowExpired,
    /// There is no flow: nothing was asked for from this browser, or long ago.
    NoFlow,
    /// The request comes from another site, or under another name of ours.
    CrossOrigin,
    /// The person is signed in, and may not enter this application.
    Forbidden,
    /// A limit that may be told; `retry_after` says how long.
    SlowDown,
    /// We cannot serve anybody just now.
    Unavailable,
}

impl RefusalCode {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MalformedBody => "malformed_body",
            Self::TooLarge => "too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::Malformed => "malformed",
            Self::InvalidPhone => "invalid_phone",
            Self::CountryNotServed => "country_not_served",
            Self::InvalidCodeFormat => "invalid_code_format",
            Self::CodeRefused => "code_refused",
            Self::NotSignedIn => "not_signed_in",
            Self::FlowExpired => "flow_expired",
            Self::NoFlow => "no_flow",
            Self::CrossOrigin => "cross_origin",
            Self::Forbidden => "forbidden",
            Self::SlowDown => "slow_down",
            Self::Unavailable => "unavailable",
        }
    }

    /// The HTTP status that goes with it.
    pub fn status(self) -> u16 {
        match self {
            Self::MalformedBody => 400,
            Self::CodeRefused | Self::NotSignedIn => 401,
            Self::CrossOrigin | Self::Forbidden => 403,
            Self::NoFlow => 409,
            Self::FlowExpired => 410,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Malformed
            | Self::InvalidPhone
            | Self::CountryNotServed
            | Self::InvalidCodeFormat => 422,
            Self::SlowDown => 429,
            Self::Unavailable => 503,
        }
    }
}

/// A refusal as a browser may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "ssr", derive(serde::Serialize, serde::Deserialize))]
pub struct Refusal {
    /// Which one.
    pub code: RefusalCode,
    /// Seconds until another try makes sense.
    pub retry_after: Option<u64>,
    /// Tries that this flow has left.
    pub tries_left: Option<u32>,
}

impl Refusal {
    /// A refusal without figures.
    pub fn new(code: RefusalCode) -> Self {
        Self {
            code,
            retry_after: None,
            tries_left: None,
        }
    }

    /// [`RefusalCode::SlowDown`] for that many seconds, at least one.
    pub fn slow_down(seconds: u64) -> Self {
        Self {
            code: RefusalCode::SlowDown,
            retry_after: Some(seconds.max(1)),
            tries_left: None,
        }
    }
}

impl From<RefusalCode> for Refusal {
    fn from(code: RefusalCode) -> Self {
        Self::new(code)
    }
}
