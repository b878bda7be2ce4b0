//! Durations with a unit: `30s`, `5m`, `12h`, `1d`. A bare number is refused, because its unit
//! would be unclear.

use std::fmt;
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A duration in the settings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HumanDuration(pub Duration);

impl HumanDuration {
    /// That many seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// That many milliseconds.
    pub const fn millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// That many minutes.
    pub const fn minutes(minutes: u64) -> Self {
        Self::seconds(minutes * 60)
    }

    /// That many hours.
    pub const fn hours(hours: u64) -> Self {
        Self::minutes(hours * 60)
    }

    /// That many days of 24 hours.
    pub const fn days(days: u64) -> Self {
        Self::hours(days * 24)
    }
}

impl std::str::FromStr for HumanDuration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error = || {
            format!(
                "`{text}` is no duration; write a number with its unit, such as 30s, 5m, 12h or 2d"
            )
        };
        // A day is 24 hours here; the parser leaves days to calendars.
        let days = text
            .trim()
            .strip_suffix('d')
            .and_then(|days| days.trim().parse::<u64>().ok());
        if let Some(days) = days.and_then(|days| days.checked_mul(86_400)) {
            return Ok(Self(Duration::from_secs(days)));
        }
        let duration: SignedDuration = text.trim().parse().map_err(|_| error())?;
        Duration::try_from(duration).map(Self).map_err(|_| error())
    }
}

impl fmt::Display for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        match millis {
            0 => f.write_str("0s"),
            m if m % 86_400_000 == 0 => write!(f, "{}d", m / 86_400_000),
            m if m % 3_600_000 == 0 => write!(f, "{}h", m / 3_600_000),
            m if m % 60_000 == 0 => write!(f, "{}m", m / 60_000),
            m if m % 1000 == 0 => write!(f, "{}s", m / 1000),
            m => write!(f, "{m}ms"),
        }
    }
}

impl fmt::Debug for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for HumanDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HumanDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_parses_the_same_durations() {
        for (text, seconds) in [
            ("30s", 30),
            ("5m", 300),
            ("12h", 43_200),
            ("2d", 172_800),
            ("1h30m", 5_400),
            ("1h 30m", 5_400),
        ] {
            let span: HumanDuration = text.parse().unwrap();
            assert_eq!(span.0.as_secs(), seconds);
            assert_eq!(span.to_string().parse::<HumanDuration>(), Ok(span));
        }
        assert_eq!("250ms".parse(), Ok(HumanDuration::millis(250)));
        assert_eq!("0s".parse(), Ok(HumanDuration::seconds(0)));
    }

    #[test]
    fn refuses_a_number_without_unit() {
        for text in [
            "",
            "30",
            "5 minutes ago",
            "-5m",
            "m",
            "99999999999999999999d",
            "1.5",
        ] {
            assert!(text.parse::<HumanDuration>().is_err(), "{text:?}");
        }
    }
}
