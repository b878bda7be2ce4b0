//! How a passcode reaches a person.

/// A channel of Transmit's API that brings passcodes to people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
#[cfg_attr(
    feature = "ssr",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "lowercase")
)]
pub enum Channel {
    /// A text message to the phone number in the user's profile.
    #[default]
    Sms,
    /// An email to the address in the user's profile.
    Email,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 2] = [Self::Sms, Self::Email];

    /// Its name in Transmit's API, in forms, events and metrics.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The channel of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// The authentication method that an ID token names in `amr` for a code of this channel.
    pub fn method(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "eotp",
        }
    }

    /// Whether it is text messages.
    pub fn is_sms(&self) -> bool {
        *self == Self::Sms
    }
}
