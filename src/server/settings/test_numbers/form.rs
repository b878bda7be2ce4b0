//! Parses test numbers: tables in the file, or one text in a variable.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::domain::timestamp::Timestamp;
use crate::server::settings::Secret;
use crate::server::settings::test_numbers::{TestNumber, TestNumbersSettings};

/// A date, or a date and time, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Until(String);

impl Until {
    /// Parses the time. An error is the end of a sentence that starts with the entry.
    pub(super) fn parse(&self) -> Result<Timestamp, String> {
        let time = self.0.parse::<jiff::Timestamp>().ok().or_else(|| {
            // The library would read a date and time without offset as a date.
            let date =
                (self.0.len() == "2026-11-22".len()).then(|| self.0.parse::<Date>().ok())??;
            Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
        });
        let millis = time.and_then(|time| u64::try_from(time.as_millisecond()).ok());
        millis.map(Timestamp::from_millis).ok_or_else(|| {
            format!("has `until` = `{}`: write a date or a date and time with offset, such as 2026-11-22 or 2026-11-22T18:00:00Z", self.0)
        })
    }
}

/// The value of a variable. Errors in it are reported when the settings are validated.
impl FromStr for TestNumbersSettings {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let entries = text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty());
        let read = |entry: &str| {
            let (phone, until) = entry.split_once('=').unwrap_or((entry, ""));
            let until = Some(until.trim()).filter(|until| !until.is_empty());
            TestNumber {
                phone: Some(Secret::new(phone.trim())),
                until: until.map(|until| Until(until.to_owned())),
            }
        };
        Ok(Self(entries.map(read).collect()))
    }
}

impl Serialize for TestNumbersSettings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Their count is not secret; the numbers are.
        let entries: Vec<&str> = self.0.iter().map(|_| "(redacted)").collect();
        serializer.serialize_str(&entries.join(","))
    }
}

impl<'de> Deserialize<'de> for TestNumbersSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TablesOrText)
    }
}

struct TablesOrText;

impl<'de> Visitor<'de> for TablesOrText {
    type Value = TestNumbersSettings;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tables [[test_numbers]], each with phone and until")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<TestNumbersSettings, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut tables: A) -> Result<TestNumbersSettings, A::Error> {
        let mut numbers = Vec::new();
        while let Some(number) = tables.next_element()? {
            numbers.push(number);
        }
        Ok(TestNumbersSettings(numbers))
    }
}

impl<'de> Deserialize<'de> for Until {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // TOML dates need no quotes.
        match toml::Value::deserialize(deserializer) {
            Ok(toml::Value::String(text)) => Ok(Self(text)),
            Ok(toml::Value::Datetime(date)) => Ok(Self(date.to_string())),
            _ => Err(de::Error::custom("must be a date, such as 2026-11-22")),
        }
    }
}
