//! `[[test_numbers]]`: numbers whose messages no provider is asked to carry, each with an end.
//!
//! In the file tables, each with `phone` and `until`; in a variable, where there are no tables,
//! `+447400123456=2026-11-22,+447400123457=2026-12-24T18:00:00Z`.
//!
//! - `form`: how both are read

use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::domain::{Identifier, IdentifierType};
use crate::server::settings::{ConfigError, Secret, Settings};
use crate::server::sign_in::identifier_parser::phone_number;

mod form;

pub use form::Until;

const KEY: &str = "test_numbers";
/// Most numbers: tests need few, and each one is looked at with every message.
pub const MOST: usize = 20;
/// How far off the end may be: whoever still needs the number then says so again.
pub const LONGEST: Duration = Duration::from_secs(90 * 86_400);

/// The numbers, none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestNumbersSettings(pub Vec<TestNumber>);

/// One of them, as it is written.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestNumber {
    /// In international form. Hidden from `Debug`, as numbers are everywhere.
    pub phone: Option<Secret>,
    /// From when on the number is like any other: a date (its beginning in UTC), or a date and time
    /// with offset (RFC 3339).
    pub until: Option<Until>,
}

/// A number, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestNumberList {
    /// Canonical.
    pub identifier: Identifier,
    /// From then on it is like any other.
    pub until: Timestamp,
}

/// How many numbers there are at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Those whose end is still to come.
    pub in_force: usize,
    /// Those whose end has passed.
    pub ended: usize,
    /// The latest end of all.
    pub until: Timestamp,
}

impl Tally {
    /// That of a list; nothing if it is empty.
    pub fn of(listed: &[TestNumberList], now: Timestamp) -> Option<Self> {
        let until = listed.iter().map(|number| number.until).max()?;
        let ended = listed.iter().filter(|number| number.until <= now).count();
        Some(Self {
            in_force: listed.len() - ended,
            ended,
            until,
        })
    }
}

impl TestNumbersSettings {
    /// The numbers that can be read: all of them, where there are no complaints.
    pub fn listed(&self) -> Vec<TestNumberList> {
        self.0
            .iter()
            .filter_map(|number| number.read().ok())
            .collect()
    }

    pub(super) fn complaints(
        &self,
        settings: &Settings,
        now: Timestamp,
        complaints: &mut Vec<ConfigError>,
    ) {
        let mut complain = |text: String| complaints.push(ConfigError::new(KEY, text));
        if self.0.is_empty() {
            return;
        }
        if !settings.gateway.is_on() {
            complain(
                "needs the SMS gateway: without it the tenant sends these messages itself; set gateway.api_key".into(),
            );
        }
        if self.0.len() > MOST {
            complain(format!("must not be more than {MOST}"));
        }
        let mut seen: Vec<Identifier> = Vec::new();
        for (index, number) in self.0.iter().enumerate() {
            let found = number.read().and_then(|listed| {
                let wrong = listed.wrong(settings, now).or_else(|| {
                    seen.contains(&listed.identifier)
                        .then(|| "is there twice".to_owned())
                });
                seen.push(listed.identifier);
                wrong.map_or(Ok(()), Err)
            });
            if let Err(wrong) = found {
                // By its place: complaints are printed, and a number is not.
                complain(format!("entry {} {wrong}", index + 1));
            }
        }
    }
}

impl TestNumber {
    /// The number and its end, or what is wrong with them in words that go on after the entry's
    /// name.
    fn read(&self) -> Result<TestNumberList, String> {
        let identifier = self
            .phone
            .as_ref()
            .and_then(|phone| phone_number(phone.expose(), None));
        let identifier =
            identifier.ok_or("has no `phone` in international form, such as +447400123456")?;
        let until = self.until.as_ref().ok_or_else(|| {
            format!(
                "has no `until`: name the day on which it ends, at most {} days ahead",
                days(LONGEST)
            )
        })?;
        Ok(TestNumberList {
            identifier,
            until: until.read()?,
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

impl TestNumberList {
    fn wrong(&self, settings: &Settings, now: Timestamp) -> Option<String> {
        let country = self.identifier.country().unwrap_or_default();
        // Countries count where people type numbers.
        let counts = settings.sign_in.identifier == IdentifierType::PhoneNumber;
        if counts
            && !settings
                .guard
                .countries
                .iter()
                .any(|served| served == country)
        {
            return Some(format!(
                "is of a country ({country}) that guard.countries does not name: nobody can sign in with it"
            ));
        }
        // One that has ended does no harm, and a restart must not fail for it.
        (self.until > now + LONGEST)
            .then(|| format!("must end within {} days from now", days(LONGEST)))
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

    fn complaints(text: &str) -> Vec<String> {
        told(&from_variable(text, &[]))
    }

    fn told(settings: &Settings) -> Vec<String> {
        let all = settings
            .complaints(NOW)
            .into_iter()
            .filter(|complaint| complaint.key == KEY);
        all.map(|complaint| complaint.to_string()).collect()
    }

    fn from_file(text: &str) -> Result<Settings, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("latchkey.toml");
        std::fs::write(&path, text).unwrap();
        load(Some(&path), std::iter::empty()).map_err(|error| error.to_string())
    }

    #[test]
    fn tables_and_a_variable_say_the_same() {
        let file = from_file(
            "[[test_numbers]]\nphone = \"+44 7400 123456\"\nuntil = 2026-05-01\n\
             [[test_numbers]]\nphone = \"+447400123457\"\nuntil = \"2026-05-01T20:00:00+02:00\"\n\
             [[test_numbers]]\nphone = \"+447400123458\"\nuntil = 2026-05-01T18:00:00Z\n",
        )
        .unwrap();
        let variable = from_variable(
            "+447400123456=2026-05-01, +447400123457 = 2026-05-01T20:00:00+02:00 ,+447400123458=2026-05-01T18:00:00Z,",
            &[],
        );
        assert_eq!(file.test_numbers.listed(), variable.test_numbers.listed());
        assert_eq!(told(&variable), [""; 0]);
        let read: Vec<_> = file
            .test_numbers
            .listed()
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
        assert_eq!(Settings::default().test_numbers.listed(), []);
    }

    #[test]
    fn each_needs_an_end_within_90_days() {
        let end = |until: &str| complaints(&format!("+447400123456={until}")).concat();
        // The day itself, and its last moment that is not too far off.
        for fine in [
            "2026-06-18",
            "2026-06-18T09:46:40Z",
            "2026-03-21",
            "2026-06-18T11:46:40+02:00",
        ] {
            assert_eq!(end(fine), "", "{fine}");
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
        assert!(
            complaints("+447400123456")
                .concat()
                .contains("has no `until`")
        );
        let undated = from_file("[[test_numbers]]\nphone = \"+447400123456\"\n").unwrap();
        assert!(told(&undated).concat().contains("has no `until`"));
        let nameless = from_file("[[test_numbers]]\nuntil = 2026-05-01\n").unwrap();
        assert!(told(&nameless).concat().contains("has no `phone`"));
    }

    #[test]
    fn what_could_not_sign_in_is_refused() {
        for (numbers, word) in [
            (
                "+447400765432=2026-05-01,+44 7400 765432=2026-05-02",
                "entry 2 is there twice",
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
            let found = complaints(numbers);
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
        assert_eq!(told(&abroad), [""; 0], "people type addresses");
        let many = |count: usize| {
            let numbers = (0..count).map(|number| format!("+4474001234{number:02}=2026-05-01"));
            complaints(&numbers.collect::<Vec<_>>().join(","))
        };
        assert_eq!(many(MOST), [""; 0]);
        assert!(many(MOST + 1).concat().contains("more than 20"));
    }

    #[test]
    fn without_the_gateway_nobody_would_see_a_code() {
        let settings = from_variable("+447400123456=2026-05-01", &[]);
        let off = Settings {
            gateway: crate::server::settings::SmsGatewaySettings::default(),
            ..settings
        };
        assert!(
            told(&off).concat().contains("needs the SMS gateway"),
            "{:?}",
            told(&off)
        );
        assert_eq!(
            told(&Settings {
                test_numbers: TestNumbersSettings::default(),
                ..off
            }),
            [""; 0]
        );
    }

    #[test]
    fn what_has_another_form_is_refused_and_no_number_is_shown() {
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
            let told = from_file(text).unwrap_err();
            assert!(
                told.contains(word) && told.contains("(variable LATCHKEY_TEST_NUMBERS"),
                "{told}"
            );
            assert!(!told.contains("7400"), "{told}");
        }
        let settings = from_variable("+447400123456=2026-05-01", &[]);
        assert!(!format!("{settings:?}").contains("7400"));
        assert!(!toml::to_string(&settings).unwrap().contains("7400"));
    }
}
