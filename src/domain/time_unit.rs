//! Which unit says how long something takes: the same on the server, which writes the sentence, and
//! in the browser, which keeps it true.

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// One unit is enough to say how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// Up to a minute and a half.
    Second,
    /// Up to an hour and a half.
    Minute,
    /// Up to two days.
    Hour,
    /// Beyond.
    Day,
}

/// Which way to round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Never shorter than it is: for waits.
    Up,
    /// Never longer than it is: for what runs out.
    Down,
}

/// A number of seconds in the unit that suits it.
pub fn span(seconds: u64, rounding: Rounding) -> (u64, TimeUnit) {
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
