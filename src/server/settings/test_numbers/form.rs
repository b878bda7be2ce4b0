//! How test numbers are written: tables in the file, one text in a variable, and ends in either.

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

/// A date or a date and time, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Until(String);

impl Until {
    /// The moment that is meant, or what is wrong in words that go on after the entry's name.
    pub(super) fn read(&self) -> Result<Timestamp, String> {
        let moment = self.0.parse::<jiff::Timestamp>().ok().or_else(|| {
            // The library would read a date and time without offset as a date.
            let date =
                (self.0.len() == "2026-11-22".len()).then(|| self.0.parse::<Date>().ok())??;
            Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
        });
        let millis = moment.and_then(|moment| u64::try_from(moment.as_millisecond()).ok());
        millis.map(Timestamp::from_millis).ok_or_else(|| {
            format!("has `until` = `{}`: write a date or a date and time with offset, such as 2026-11-22 or 2026-11-22T18:00:00Z", self.0)
        })
    }
}

/// The form that a variable has. What is wrong in it is complained about with the other settings.
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
        // How many there are is no secret; which ones is.
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
        // TOML has dates of its own, which need no quotes.
        match toml::Value::deserialize(deserializer) {
            Ok(toml::Value::String(text)) => Ok(Self(text)),
            Ok(toml::Value::Datetime(date)) => Ok(Self(date.to_string())),
            _ => Err(de::Error::custom("must be a date, such as 2026-11-22")),
        }
    }
}
