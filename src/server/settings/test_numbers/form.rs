//! Parses test numbers: tables in the file, or one text in a variable.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::server::settings::Secret;
use crate::server::settings::table_or_text::entries;
use crate::server::settings::test_numbers::{TestNumber, TestNumbersSettings};
use crate::server::settings::written_time::WrittenTime;

/// The value of a variable. Errors in it are reported when the settings are validated.
impl FromStr for TestNumbersSettings {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let read = |entry: &str| {
            let (phone, until) = entry.split_once('=').unwrap_or((entry, ""));
            let until = Some(until.trim()).filter(|until| !until.is_empty());
            TestNumber {
                phone: Some(Secret::new(phone.trim())),
                until: until.map(WrittenTime::from),
            }
        };
        Ok(Self(entries(text).map(read).collect()))
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
