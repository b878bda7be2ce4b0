//! Parses typed identifiers into the one canonical [`Identifier`].
//!
//! Every key about a person is built from the canonical form, so that no spelling evades a limit.
//!
//! - `phone_number`: numbers of all countries, by libphonenumber's data.
//! - `email`: addresses of RFC 5321 and 6531 without quotes.
//! - `name`: user names, user ids, and types that a tenant defines.

use crate::domain::{Identifier, IdentifierType, RefusalCode};

mod email;
mod name;
mod phone_number;

pub use phone_number::{
    ServedCountry, has_calling_code, has_numbers, international_format, parse_phone_number,
};

use phone_number::PhoneNumberParser;

/// Parses identifiers of one type. Cheap to clone.
#[derive(Clone, Debug)]
pub struct IdentifierParser {
    kind: IdentifierType,
    phone_numbers: PhoneNumberParser,
}

/// An identifier as it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedIdentifier {
    /// The identifier.
    pub identifier: Identifier,
    /// Whether public data makes it doubtful that a person meant this number: it is certainly a
    /// fixed line, or was typed as a number of another country than the one that was chosen, with
    /// the same calling code or another one.
    pub needs_confirmation: bool,
}

/// Why an identifier is not accepted. It depends on public data alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidIdentifier {
    /// [`RefusalCode::InvalidPhone`], [`RefusalCode::CountryNotServed`],
    /// [`RefusalCode::InvalidEmail`] or [`RefusalCode::InvalidIdentifier`].
    pub code: RefusalCode,
    /// The country (ISO 3166 alpha-2), if that is not served.
    pub country: Option<String>,
}

impl From<RefusalCode> for InvalidIdentifier {
    fn from(code: RefusalCode) -> Self {
        Self {
            code,
            country: None,
        }
    }
}

impl IdentifierParser {
    /// `countries` are the ISO 3166 alpha-2 codes whose numbers are accepted.
    pub fn new(kind: IdentifierType, countries: &[String]) -> Self {
        Self {
            kind,
            phone_numbers: PhoneNumberParser::new(countries),
        }
    }

    /// The type of identifiers that it parses.
    pub fn kind(&self) -> IdentifierType {
        self.kind
    }

    /// Parses a typed identifier. `country` (ISO 3166 alpha-2) is that of a national number; other
    /// identifiers have none.
    ///
    /// # Errors
    /// [`InvalidIdentifier`].
    pub fn parse(
        &self,
        typed: &str,
        country: Option<&str>,
    ) -> Result<ParsedIdentifier, InvalidIdentifier> {
        let identifier = match self.kind {
            IdentifierType::PhoneNumber => return self.phone_numbers.parse(typed, country),
            IdentifierType::Email => email::parse_email(typed).ok_or(RefusalCode::InvalidEmail)?,
            kind => name::parse_name(kind, typed).ok_or(RefusalCode::InvalidIdentifier)?,
        };
        Ok(ParsedIdentifier {
            identifier,
            needs_confirmation: false,
        })
    }

    /// The accepted countries that have numbers, in the order of their codes. None where no number
    /// is typed.
    pub fn served_countries(&self) -> Vec<ServedCountry> {
        if self.kind.is_phone_number() {
            self.phone_numbers.served_countries()
        } else {
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn country_rules_and_questions_are_for_phone_numbers_alone() {
        let countries = ["GB".to_owned()];
        for kind in ["email", "username", "user_id", "employee_number"] {
            let parser = IdentifierParser::new(kind.parse().unwrap(), &countries);
            assert!(parser.served_countries().is_empty(), "{kind}");
            // A fixed line and a number of a country that is not served, were they numbers.
            for typed in ["+442079460958", "+79123456789"] {
                let (typed, code) = match kind {
                    "email" => (format!("{typed}@example.com"), RefusalCode::InvalidEmail),
                    _ => (typed.to_owned(), RefusalCode::InvalidIdentifier),
                };
                let parsed = parser.parse(&typed, Some("GB")).unwrap();
                assert_eq!(parsed.identifier.value(), typed, "{kind}");
                assert_eq!(parsed.identifier.country(), None, "{kind}");
                assert!(!parsed.needs_confirmation, "{kind}");
                assert_eq!(parser.parse(" ", None), Err(code.into()), "{kind}");
            }
        }
        assert_eq!(
            IdentifierParser::new(IdentifierType::PhoneNumber, &countries)
                .served_countries()
                .len(),
            1
        );
    }

    proptest! {
        #[test]
        fn parsing_is_idempotent_and_never_panics(
            typed in "\\PC{0,60}|[+0-9 ()./-]{0,30}|\\PC{1,12}@[\\pL\\pN.-]{1,20}|(?s).{0,12}",
            country in "[A-Z]{2}|.{0,4}",
            kind in "phone_number|email|username|user_id|employee_number",
        ) {
            let countries = ["US", "GB", "DE", "FR", "IT"].map(str::to_owned);
            let parser = IdentifierParser::new(kind.parse().unwrap(), &countries);
            if let Ok(first) = parser.parse(&typed, Some(&country)) {
                let first = first.identifier;
                let again = parser.parse(first.value(), None).map(|parsed| parsed.identifier);
                prop_assert_eq!(again, Ok(first));
            }
        }
    }
}
