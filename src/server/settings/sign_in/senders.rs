//! `sign_in.senders`: the sender that a phone shows, by the country of the phone.

use serde::{Deserialize, Serialize};

use crate::server::identifier_parser::{has_calling_code, has_numbers};
use crate::server::settings::ConfigError;
use crate::server::settings::text_table::TextTable;

const KEY: &str = "sign_in.senders";

/// The longest `sender_id` that Transmit accepts, in characters. It is also that of an alphanumeric
/// sender (GSM 03.40 §9.1.2.5).
pub const MAX_SENDER_ID: usize = 11;

/// Digits of a number with its country code (E.164 §6.1).
const NUMBER_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Digits of a short code, over all countries.
const SHORT_CODE_DIGITS: std::ops::RangeInclusive<usize> = 3..=8;
/// Countries whose carriers deliver no message with an alphanumeric sender.
const WITHOUT_ALPHANUMERIC_SENDERS: [&str; 2] = ["US", "CA"];

/// The senders by country (ISO 3166 alpha-2). A country that is not listed has the default sender.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "TextTable", into = "TextTable")]
pub struct Senders(TextTable);

/// Countries are in capitals.
impl From<TextTable> for Senders {
    fn from(table: TextTable) -> Self {
        Self(table.with_keys(str::to_ascii_uppercase))
    }
}

impl From<Senders> for TextTable {
    fn from(senders: Senders) -> Self {
        senders.0
    }
}

impl Senders {
    /// The sender of a country.
    pub fn of(&self, country: Option<&str>) -> Option<&str> {
        self.0.get(country?)
    }

    /// `served` are the countries whose numbers are accepted.
    pub(in crate::server::settings) fn validate(
        &self,
        served: &[String],
        errors: &mut Vec<ConfigError>,
    ) {
        for (at, (country, sender)) in self.0.iter().enumerate() {
            let error = if !has_numbers(country) {
                Some("is no country: ISO 3166 alpha-2 codes are, such as US or GB".to_owned())
            } else if !served.iter().any(|listed| listed == country) {
                Some("is not in guard.countries: no code is sent there".to_owned())
            } else if self.0.is_repeated(at) {
                Some("is listed twice".to_owned())
            } else {
                sender_error(sender)
                    .map(|error| format!("has the sender `{sender}`, which {error}"))
            };
            let error = error.map(|error| ConfigError::new(KEY, format!("`{country}` {error}")));
            errors.extend(error);
        }
    }

    /// Valid senders that do not do what they say. Only our own gateway (`has_gateway`) can use
    /// senders that are too long for Transmit.
    pub fn warnings(&self, has_gateway: bool) -> Vec<String> {
        let mut warnings = Vec::new();
        for (country, sender) in self.0.iter() {
            if !has_gateway && !fits_upstream(sender) {
                warnings.push(format!(
                    "{KEY}: Transmit takes no sender of more than {MAX_SENDER_ID} characters, so \
                     that of {country} is used only where [gateway] delivers the messages; the \
                     tenant's own sender is used"
                ));
            }
            if WITHOUT_ALPHANUMERIC_SENDERS.contains(&country) && is_alphanumeric(sender) {
                warnings.push(format!(
                    "{KEY}: carriers of {country} deliver no message of an alphanumeric sender: \
                     name a number or a short code"
                ));
            }
        }
        warnings
    }
}

/// Whether Transmit accepts the sender as `sender_id`.
pub fn fits_upstream(sender: &str) -> bool {
    sender.chars().count() <= MAX_SENDER_ID
}

fn is_number_or_code(sender: &str) -> bool {
    sender.starts_with('+') || sender.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_alphanumeric(sender: &str) -> bool {
    !is_number_or_code(sender)
}

/// What is wrong with a sender, as the end of a sentence. The three forms and the characters are
/// those that Twilio documents for `From`; the lengths are those of E.164 and GSM 03.40.
pub(in crate::server::settings) fn sender_error(sender: &str) -> Option<&'static str> {
    if sender.is_empty() {
        return Some("is empty; leave it out to use the default sender");
    }
    if let Some(digits) = sender.strip_prefix('+') {
        let is_number = NUMBER_DIGITS.contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && has_calling_code(sender);
        return (!is_number).then_some(
            "is no number in E.164: + and 7 to 15 digits that begin with a country code, without \
             spaces",
        );
    }
    if is_number_or_code(sender) {
        return (!SHORT_CODE_DIGITS.contains(&sender.len())).then_some(
            "is neither a short code, which has 3 to 8 digits, nor a number, which needs + and its \
             country code",
        );
    }
    let is_sender_character =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '+' | '-' | '_' | '&');
    let is_valid = fits_upstream(sender)
        && sender.chars().all(is_sender_character)
        && sender.trim() == sender
        && sender.bytes().any(|byte| byte.is_ascii_alphabetic());
    (!is_valid).then_some(
        "is no alphanumeric sender: 1 to 11 characters, of A-Z, a-z, 0-9, space, +, -, _ and &, \
         among them a letter, and no space at the ends",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::settings::{Settings, SignInSettings, load};

    fn variables(variables: &[(&str, &str)]) -> Result<Settings, String> {
        let variables = variables
            .iter()
            .map(|(name, value)| (format!("LATCHKEY_SIGN_IN__{name}"), (*value).to_owned()));
        load(None, variables).map_err(|error| error.to_string())
    }

    fn errors(text: &str) -> Vec<String> {
        let mut errors = Vec::new();
        let served = ["US", "GB", "DE", "FR"].map(str::to_owned);
        Senders::from(TextTable::parse(text).unwrap()).validate(&served, &mut errors);
        errors.into_iter().map(|error| error.to_string()).collect()
    }

    #[test]
    fn a_table_and_variables_are_equivalent() {
        let table = "[senders]\nUS = \"+12025550100\"\nGB = \"Acme Ltd\"";
        let table = toml::from_str::<SignInSettings>(table).unwrap().senders;
        let one = variables(&[("SENDERS", " GB = Acme Ltd, US=+12025550100 ,")]).unwrap();
        assert_eq!(table, one.sign_in.senders);
        let each =
            variables(&[("SENDERS__US", "+12025550100"), ("SENDERS__GB", "Acme Ltd")]).unwrap();
        assert_eq!(each.sign_in.senders.of(Some("GB")), Some("Acme Ltd"));
        // As `check --dump` prints it.
        let written = toml::Value::try_from(&each.sign_in.senders).unwrap();
        assert_eq!(written.as_str(), Some("GB=Acme Ltd,US=+12025550100"));
        assert_eq!(table.of(Some("US")), Some("+12025550100"));
        assert_eq!(table.of(Some("DE")), None);
        assert_eq!(table.of(None), None);
        assert_eq!(variables(&[]).unwrap().sign_in.senders, Senders::default());
        let error = variables(&[("SENDERS", "Acme")]).unwrap_err();
        assert!(
            error.starts_with(KEY) && error.contains("KEY=TEXT"),
            "{error}"
        );
        assert!(toml::from_str::<SignInSettings>("senders = 3").is_err());
    }

    #[test]
    fn a_sender_is_a_number_a_short_code_or_alphanumeric() {
        for sender in [
            "+12025550100",
            "+447400123456",
            "+49891234567890",
            "12345",
            "774",
            "12345678",
            "Acme",
            "ACME Ltd 24",
            "a-b_c&d+e",
            "4you",
            "A",
        ] {
            assert_eq!(errors(&format!("GB={sender}")), [""; 0], "{sender}");
        }
        for (sender, word) in [
            ("", "empty"),
            ("+1 202 555 0100", "E.164"),
            ("+123456", "E.164"),
            ("+4474001234567890", "E.164"),
            ("+0447400123456", "E.164"),
            ("+999740012345", "E.164"),
            ("+44740012345a", "E.164"),
            ("+", "E.164"),
            ("12", "short code"),
            ("123456789", "short code"),
            ("447400123456", "short code"),
            ("Acme Limited", "alphanumeric"),
            ("Acme!", "alphanumeric"),
            ("Acmé", "alphanumeric"),
            ("Ac\tme", "alphanumeric"),
            ("1-2", "alphanumeric"),
        ] {
            let found = errors(&format!("GB={sender}"));
            assert!(
                found.len() == 1 && found[0].starts_with(KEY) && found[0].contains(word),
                "{sender}: {found:?}"
            );
        }
        let padded = "[senders]\nGB = \" Acme\"";
        let padded = toml::from_str::<SignInSettings>(padded).unwrap().senders;
        let mut found = Vec::new();
        padded.validate(&["GB".to_owned()], &mut found);
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn a_country_is_known_served_and_listed_once() {
        for (text, word) in [
            ("UK=Acme", "is no country"),
            ("XX=Acme", "is no country"),
            ("GBR=Acme", "is no country"),
            ("=Acme", "is no country"),
            ("NL=Acme", "guard.countries"),
            ("GB=Acme,gb=Other", "twice"),
        ] {
            let found = errors(text);
            assert!(
                found.len() == 1 && found[0].contains(word),
                "{text}: {found:?}"
            );
        }
    }

    #[test]
    fn only_what_transmit_accepts_is_sent_upstream() {
        let mut settings = SignInSettings {
            sender_id: Some("Default".to_owned()),
            senders: Senders::from(TextTable::parse("US=+12025550100,GB=Acme,FR=36180").unwrap()),
            ..SignInSettings::default()
        };
        for (country, sender) in [
            (Some("GB"), Some("Acme")),
            (Some("FR"), Some("36180")),
            // Never the default: the setting says that it is not right there.
            (Some("US"), None),
            (Some("DE"), Some("Default")),
            (None, Some("Default")),
        ] {
            assert_eq!(settings.sender_id(country), sender, "{country:?}");
        }
        settings.sender_id = None;
        assert_eq!(settings.sender_id(Some("DE")), None);
    }

    #[test]
    fn senders_without_effect_are_warned_of() {
        let senders = Senders::from(TextTable::parse("US=+12025550100,GB=Acme,CA=Acme").unwrap());
        let (without, with) = (senders.warnings(false), senders.warnings(true));
        assert!(
            without.len() == 2 && without[0].contains("US") && without[0].contains("[gateway]"),
            "{without:?}"
        );
        assert!(with.len() == 1 && with[0].contains("CA"), "{with:?}");
    }
}
