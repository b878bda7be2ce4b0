//! Parses typed identifiers into the one canonical [`Identifier`].
//!
//! Every key about a person is built from the canonical form, so that no spelling evades a limit.

use std::collections::BTreeSet;
use std::sync::Arc;

use rlibphonenumber::{
    PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, PhoneNumberUtil, Region,
};

use crate::domain::passcode::to_ascii_digit;
use crate::domain::{Identifier, IdentifierType, RefusalCode};

/// Longest text of a phone number with all its spaces, brackets and marks.
const MAX_PHONE_LENGTH: usize = 48;
/// Longest e-mail address (RFC 5321 §4.5.3.1.3, less the angle brackets).
const MAX_EMAIL_LENGTH: usize = 254;
/// Longest user id or user name that is sent to upstream.
const MAX_NAME_LENGTH: usize = 128;

/// Parses identifiers of one type. Cheap to clone.
#[derive(Clone, Debug)]
pub struct IdentifierParser {
    kind: IdentifierType,
    countries: Arc<BTreeSet<String>>,
}

/// A country whose numbers are accepted, as the phone field's select shows it.
#[derive(Clone, Debug)]
pub struct ServedCountry {
    /// ISO 3166 alpha-2.
    pub code: String,
    /// E.164 country calling code.
    pub calling_code: u16,
    /// An example number in national form, which nobody has.
    pub example: String,
}

/// Why an identifier is not accepted. It depends on public data alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidIdentifier {
    /// [`RefusalCode::InvalidPhone`] or [`RefusalCode::CountryNotServed`].
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
            countries: Arc::new(countries.iter().cloned().collect()),
        }
    }

    /// The type of identifiers that it parses.
    pub fn kind(&self) -> IdentifierType {
        self.kind
    }

    /// Parses a typed identifier. `country` (ISO 3166 alpha-2) is that of a national number.
    ///
    /// # Errors
    /// [`InvalidIdentifier`].
    pub fn parse(
        &self,
        typed: &str,
        country: Option<&str>,
    ) -> Result<Identifier, InvalidIdentifier> {
        match self.kind {
            IdentifierType::PhoneNumber => self.parse_phone(typed, country),
            IdentifierType::Email => parse_email(typed).map_err(InvalidIdentifier::from),
            IdentifierType::UserId | IdentifierType::Username => {
                parse_name(self.kind, typed).map_err(InvalidIdentifier::from)
            }
        }
    }

    /// The accepted countries that have numbers, in the order of their codes.
    pub fn served_countries(&self) -> Vec<ServedCountry> {
        if self.kind != IdentifierType::PhoneNumber {
            return Vec::new();
        }
        // A temporary instance: the patterns that it compiles for all countries are then freed.
        let Ok(library) = PhoneNumberUtil::new() else {
            return Vec::new();
        };
        self.countries
            .iter()
            .filter_map(|code| served_country(&library, code))
            .collect()
    }

    fn parse_phone(
        &self,
        typed: &str,
        country: Option<&str>,
    ) -> Result<Identifier, InvalidIdentifier> {
        let identifier = parse_phone_number(typed, country).ok_or(RefusalCode::InvalidPhone)?;
        let region = identifier.country();
        if region.is_some_and(|region| self.countries.contains(region)) {
            return Ok(identifier);
        }
        Err(InvalidIdentifier {
            code: RefusalCode::CountryNotServed,
            country: region.map(str::to_owned),
        })
    }
}

/// Parses a phone number of any country that can receive messages.
pub fn parse_phone_number(typed: &str, country: Option<&str>) -> Option<Identifier> {
    let text = normalise_digits(typed)?;
    let home_region = country.and_then(|code| Region::from_code(code.trim()).ok());
    // A number with its calling code but without `+` is parsed as international if it is no number
    // of the home region.
    let number = PHONE_NUMBER_UTIL
        .parse(&text, home_region)
        .ok()
        .filter(PhoneNumber::is_valid)?;
    if number.extension.is_some() || !is_reachable(number.get_type()) {
        return None;
    }
    let region = number.get_region_code().map(|region| region.to_string());
    let canonical = number.format_as(PhoneNumberFormat::E164).into_owned();
    Some(Identifier::canonical(
        IdentifierType::PhoneNumber,
        canonical,
        region,
    ))
}

/// Replaces digits by ASCII digits and removes invisible marks. `None` for text with characters
/// that no phone number has, such as letters: the library would accept `1-800-FLOWERS`.
fn normalise_digits(typed: &str) -> Option<String> {
    if typed.len() > MAX_PHONE_LENGTH * 4 || typed.chars().count() > MAX_PHONE_LENGTH {
        return None;
    }
    let mut text = String::with_capacity(typed.len());
    for c in typed.trim().chars() {
        match c {
            '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{00ad}' => {}
            '+' | '\u{ff0b}' => text.push('+'),
            '(' | ')' | '.' | '/' | '-' => text.push(c),
            '\u{2010}'..='\u{2015}' => text.push('-'),
            _ if c.is_whitespace() && !c.is_control() => text.push(' '),
            _ => text.push(to_ascii_digit(c)?),
        }
    }
    Some(text)
}

/// Whether numbers of this type receive messages at ordinary prices.
fn is_reachable(kind: PhoneNumberType) -> bool {
    matches!(
        kind,
        PhoneNumberType::Mobile
            | PhoneNumberType::FixedLineOrMobile
            | PhoneNumberType::FixedLine
            | PhoneNumberType::VoIP
    )
}

/// Whether a country (ISO 3166 alpha-2, in capitals) has phone numbers of its own.
pub fn has_numbers(country: &str) -> bool {
    Region::from_code(country).is_ok_and(|region| {
        PHONE_NUMBER_UTIL
            .get_country_code_for_region(region)
            .is_some()
    })
}

/// Whether an international number begins with a calling code that is assigned.
pub fn has_calling_code(number: &str) -> bool {
    PHONE_NUMBER_UTIL.parse(number, None).is_ok()
}

fn served_country(library: &PhoneNumberUtil, code: &str) -> Option<ServedCountry> {
    let region = Region::from_code(code).ok()?;
    let calling_code = library.get_country_code_for_region(region)?;
    let example = library
        .get_example_number_for_type_and_region(region, PhoneNumberType::Mobile)
        .ok()?;
    Some(ServedCountry {
        code: code.to_owned(),
        calling_code: u16::try_from(calling_code).ok()?,
        example: library
            .format(&example, PhoneNumberFormat::National)
            .into_owned(),
    })
}

fn parse_email(typed: &str) -> Result<Identifier, RefusalCode> {
    let value = typed.trim().to_lowercase();
    let fits = value.len() <= MAX_EMAIL_LENGTH
        && value.split_once('@').is_some_and(|(local, domain)| {
            (1..=64).contains(&local.len())
                && domain.contains('.')
                && !domain.contains('@')
                && !domain.starts_with('.')
        })
        && !value.chars().any(|c| c.is_whitespace() || c.is_control());
    if fits {
        Ok(Identifier::canonical(IdentifierType::Email, value, None))
    } else {
        Err(RefusalCode::InvalidPhone)
    }
}

fn parse_name(kind: IdentifierType, typed: &str) -> Result<Identifier, RefusalCode> {
    let value = typed.trim();
    let fits =
        !value.is_empty() && value.len() <= MAX_NAME_LENGTH && !value.chars().any(char::is_control);
    if fits {
        Ok(Identifier::canonical(kind, value.to_owned(), None))
    } else {
        Err(RefusalCode::InvalidPhone)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parser() -> IdentifierParser {
        IdentifierParser::new(
            IdentifierType::PhoneNumber,
            &["US", "GB", "DE", "FR", "IT"].map(str::to_owned),
        )
    }

    fn parse(typed: &str, country: Option<&str>) -> Result<String, RefusalCode> {
        parser()
            .parse(typed, country)
            .map(|identifier| identifier.value().to_owned())
            .map_err(|invalid| invalid.code)
    }

    #[test]
    fn all_spellings_of_a_number_result_in_one_identifier() {
        for (typed, country) in [
            ("+447400123456", None),
            ("+44 7400 123456", None),
            ("+44 (0)7400 123456", None),
            ("0044 7400 123456", Some("GB")),
            ("07400 123456", Some("GB")),
            ("07400-123-456", Some("gb")),
            ("7400123456", Some("GB")),
            ("+44 7400 123456", Some("US")),
            ("\u{202a}+44 7400 123456\u{202c}", None),
            ("＋４４７４００１２３４５６", None),
            ("٠٧٤٠٠١٢٣٤٥٦", Some("GB")),
            ("+44\u{a0}7400\u{2011}123456", None),
        ] {
            assert_eq!(
                parse(typed, country).as_deref(),
                Ok("+447400123456"),
                "{typed:?} {country:?}"
            );
        }
        // Italian numbers keep their zero.
        assert_eq!(
            parse("+39 06 1234 5678", None).as_deref(),
            Ok("+390612345678")
        );
    }

    #[test]
    fn s5_invalid_premium_and_unserved_numbers_are_refused() {
        for (typed, code) in [
            ("", RefusalCode::InvalidPhone),
            ("   ", RefusalCode::InvalidPhone),
            ("call me", RefusalCode::InvalidPhone),
            ("+44 7400 FLOWER", RefusalCode::InvalidPhone),
            ("07400 123456", RefusalCode::InvalidPhone),
            ("+44 7400 123456 ext. 5", RefusalCode::InvalidPhone),
            ("+44 7400 123456;ext=5", RefusalCode::InvalidPhone),
            ("+44 7400\u{0}123456", RefusalCode::InvalidPhone),
            ("+1 900 555 0123", RefusalCode::InvalidPhone),
            ("+44 909 879 0000", RefusalCode::InvalidPhone),
            ("+44 843 012 3456", RefusalCode::InvalidPhone),
            ("+44 70 1234 5678", RefusalCode::InvalidPhone),
            ("+1 800 555 0123", RefusalCode::InvalidPhone),
            ("+999 123456789", RefusalCode::InvalidPhone),
            ("112", RefusalCode::InvalidPhone),
            ("+7 912 345 67 89", RefusalCode::CountryNotServed),
            ("+1 204 234 5678", RefusalCode::CountryNotServed),
        ] {
            assert_eq!(parse(typed, None), Err(code), "{typed:?}");
        }
        assert_eq!(
            parse(&"1".repeat(300), Some("US")),
            Err(RefusalCode::InvalidPhone)
        );
        let country = |typed| parser().parse(typed, None).unwrap_err().country;
        assert_eq!(
            country("+7 912 345 67 89").as_deref(),
            Some("RU"),
            "for the audit log"
        );
        assert_eq!(country("+1 900 555 0123"), None);
    }

    #[test]
    fn every_default_country_has_numbers() {
        let countries = crate::server::settings::GuardSettings::default().countries;
        let served =
            IdentifierParser::new(IdentifierType::PhoneNumber, &countries).served_countries();
        assert_eq!(served.len(), countries.len());
        assert!(
            ["US", "GB", "DE", "FR"]
                .iter()
                .all(|code| countries.iter().any(|country| country == code))
        );
    }

    #[test]
    fn emails_and_user_names_are_parsed() {
        let email = IdentifierParser::new(IdentifierType::Email, &[]);
        assert_eq!(
            email.parse(" Ada@Example.com ", None).unwrap().value(),
            "ada@example.com"
        );
        for typed in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "a b@example.com",
            "ada@example",
            "a@b@c.de",
        ] {
            assert!(email.parse(typed, None).is_err(), "{typed:?}");
        }
        let name = IdentifierParser::new(IdentifierType::Username, &[]);
        assert_eq!(name.parse(" Ada ", None).unwrap().value(), "Ada");
        assert!(name.parse("a\nb", None).is_err());
    }

    proptest! {
        #[test]
        fn parsing_is_idempotent_and_never_panics(
            typed in "\\PC{0,60}|[+0-9 ()./-]{0,30}",
            country in "[A-Z]{2}|.{0,4}",
        ) {
            if let Ok(first) = parser().parse(&typed, Some(&country)) {
                let again = parser().parse(first.value(), None);
                prop_assert_eq!(again.map(|i| i.value().to_owned()), Ok(first.value().to_owned()));
            }
        }
    }
}
