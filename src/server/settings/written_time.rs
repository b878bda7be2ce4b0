//! A time in the settings: a date (its start in UTC), or a date and time with offset (RFC 3339).

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::de;
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::timestamp::Timestamp;

/// A time as it is written. It is parsed when the settings are validated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct WrittenTime(String);

impl WrittenTime {
    /// Parses the time. An error is the end of a sentence that starts with the key.
    pub(super) fn parse(&self) -> Result<Timestamp, String> {
        let time = self.0.parse::<jiff::Timestamp>().ok().or_else(|| {
            // The library would read a date and time without offset as a date.
            let date =
                (self.0.len() == "2026-11-22".len()).then(|| self.0.parse::<Date>().ok())??;
            Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
        });
        let millis = time.and_then(|time| u64::try_from(time.as_millisecond()).ok());
        millis.map(Timestamp::from_millis).ok_or_else(|| {
            format!(
                "`{self}`: write a date or a date and time with offset, such as 2026-11-22 or \
                 2026-11-22T18:00:00Z"
            )
        })
    }
}

impl From<&str> for WrittenTime {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for WrittenTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for WrittenTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // TOML dates need no quotes.
        match toml::Value::deserialize(deserializer) {
            Ok(toml::Value::String(text)) => Ok(Self(text)),
            Ok(toml::Value::Datetime(date)) => Ok(Self(date.to_string())),
            _ => Err(de::Error::custom("must be a date, such as 2026-11-22")),
        }
    }
}
