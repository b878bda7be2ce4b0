//! Parses typed identifiers into the one canonical [`Identifier`].
//!
//! Every key about a person is built from the canonical form, so that no spelling evades a limit.

use std::collections::BTreeSet;
use std::sync::Arc;

use rlibphonenumber::{
    PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, PhoneNumberUtil, Region,
};

use crate::domain::typed_text::{is_invisible, is_visible, read_phone};
use crate::domain::{Identifier, IdentifierType, RefusalCode};

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

/// An identifier as it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedIdentifier {
    /// The identifier.
    pub identifier: Identifier,
    /// Whether public data makes it doubtful that a person meant this number: it is certainly a
    /// fixed line, or was typed as a number of another country than the one that was chosen.
    pub needs_confirmation: bool,
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
    ) -> Result<ParsedIdentifier, InvalidIdentifier> {
        let other = match self.kind {
            IdentifierType::PhoneNumber => return self.parse_phone(typed, country),
            IdentifierType::Email => parse_email(typed)?,
            IdentifierType::UserId | IdentifierType::Username => parse_name(self.kind, typed)?,
        };
        Ok(ParsedIdentifier {
            identifier: other,
            needs_confirmation: false,
        })
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
    ) -> Result<ParsedIdentifier, InvalidIdentifier> {
        let text = read_phone(typed).ok_or(RefusalCode::InvalidPhone)?;
        let home = country.and_then(|code| Region::from_code(code.trim()).ok());
        let (number, is_of_other_country) = match typed_number(&text, home) {
            Some(number) => (number, false),
            None => {
                let other = self.number_of_other_country(&text, home);
                (other.ok_or(RefusalCode::InvalidPhone)?, true)
            }
        };
        if !is_reachable(number.get_type()) {
            return Err(RefusalCode::InvalidPhone.into());
        }
        let identifier = to_identifier(&number);
        let region = identifier.country();
        if region.is_none_or(|region| !self.countries.contains(region)) {
            return Err(InvalidIdentifier {
                code: RefusalCode::CountryNotServed,
                country: region.map(str::to_owned),
            });
        }
        let is_fixed_line = number.get_type() == PhoneNumberType::FixedLine;
        Ok(ParsedIdentifier {
            needs_confirmation: is_of_other_country || is_fixed_line,
            identifier,
        })
    }

    /// The number that a person likely meant who chose a wrong country: the only mobile number that
    /// the text is in another served country, or with its calling code but without `+`.
    fn number_of_other_country(&self, text: &str, home: Option<Region>) -> Option<PhoneNumber> {
        let home = home.filter(|_| !text.starts_with('+'))?;
        let international = valid_number(&format!("+{text}"), None);
        let regions = self
            .countries
            .iter()
            .filter_map(|code| Region::from_code(code).ok());
        let national = regions
            .filter(|region| *region != home)
            .filter_map(|region| {
                let number = valid_number(text, Some(region))?;
                (number.get_region_code() == Some(region)).then_some(number)
            });
        let is_mobile = |number: &PhoneNumber| {
            let kind = number.get_type();
            matches!(
                kind,
                PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile
            )
        };
        let is_served = |number: &PhoneNumber| {
            let region = number.get_region_code();
            region.is_some_and(|region| self.countries.contains(&region.to_string()))
        };
        let international = international.filter(is_served).into_iter();
        let mut mobile = international.chain(national).filter(is_mobile);
        let number = mobile.next()?;
        let canonical =
            |number: &PhoneNumber| number.format_as(PhoneNumberFormat::E164).into_owned();
        let is_same = |other: PhoneNumber| canonical(&other) == canonical(&number);
        mobile.all(is_same).then_some(number)
    }
}

/// Parses a phone number of any country that can receive messages.
pub fn parse_phone_number(typed: &str, country: Option<&str>) -> Option<Identifier> {
    let home = country.and_then(|code| Region::from_code(code.trim()).ok());
    // Letters are refused here: the library would accept `1-800-FLOWERS`.
    let number = typed_number(&read_phone(typed)?, home)?;
    is_reachable(number.get_type()).then(|| to_identifier(&number))
}

/// A phone number as people write it for other countries.
pub fn international_format(identifier: &Identifier) -> String {
    let number = valid_number(identifier.value(), None);
    number.map_or_else(
        || identifier.value().to_owned(),
        |number| {
            number
                .format_as(PhoneNumberFormat::International)
                .into_owned()
        },
    )
}

/// The valid number in a text of digits: one of the home region, else one with the international
/// prefix of other countries than that.
fn typed_number(text: &str, home: Option<Region>) -> Option<PhoneNumber> {
    const INTERNATIONAL_PREFIXES: [&str; 2] = ["00", "011"];
    let with_plus = || {
        let rest = INTERNATIONAL_PREFIXES
            .iter()
            .find_map(|prefix| text.strip_prefix(prefix))?;
        valid_number(&format!("+{rest}"), None)
    };
    valid_number(text, home).or_else(with_plus)
}

/// The valid number without extension in a text of digits.
fn valid_number(text: &str, home: Option<Region>) -> Option<PhoneNumber> {
    let number = PHONE_NUMBER_UTIL.parse(text, home).ok();
    number.filter(|number| number.is_valid() && number.extension.is_none())
}

fn to_identifier(number: &PhoneNumber) -> Identifier {
    let region = number.get_region_code().map(|region| region.to_string());
    let canonical = number.format_as(PhoneNumberFormat::E164).into_owned();
    Identifier::canonical(IdentifierType::PhoneNumber, canonical, region)
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
    let visible: String = typed.chars().filter(|c| !is_invisible(*c)).collect();
    let value = visible.trim().to_lowercase();
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
    // Inside a name joiners matter; at its ends they come from copying.
    let value = typed.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
    let fits =
        is_visible(value) && value.len() <= MAX_NAME_LENGTH && !value.chars().any(char::is_control);
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
            .map(|parsed| parsed.identifier.value().to_owned())
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
            ("tel:+44-7400-123456", None),
            ("“+44 7400 123456”,", Some("US")),
            ("+44\u{2212}7400\u{200b}123456", None),
            ("０７４００　１２３４５６", Some("GB")),
            ("๐๗๔๐๐ ๑๒๓๔๕๖", Some("GB")),
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
    fn the_international_prefix_of_any_country_is_read() {
        for (typed, country) in [
            ("00447400123456", None),
            ("00 44 7400 123456", Some("US")),
            ("00 44 7400 123456", Some("DE")),
            ("011 44 7400 123456", Some("US")),
            ("011 44 7400 123456", Some("GB")),
            ("+44 07400 123456", Some("FR")),
        ] {
            let parsed = parser().parse(typed, country).unwrap();
            assert_eq!(parsed.identifier.value(), "+447400123456", "{typed}");
            assert!(!parsed.needs_confirmation, "{typed}");
        }
    }

    #[test]
    fn fixed_lines_and_numbers_of_another_served_country_need_confirmation() {
        for (typed, country, number, needs_confirmation) in [
            ("+44 7400 123456", Some("US"), "+447400123456", false),
            ("07400 123456", Some("GB"), "+447400123456", false),
            ("07400 123456", Some("US"), "+447400123456", true),
            ("447400123456", Some("US"), "+447400123456", true),
            ("0151 23456789", Some("GB"), "+4915123456789", true),
            ("+44 20 7946 0958", None, "+442079460958", true),
            ("020 7946 0958", Some("GB"), "+442079460958", true),
            ("+39 06 1234 5678", None, "+390612345678", true),
            ("(202) 555-0123", Some("US"), "+12025550123", false),
        ] {
            let parsed = parser().parse(typed, country).unwrap();
            assert_eq!(parsed.identifier.value(), number, "{typed} {country:?}");
            assert_eq!(
                parsed.needs_confirmation, needs_confirmation,
                "{typed} {country:?}"
            );
        }
        for (typed, country) in [
            ("07400 123456", None),
            ("07400 12", Some("US")),
            ("+1 07400 123456", Some("GB")),
            ("202 555 012", Some("US")),
        ] {
            let code = parser().parse(typed, country).unwrap_err().code;
            assert_eq!(code, RefusalCode::InvalidPhone, "{typed} {country:?}");
        }
        let identifier = parser()
            .parse("07400123456", Some("GB"))
            .unwrap()
            .identifier;
        assert_eq!(international_format(&identifier), "+44 7400 123456");
    }

    #[test]
    fn a_mask_keeps_the_calling_code_of_every_country_whole() {
        let all: Vec<String> = ('A'..='Z')
            .flat_map(|a| ('A'..='Z').map(move |b| format!("{a}{b}")))
            .filter(|code| has_numbers(code))
            .collect();
        assert!(all.len() > 200);
        for country in IdentifierParser::new(IdentifierType::PhoneNumber, &all).served_countries() {
            let number = format!("+{}5551234", country.calling_code);
            let phone = Identifier::canonical(IdentifierType::PhoneNumber, number, None);
            let masked = format!("+{} ••• ••• 34", country.calling_code);
            assert_eq!(phone.masked(), masked, "{}", country.code);
        }
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
            email
                .parse(" Ada@Example.com ", None)
                .unwrap()
                .identifier
                .value(),
            "ada@example.com"
        );
        let pasted = "\u{feff}ada@exam\u{200b}ple.com\u{202c}";
        assert_eq!(
            email.parse(pasted, None).unwrap().identifier.value(),
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
        assert_eq!(name.parse(" Ada ", None).unwrap().identifier.value(), "Ada");
        assert_eq!(
            name.parse("\u{feff}Ada\u{200b}", None)
                .unwrap()
                .identifier
                .value(),
            "Ada"
        );
        for typed in ["a\nb", "\u{200b}", "\u{2800}", "\u{3164} \u{feff}"] {
            assert!(name.parse(typed, None).is_err(), "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn parsing_is_idempotent_and_never_panics(
            typed in "\\PC{0,60}|[+0-9 ()./-]{0,30}",
            country in "[A-Z]{2}|.{0,4}",
        ) {
            if let Ok(first) = parser().parse(&typed, Some(&country)) {
                let first = first.identifier;
                let again = parser().parse(first.value(), None).map(|parsed| parsed.identifier);
                prop_assert_eq!(again, Ok(first));
            }
        }
    }
}
