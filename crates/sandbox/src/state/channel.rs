//! How codes are sent.

/// How a code is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Channel {
    #[default]
    Sms,
    Email,
    /// In the response to the send call.
    Direct,
}

impl Channel {
    /// The authentication method in tokens (`amr`).
    pub fn amr(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "eotp",
            Self::Direct => "otp",
        }
    }
}
