//! The time unit in which a duration is shown. Server and browser use the same rule, because the
//! server renders a countdown and the browser updates it.

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The unit of a duration in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// Up to a minute and a half.
    Second,
    /// Up to an hour and a half.
    Minute,
    /// Up to two days.
    Hour,
    /// Longer.
    Day,
}

impl TimeUnit {
    /// The attribute of a countdown with the forms of the unit.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::Second => "data-second",
            Self::Minute => "data-minute",
            Self::Hour => "data-hour",
            Self::Day => "data-day",
        }
    }
}

/// How to round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Up, for waits.
    Up,
    /// Down, for expiries.
    Down,
}

/// Converts seconds to the largest suitable unit.
pub fn to_time_unit(seconds: u64, rounding: Rounding) -> (u64, TimeUnit) {
    let (size, unit) = match seconds {
        s if s < 90 && s != MINUTE => (1, TimeUnit::Second),
        s if s < 90 * MINUTE && s != HOUR => (MINUTE, TimeUnit::Minute),
        s if s < 2 * DAY => (HOUR, TimeUnit::Hour),
        _ => (DAY, TimeUnit::Day),
    };
    let count = match rounding {
        Rounding::Up => seconds.div_ceil(size),
        Rounding::Down => seconds / size,
    };
    (count, unit)
}
