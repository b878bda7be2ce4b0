//! The types of identifiers by which Transmit finds a user.

use std::fmt;
use std::str::FromStr;

/// Longest name of a type that a tenant defines, in bytes.
const MAX_NAME: usize = 64;

/// Transmit's `identifier_type`. It is stored and set by its name in Transmit's API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "ssr",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "String", into = "String")
)]
pub enum IdentifierType {
    /// An E.164 phone number.
    #[default]
    PhoneNumber,
    /// An email address. The passcode is sent to the phone number in the user's profile.
    Email,
    /// Transmit's own user id.
    UserId,
    /// A user name.
    Username,
    /// A type that the tenant defines.
    Custom(CustomIdentifierType),
}

/// The name of a type that a tenant defines: 1 to 64 letters, digits, `_`, `.` and `-` of ASCII,
/// with a letter first. It is stored in place, so that types are cheap to copy.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CustomIdentifierType {
    bytes: [u8; MAX_NAME],
    length: u8,
}

/// A text that cannot be the name of an identifier type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidIdentifierType;

impl IdentifierType {
    /// The value in Transmit's API.
    pub fn as_str(&self) -> &str {
        match self {
            Self::PhoneNumber => "phone_number",
            Self::Email => "email",
            Self::UserId => "user_id",
            Self::Username => "username",
            Self::Custom(custom) => custom.as_str(),
        }
    }

    /// Whether identifiers of this type are phone numbers.
    pub fn is_phone_number(self) -> bool {
        self == Self::PhoneNumber
    }
}

impl FromStr for IdentifierType {
    type Err = InvalidIdentifierType;

    fn from_str(name: &str) -> Result<Self, InvalidIdentifierType> {
        Ok(match name {
            "phone_number" => Self::PhoneNumber,
            "email" => Self::Email,
            "user_id" => Self::UserId,
            "username" => Self::Username,
            custom => Self::Custom(CustomIdentifierType::new(custom)?),
        })
    }
}

impl TryFrom<String> for IdentifierType {
    type Error = InvalidIdentifierType;

    fn try_from(name: String) -> Result<Self, InvalidIdentifierType> {
        name.parse()
    }
}

impl From<IdentifierType> for String {
    fn from(kind: IdentifierType) -> Self {
        kind.as_str().to_owned()
    }
}

impl CustomIdentifierType {
    fn new(name: &str) -> Result<Self, InvalidIdentifierType> {
        let is_allowed = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'-');
        let begins_with_letter = name.bytes().next().is_some_and(|c| c.is_ascii_alphabetic());
        let length = u8::try_from(name.len()).map_err(|_| InvalidIdentifierType)?;
        let mut bytes = [0; MAX_NAME];
        let place = bytes
            .get_mut(..name.len())
            .filter(|_| begins_with_letter && name.bytes().all(is_allowed));
        place
            .ok_or(InvalidIdentifierType)?
            .copy_from_slice(name.as_bytes());
        Ok(Self { bytes, length })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        let name = self.bytes.get(..usize::from(self.length));
        // Names are ASCII.
        std::str::from_utf8(name.unwrap_or_default()).unwrap_or_default()
    }
}

impl fmt::Debug for CustomIdentifierType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for InvalidIdentifierType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "must be phone_number, email, user_id, username, or the name of a type that the \
             tenant defines: 1 to 64 letters, digits, `_`, `.` and `-`, with a letter first",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_the_name_that_transmit_knows_it_by() {
        let longest = "a".repeat(MAX_NAME);
        for name in [
            "phone_number",
            "email",
            "user_id",
            "username",
            "employee_number",
            "externalUserId",
            "a",
            "crm.id-2",
            &longest,
        ] {
            let kind: IdentifierType = name.parse().unwrap();
            assert_eq!(kind.as_str(), name);
            assert_eq!(kind.is_phone_number(), name == "phone_number");
            assert_eq!(IdentifierType::try_from(String::from(kind)), Ok(kind));
        }
        let too_long = "a".repeat(MAX_NAME + 1);
        let far_too_long = "a".repeat(300);
        for name in [
            "",
            " ",
            "1st",
            "_id",
            "e mail",
            "é",
            "a\n",
            "a:b",
            &too_long,
            &far_too_long,
        ] {
            assert_eq!(
                name.parse::<IdentifierType>(),
                Err(InvalidIdentifierType),
                "{name:?}"
            );
        }
    }
}
