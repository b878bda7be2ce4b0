//! From what was typed to the one canonical [`Identifier`]. Every key about a person is built after
//! this, never before.

use std::collections::BTreeSet;
use std::sync::Arc;

use rlibphonenumber::{
    PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, PhoneNumberUtil, Region,
};

use crate::domain::passcode::decimal_digit;
use crate::domain::{Identifier, IdentifierType, RefusalCode};

/// Longest text that can be a phone number with all its spaces, brackets and marks.
const LONGEST_PHONE: usize = 48;
/// Longest e-mail address (RFC 5321 §4.5.3.1.3, less the angle brackets).
const LONGEST_EMAIL: usize = 254;
/// Longest user id or user name that we pass on.
const LONGEST_NAME: usize = 128;

/// Reads identifiers of one type.
#[derive(Clone, Debug)]
pub struct IdentifierParser {
    kind: IdentifierType,
    countries: Arc<BTreeSet<String>>,
}

/// A country that is served, as the select of the phone field shows it.
#[derive(Clone, Debug)]
pub struct ServedCountry {
    /// ISO 3166 alpha-2.
    pub code: String,
    /// E.164 country calling code.
    pub calling_code: u16,
    /// A number of that country in national form, which is nobody's.
    pub example: String,
}

/// Why what was typed is no identifier that is served, as public data says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidIdentifier {
    /// [`RefusalCode::InvalidPhone`] or [`RefusalCode::CountryNotServed`].
    pub code: RefusalCode,
    /// ISO 3166 alpha-2, of a number whose country is not served.
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
    /// `countries` are the ISO 3166 alpha-2 codes whose numbers are served.
    pub fn new(kind: IdentifierType, countries: &[String]) -> Self {
        Self {
            kind,
            countries: Arc::new(countries.iter().cloned().collect()),
        }
    }

    /// The type it reads.
    pub fn kind(&self) -> IdentifierType {
        self.kind
    }

    /// Brings what was typed into canonical form. `country` (ISO 3166 alpha-2) is where a national
    /// number is at home.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn read(
        &self,
        typed: &str,
        country: Option<&str>,
    ) -> Result<Identifier, InvalidIdentifier> {
        match self.kind {
            IdentifierType::PhoneNumber => self.phone(typed, country),
            IdentifierType::Email => email(typed).map_err(InvalidIdentifier::from),
            IdentifierType::UserId | IdentifierType::Username => {
                name(self.kind, typed).map_err(InvalidIdentifier::from)
            }
        }
    }

    /// The countries that are served and known, in the order of their codes.
    pub fn served(&self) -> Vec<ServedCountry> {
        if self.kind != IdentifierType::PhoneNumber {
            return Vec::new();
        }
        // A library of its own that goes with this call: the patterns of countries that nobody asks
        // about need not stay.
        let Ok(library) = PhoneNumberUtil::new() else {
            return Vec::new();
        };
        self.countries
            .iter()
            .filter_map(|code| served(&library, code))
            .collect()
    }

    fn phone(&self, typed: &str, country: Option<&str>) -> Result<Identifier, InvalidIdentifier> {
        let identifier = phone_number(typed, country).ok_or(RefusalCode::InvalidPhone)?;
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

/// Any number to which a message makes sense, wherever it is at home; nothing if the text is none.
pub fn phone_number(typed: &str, country: Option<&str>) -> Option<Identifier> {
    let text = plain(typed)?;
    let home = country.and_then(|code| Region::from_code(code.trim()).ok());
    // A number written with its calling code but without `+` is read as one when it is none of the
    // home country.
    let number = PHONE_NUMBER_UTIL
        .parse(&text, home)
        .ok()
        .filter(PhoneNumber::is_valid)?;
    if number.extension.is_some() || !can_receive(number.get_type()) {
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

/// The text with digits in ASCII and marks gone, or nothing if it holds anything that no phone
/// number has. Letters in particular: the library would read `1-800-FLOWERS`.
fn plain(typed: &str) -> Option<String> {
    if typed.len() > LONGEST_PHONE * 4 || typed.chars().count() > LONGEST_PHONE {
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
            _ => text.push(decimal_digit(c)?),
        }
    }
    Some(text)
}

/// Kinds of numbers to which a message makes sense and costs what a message costs.
fn can_receive(kind: PhoneNumberType) -> bool {
    matches!(
        kind,
        PhoneNumberType::Mobile
            | PhoneNumberType::FixedLineOrMobile
            | PhoneNumberType::FixedLine
            | PhoneNumberType::VoIP
    )
}

/// Whether a country (ISO 3166 alpha-2, in capitals) has telephone numbers of its own.
pub fn has_numbers(country: &str) -> bool {
    Region::from_code(country).is_ok_and(|region| {
        PHONE_NUMBER_UTIL
            .get_country_code_for_region(region)
            .is_some()
    })
}

fn served(library: &PhoneNumberUtil, code: &str) -> Option<ServedCountry> {
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

fn email(typed: &str) -> Result<Identifier, RefusalCode> {
    let value = typed.trim().to_lowercase();
    let fits = value.len() <= LONGEST_EMAIL
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

fn name(kind: IdentifierType, typed: &str) -> Result<Identifier, RefusalCode> {
    let value = typed.trim();
    let fits =
        !value.is_empty() && value.len() <= LONGEST_NAME && !value.chars().any(char::is_control);
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

    fn identify() -> IdentifierParser {
        IdentifierParser::new(
            IdentifierType::PhoneNumber,
            &["US", "GB", "DE", "FR", "IT"].map(str::to_owned),
        )
    }

    fn read(typed: &str, country: Option<&str>) -> Result<String, RefusalCode> {
        identify()
            .read(typed, country)
            .map(|identifier| identifier.value().to_owned())
            .map_err(|unfit| unfit.code)
    }

    #[test]
    fn all_spellings_of_a_number_are_one_identifier() {
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
                read(typed, country).as_deref(),
                Ok("+447400123456"),
                "{typed:?} {country:?}"
            );
        }
        // Italian numbers keep their zero.
        assert_eq!(
            read("+39 06 1234 5678", None).as_deref(),
            Ok("+390612345678")
        );
    }

    #[test]
    fn s5_what_public_data_refuses() {
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
            assert_eq!(read(typed, None), Err(code), "{typed:?}");
        }
        assert_eq!(
            read(&"1".repeat(300), Some("US")),
            Err(RefusalCode::InvalidPhone)
        );
        let country = |typed| identify().read(typed, None).unwrap_err().country;
        assert_eq!(
            country("+7 912 345 67 89").as_deref(),
            Some("RU"),
            "for the operator"
        );
        assert_eq!(country("+1 900 555 0123"), None);
    }

    #[test]
    fn every_default_country_is_known() {
        let countries = crate::server::settings::GuardSettings::default().countries;
        let served = IdentifierParser::new(IdentifierType::PhoneNumber, &countries).served();
        assert_eq!(served.len(), countries.len());
        assert!(
            ["US", "GB", "DE", "FR"]
                .iter()
                .all(|code| countries.iter().any(|country| country == code))
        );
    }

    #[test]
    fn other_identifiers() {
        let email = IdentifierParser::new(IdentifierType::Email, &[]);
        assert_eq!(
            email.read(" Ada@Example.com ", None).unwrap().value(),
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
            assert!(email.read(typed, None).is_err(), "{typed:?}");
        }
        let name = IdentifierParser::new(IdentifierType::Username, &[]);
        assert_eq!(name.read(" Ada ", None).unwrap().value(), "Ada");
        assert!(name.read("a\nb", None).is_err());
    }

    proptest! {
        #[test]
        fn reading_is_idempotent_and_never_panics(typed in "\\PC{0,60}|[+0-9 ()./-]{0,30}", country in "[A-Z]{2}|.{0,4}") {
            if let Ok(first) = identify().read(&typed, Some(&country)) {
                let again = identify().read(first.value(), None);
                prop_assert_eq!(again.map(|i| i.value().to_owned()), Ok(first.value().to_owned()));
            }
        }
    }
}
