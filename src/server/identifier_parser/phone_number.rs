//! Phone numbers, by libphonenumber's data: parsed into E.164, with the countries that are served.

use std::collections::BTreeSet;
use std::sync::Arc;

use rlibphonenumber::{
    PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, PhoneNumberUtil, Region,
};

use crate::domain::typed_text::read_phone;
use crate::domain::{Identifier, IdentifierType, RefusalCode};
use crate::server::identifier_parser::{InvalidIdentifier, ParsedIdentifier};

#[cfg(test)]
mod tests;

/// Prefixes that are dialled before a calling code, besides those of the chosen country.
const INTERNATIONAL_PREFIXES: [&str; 2] = ["00", "011"];

/// Parses phone numbers of the countries that are served. Cheap to clone.
#[derive(Clone, Debug)]
pub struct PhoneNumberParser {
    countries: Arc<BTreeSet<String>>,
}

/// A country whose numbers are accepted, as the phone field's select shows it.
#[derive(Clone, Debug)]
pub struct ServedCountry {
    /// ISO 3166 alpha-2.
    pub code: String,
    /// E.164 country calling code.
    pub calling_code: u16,
    /// Whether it is the main one of the served countries with its calling code, such as the United
    /// States for 1. Of each calling code one is.
    pub is_main: bool,
    /// An example number in national form, which nobody has.
    pub example: String,
}

impl PhoneNumberParser {
    /// `countries` are ISO 3166 alpha-2 codes.
    pub fn new(countries: &[String]) -> Self {
        Self {
            countries: Arc::new(countries.iter().cloned().collect()),
        }
    }

    /// The served countries that have numbers, in the order of their codes.
    pub fn served_countries(&self) -> Vec<ServedCountry> {
        // A temporary instance: the patterns that it compiles for all countries are then freed.
        let Ok(library) = PhoneNumberUtil::new() else {
            return Vec::new();
        };
        let mut served: Vec<_> = self
            .countries
            .iter()
            .filter_map(|code| served_country(&library, code))
            .collect();
        let mut codes_without_main: BTreeSet<u16> =
            served.iter().map(|country| country.calling_code).collect();
        for country in served.iter().filter(|country| country.is_main) {
            codes_without_main.remove(&country.calling_code);
        }
        for country in &mut served {
            country.is_main |= codes_without_main.remove(&country.calling_code);
        }
        served
    }

    /// Parses a number of a served country.
    ///
    /// # Errors
    /// [`InvalidIdentifier`].
    pub fn parse(
        &self,
        typed: &str,
        country: Option<&str>,
    ) -> Result<ParsedIdentifier, InvalidIdentifier> {
        let text = read_phone(typed).ok_or(RefusalCode::InvalidPhone)?;
        let home = country.and_then(|code| Region::from_code(code.trim()).ok());
        let (number, is_of_other_country) = match typed_number(&text, home) {
            Some(number) => {
                let is_of_other_country = is_of_neighbour(&text, home, &number);
                (number, is_of_other_country)
            }
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

/// The valid number in a text of digits: one with the international prefix `00`, else one of the
/// home region, else one with the prefix of other countries than that.
///
/// No country has national numbers that begin with `00`, but some have longer prefixes that do.
fn typed_number(text: &str, home: Option<Region>) -> Option<PhoneNumber> {
    let after = |prefix| valid_number(&format!("+{}", text.strip_prefix(prefix)?), None);
    let [usual, american] = INTERNATIONAL_PREFIXES;
    after(usual)
        .or_else(|| valid_number(text, home))
        .or_else(|| after(american))
}

/// Whether a national number is of another country than the chosen one, which shares its calling
/// code, as the countries with +1 do. A number with a `+` or an international prefix says itself
/// which country is meant, whichever prefix the chosen country has.
fn is_of_neighbour(text: &str, home: Option<Region>, number: &PhoneNumber) -> bool {
    let is_international = text.starts_with('+')
        || INTERNATIONAL_PREFIXES
            .iter()
            .any(|prefix| text.starts_with(prefix));
    let shares_code =
        |home| PHONE_NUMBER_UTIL.get_country_code_for_region(home) == Some(number.country_code);
    home.is_some_and(|home| {
        !is_international && shares_code(home) && !number.is_valid_for_region(home)
    })
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
        is_main: library.get_region_for_country_code(calling_code) == Some(region),
        example: library
            .format(&example, PhoneNumberFormat::National)
            .into_owned(),
    })
}
