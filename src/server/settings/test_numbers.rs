//! `[[test_numbers]]`: numbers whose messages are kept for the operator instead of being sent.
//!
//! In the file, tables with `phone` and `until`. In a variable,
//! `+447400123456=2026-11-22,+447400123457=2026-12-24T18:00:00Z`.
//!
//! - `form`: parses both

use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::domain::{Identifier, IdentifierType};
use crate::server::identifier_parser::parse_phone_number;
use crate::server::settings::written_time::WrittenTime;
use crate::server::settings::{ConfigError, Secret, Settings};

mod form;

const KEY: &str = "test_numbers";
/// Tests need few, and every message is compared with each.
pub const MAX_COUNT: usize = 20;
/// How far ahead the end may be. A number that is needed longer must be renewed.
pub const MAX_DURATION: Duration = Duration::from_secs(90 * 86_400);

/// The test numbers, none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestNumbersSettings(pub Vec<TestNumber>);

/// A test number as written.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestNumber {
    /// In international form. Hidden from `Debug`, like all numbers.
    pub phone: Option<Secret>,
    /// When the test number ends.
    pub until: Option<WrittenTime>,
}

/// A parsed test number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct ParsedTestNumber {
    pub identifier: Identifier,
    /// When it ends.
    pub until: Timestamp,
}

/// How many test numbers there are at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestNumberCounts {
    /// Those that have not ended.
    pub in_force: usize,
    /// Those that have ended.
    pub ended: usize,
    /// The latest end.
    pub until: Timestamp,
}

impl TestNumberCounts {
    /// Counts a list; none if it is empty.
    pub fn of(parsed: &[ParsedTestNumber], now: Timestamp) -> Option<Self> {
        let until = parsed.iter().map(|number| number.until).max()?;
        let ended = parsed.iter().filter(|number| number.until <= now).count();
        Some(Self {
            in_force: parsed.len() - ended,
            ended,
            until,
        })
    }
}

impl TestNumbersSettings {
    /// The numbers that can be parsed: all of them, if there are no errors.
    pub fn parsed(&self) -> Vec<ParsedTestNumber> {
        self.0
            .iter()
            .filter_map(|number| number.parse().ok())
            .collect()
    }

    pub(super) fn validate(
        &self,
        settings: &Settings,
        now: Timestamp,
        errors: &mut Vec<ConfigError>,
    ) {
        let mut error = |text: String| errors.push(ConfigError::new(KEY, text));
        if self.0.is_empty() {
            return;
        }
        if !settings.gateway.is_on() {
            error(
                "needs the SMS gateway: without it the tenant sends these messages itself; set \
                 gateway.api_key"
                    .into(),
            );
        }
        if self.0.len() > MAX_COUNT {
            error(format!("must not be more than {MAX_COUNT}"));
        }
        let mut seen: Vec<Identifier> = Vec::new();
        for (index, number) in self.0.iter().enumerate() {
            let found = number.parse().and_then(|parsed| {
                let invalid = parsed.find_error(settings, now).or_else(|| {
                    seen.contains(&parsed.identifier)
                        .then(|| "is listed twice".to_owned())
                });
                seen.push(parsed.identifier);
                invalid.map_or(Ok(()), Err)
            });
            if let Err(invalid) = found {
                // By position, because errors are printed and must not show a number.
                error(format!("entry {} {invalid}", index + 1));
            }
        }
    }
}

impl TestNumber {
    /// Parses the number and its end. An error is the end of a sentence that starts with the entry.
    fn parse(&self) -> Result<ParsedTestNumber, String> {
        let identifier = self
            .phone
            .as_ref()
            .and_then(|phone| parse_phone_number(phone.expose(), None));
        let identifier =
            identifier.ok_or("has no `phone` in international form, such as +447400123456")?;
        let until = self.until.as_ref().ok_or_else(|| {
            format!(
                "has no `until`: name the day on which it ends, at most {} days ahead",
                days(MAX_DURATION)
            )
        })?;
        Ok(ParsedTestNumber {
            identifier,
            until: until
                .parse()
                .map_err(|text| format!("has `until` = {text}"))?,
        })
    }
}

impl PartialEq for TestNumber {
    fn eq(&self, other: &Self) -> bool {
        let [own, others] = [self, other].map(|number| number.phone.as_ref().map(Secret::expose));
        own == others && self.until == other.until
    }
}

impl Eq for TestNumber {}

impl ParsedTestNumber {
    fn find_error(&self, settings: &Settings, now: Timestamp) -> Option<String> {
        let country = self.identifier.country().unwrap_or_default();
        // Countries are limited only where users enter phone numbers.
        let counts = settings.sign_in.identifier == IdentifierType::PhoneNumber;
        if counts
            && !settings
                .guard
                .countries
                .iter()
                .any(|served| served == country)
        {
            return Some(format!(
                "is of a country ({country}) that guard.countries does not name: nobody can sign \
                 in with it"
            ));
        }
        // An ended number is harmless, and must not make a restart fail.
        (self.until > now + MAX_DURATION)
            .then(|| format!("must end within {} days from now", days(MAX_DURATION)))
    }
}

fn days(duration: Duration) -> u64 {
    duration.as_secs() / 86_400
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::settings::load;

    /// 2026-03-20T09:46:40Z.
    const NOW: Timestamp = Timestamp::from_secs(1_774_000_000);

    fn from_variable(text: &str, more: &[(&str, &str)]) -> Settings {
        let on = [
            ("TEST_NUMBERS", text),
            ("GATEWAY__API_KEY", "0123456789abcdef"),
        ];
        let variables = on
            .iter()
            .chain(more)
            .map(|(name, value)| (format!("LATCHKEY_{name}"), (*value).to_owned()));
        load(None, variables).unwrap()
    }

    fn errors(text: &str) -> Vec<String> {
        errors_of(&from_variable(text, &[]))
    }

    fn errors_of(settings: &Settings) -> Vec<String> {
        let all = settings
            .validate(NOW)
            .into_iter()
            .filter(|error| error.key == KEY);
        all.map(|error| error.to_string()).collect()
    }

    fn from_file(text: &str) -> Result<Settings, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("latchkey.toml");
        std::fs::write(&path, text).unwrap();
        load(Some(&path), std::iter::empty()).map_err(|error| error.to_string())
    }

    #[test]
    fn tables_and_a_variable_are_equivalent() {
        let file = from_file(
            "[[test_numbers]]\nphone = \"+44 7400 123456\"\nuntil = 2026-05-01\n\
             [[test_numbers]]\nphone = \"+447400123457\"\nuntil = \"2026-05-01T20:00:00+02:00\"\n\
             [[test_numbers]]\nphone = \"+447400123458\"\nuntil = 2026-05-01T18:00:00Z\n",
        )
        .unwrap();
        let variable = from_variable(
            "+447400123456=2026-05-01, +447400123457 = 2026-05-01T20:00:00+02:00 \
             ,+447400123458=2026-05-01T18:00:00Z,",
            &[],
        );
        assert_eq!(file.test_numbers.parsed(), variable.test_numbers.parsed());
        assert_eq!(errors_of(&variable), [""; 0]);
        let read: Vec<_> = file
            .test_numbers
            .parsed()
            .into_iter()
            .map(|l| (l.identifier.value().to_owned(), l.until.to_rfc3339()))
            .collect();
        let expected = [
            ("56", "00:00:00Z"),
            ("57", "18:00:00Z"),
            ("58", "18:00:00Z"),
        ]
        .map(|(end, time)| (format!("+4474001234{end}"), format!("2026-05-01T{time}")));
        assert_eq!(read, expected);
        assert_eq!(Settings::default().test_numbers.parsed(), []);
    }

    #[test]
    fn an_end_within_90_days_is_required() {
        let end = |until: &str| errors(&format!("+447400123456={until}")).concat();
        // Dates up to 90 days ahead, and the last second before the limit.
        for valid in [
            "2026-06-18",
            "2026-06-18T09:46:40Z",
            "2026-03-21",
            "2026-06-18T11:46:40+02:00",
        ] {
            assert_eq!(end(valid), "", "{valid}");
        }
        for over in ["2026-03-20", "2026-03-20T09:46:40Z", "2020-01-01"] {
            assert_eq!(
                end(over),
                "",
                "{over}: a restart does not fail for one that has ended"
            );
        }
        for far in ["2026-06-19", "2026-06-18T09:46:41Z", "2099-12-31"] {
            assert!(
                end(far).contains("entry 1 must end within 90 days"),
                "{far}: {}",
                end(far)
            );
        }
        for unread in [
            "tomorrow",
            "2026-02-30",
            "2026-05-01T18:00:00",
            "20260501",
            "1960-01-01",
            "26-05-01",
            "90d",
        ] {
            assert!(
                end(unread).contains("write a date"),
                "{unread}: {}",
                end(unread)
            );
        }
        assert!(end("").contains("has no `until`"), "{}", end(""));
        assert!(errors("+447400123456").concat().contains("has no `until`"));
        let undated = from_file("[[test_numbers]]\nphone = \"+447400123456\"\n").unwrap();
        assert!(errors_of(&undated).concat().contains("has no `until`"));
        let nameless = from_file("[[test_numbers]]\nuntil = 2026-05-01\n").unwrap();
        assert!(errors_of(&nameless).concat().contains("has no `phone`"));
    }

    #[test]
    fn numbers_that_could_not_sign_in_are_refused() {
        for (numbers, word) in [
            (
                "+447400765432=2026-05-01,+44 7400 765432=2026-05-02",
                "entry 2 is listed twice",
            ),
            ("07400765432=2026-05-01", "entry 1 has no `phone`"),
            ("+44 7400=2026-05-01", "entry 1 has no `phone`"),
            ("+1 900 555 0123=2026-05-01", "entry 1 has no `phone`"),
            ("=2026-05-01", "entry 1 has no `phone`"),
            (
                "+447400765432=2026-05-01,+79123456789=2026-05-01",
                "entry 2 is of a country (RU)",
            ),
        ] {
            let found = errors(numbers);
            assert!(
                found.len() == 1 && found[0].contains(word),
                "{numbers}: {found:?}"
            );
            assert!(
                found[0].contains("(variable LATCHKEY_TEST_NUMBERS)")
                    && !found[0].contains("765432"),
                "{found:?}"
            );
        }
        let abroad = from_variable(
            "+79123456789=2026-05-01",
            &[("SIGN_IN__IDENTIFIER", "email")],
        );
        assert_eq!(errors_of(&abroad), [""; 0], "people type addresses");
        let many = |count: usize| {
            let numbers = (0..count).map(|number| format!("+4474001234{number:02}=2026-05-01"));
            errors(&numbers.collect::<Vec<_>>().join(","))
        };
        assert_eq!(many(MAX_COUNT), [""; 0]);
        assert!(many(MAX_COUNT + 1).concat().contains("more than 20"));
    }

    #[test]
    fn test_numbers_require_the_gateway() {
        let settings = from_variable("+447400123456=2026-05-01", &[]);
        let off = Settings {
            gateway: crate::server::settings::SmsGatewaySettings::default(),
            ..settings
        };
        assert!(
            errors_of(&off).concat().contains("needs the SMS gateway"),
            "{:?}",
            errors_of(&off)
        );
        assert_eq!(
            errors_of(&Settings {
                test_numbers: TestNumbersSettings::default(),
                ..off
            }),
            [""; 0]
        );
    }

    #[test]
    fn malformed_entries_are_refused_without_showing_a_number() {
        for (text, word) in [
            (
                "[[test_numbers]]\nphone = 447400123456\nuntil = 2026-05-01",
                "test_numbers[0].phone: must be a text",
            ),
            (
                "[[test_numbers]]\nphone = \"+447400123456\"\nuntil = 90",
                "test_numbers[0].until: must be a date",
            ),
            (
                "[[test_numbers]]\nphone = \"+447400123456\"\nend = 2026-05-01",
                "unknown field `end`",
            ),
            ("test_numbers = 3", "tables [[test_numbers]]"),
        ] {
            let errors = from_file(text).unwrap_err();
            assert!(
                errors.contains(word) && errors.contains("latchkey.toml line"),
                "{errors}"
            );
            assert!(!errors.contains("7400"), "{errors}");
        }
        let settings = from_variable("+447400123456=2026-05-01", &[]);
        assert!(!format!("{settings:?}").contains("7400"));
        assert!(!toml::to_string(&settings).unwrap().contains("7400"));
    }
}
