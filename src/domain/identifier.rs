//! The identifier by which Transmit finds a user: a type and a canonical value.

use std::fmt;

/// Transmit's `identifier_type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(
    feature = "ssr",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum IdentifierType {
    /// An E.164 phone number.
    #[default]
    PhoneNumber,
    /// An e-mail address. The passcode is sent to the phone number in the user's profile.
    Email,
    /// Transmit's own user id.
    UserId,
    /// A user name.
    Username,
}

impl IdentifierType {
    /// The value in Transmit's API.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// An identifier in its canonical form. Every storage key about a person is derived from this form,
/// never from the text that was typed.
///
/// `Debug` shows the type only, so that an identifier cannot be logged by accident.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "ssr", derive(serde::Serialize, serde::Deserialize))]
pub struct Identifier {
    kind: IdentifierType,
    value: String,
    country: Option<String>,
}

impl Identifier {
    /// An identifier from a value that is already in canonical form (E.164 for a phone number).
    /// `country` is the ISO 3166 alpha-2 code of a phone number's region, where it has one.
    pub fn canonical(kind: IdentifierType, value: String, country: Option<String>) -> Self {
        Self {
            kind,
            value,
            country,
        }
    }

    /// The type.
    pub fn kind(&self) -> IdentifierType {
        self.kind
    }

    /// The canonical value in full. It is for upstream calls and keyed hashes, never for a page or
    /// a log.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether it is a phone number.
    pub fn is_phone_number(&self) -> bool {
        self.kind == IdentifierType::PhoneNumber
    }

    /// ISO 3166 alpha-2 code of the region of a phone number.
    pub fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }

    /// The masked form for pages, which its owner recognises.
    ///
    /// A phone number keeps `+`, its calling code and its last two digits. An e-mail address keeps
    /// its first letter and its domain.
    pub fn masked(&self) -> String {
        const DOTS: &str = "•••";
        match self.kind {
            IdentifierType::PhoneNumber => {
                let digits: String = self.value.chars().filter(char::is_ascii_digit).collect();
                let (code, rest) = digits.split_at(calling_code_length(&digits));
                let tail = rest.get(rest.len().saturating_sub(2)..).unwrap_or_default();
                format!("+{code} {DOTS} {DOTS} {tail}")
            }
            IdentifierType::Email => {
                let (local, domain) = self.value.split_once('@').unwrap_or((&self.value, ""));
                format!(
                    "{}{DOTS}@{domain}",
                    local.chars().take(1).collect::<String>()
                )
            }
            IdentifierType::UserId | IdentifierType::Username => {
                format!("{}{DOTS}", self.value.chars().take(1).collect::<String>())
            }
        }
    }
}

/// How many of a number's digits are its country calling code (ITU-T E.164 list of assigned codes):
/// one for 1 and 7, two for the codes below, three for all others.
fn calling_code_length(digits: &str) -> usize {
    let length = match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    };
    length.min(digits.len())
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identifier({}, redacted)", self.kind.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_keeps_only_the_ends() {
        let phone = Identifier::canonical(
            IdentifierType::PhoneNumber,
            "+447400123456".into(),
            Some("GB".into()),
        );
        assert_eq!(phone.masked(), "+44 ••• ••• 56");
        for (number, masked) in [
            ("+12025550123", "+1 ••• ••• 23"),
            ("+79123456789", "+7 ••• ••• 89"),
            ("+352621123456", "+352 ••• ••• 56"),
            ("+3545551234", "+354 ••• ••• 34"),
            ("+201001234567", "+20 ••• ••• 67"),
            ("+2348021234567", "+234 ••• ••• 67"),
            ("+882999999999", "+882 ••• ••• 99"),
            ("+", "+ ••• ••• "),
        ] {
            let phone = Identifier::canonical(IdentifierType::PhoneNumber, number.into(), None);
            assert_eq!(phone.masked(), masked);
        }
        let email = Identifier::canonical(IdentifierType::Email, "ada@example.com".into(), None);
        assert_eq!(email.masked(), "a•••@example.com");
    }

    #[test]
    fn debug_shows_no_value() {
        let phone =
            Identifier::canonical(IdentifierType::PhoneNumber, "+447400123456".into(), None);
        assert!(!format!("{phone:?}").contains("7400"));
    }
}
