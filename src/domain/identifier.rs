//! The identifier by which Transmit finds a user: a type and a canonical value.

use std::fmt;

use crate::domain::typed_text::is_invisible;
use crate::domain::{IdentifierType, identifier_mask};

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

    /// The canonical value in full. It is for upstream calls, never for a page or a log.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Type and value, for keyed hashes. Names that differ in case, spaces and invisible characters
    /// alone have one such text. A tenant may take them for one user, and every spelling would have
    /// limits of its own then.
    pub fn key_text(&self) -> String {
        let value = if self.is_phone_number() {
            self.value.clone()
        } else {
            fold(&self.value)
        };
        format!("{}:{value}", self.kind.as_str())
    }

    /// Whether it is a phone number.
    pub fn is_phone_number(&self) -> bool {
        self.kind.is_phone_number()
    }

    /// ISO 3166 alpha-2 code of the region of a phone number.
    pub fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }

    /// The masked form for pages, which its owner recognises ([`identifier_mask`]).
    pub fn masked(&self) -> String {
        identifier_mask::mask(self.kind, &self.value)
    }
}

/// Folds the case of a name, character by character, and drops what cannot be seen in it.
fn fold(value: &str) -> String {
    let seen = value
        .chars()
        .filter(|c| !c.is_whitespace() && !is_invisible(*c));
    // Upper case first: it joins letters that have one upper case, such as `σ` and `ς`.
    seen.flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identifier({}, redacted)", self.kind.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_text(kind: IdentifierType, value: &str) -> String {
        Identifier::canonical(kind, value.into(), None).key_text()
    }

    #[test]
    fn debug_shows_no_value() {
        let phone =
            Identifier::canonical(IdentifierType::PhoneNumber, "+447400123456".into(), None);
        assert!(!format!("{phone:?}").contains("7400"));
    }

    #[test]
    fn spellings_that_a_tenant_may_take_for_one_user_have_one_key() {
        use IdentifierType::{Email, PhoneNumber, UserId, Username};
        assert_eq!(
            key_text(PhoneNumber, "+447400123456"),
            "phone_number:+447400123456"
        );
        assert_eq!(key_text(Email, "ada@example.com"), "email:ada@example.com");
        for (one, other) in [
            ("Ada Lovelace", "ADA lovelace"),
            ("Ada Lovelace", "AdaLovelace"),
            ("a\u{200d}da", "Ada"),
            ("straße", "STRASSE"),
            ("ὀδυσσεύς", "ὈΔΥΣΣΕΎΣ"),
        ] {
            assert_eq!(key_text(Username, one), key_text(Username, other), "{one}");
        }
        assert_ne!(key_text(Username, "ada"), key_text(Username, "adа"));
        assert_ne!(key_text(Username, "ada"), key_text(UserId, "ada"));
    }
}
