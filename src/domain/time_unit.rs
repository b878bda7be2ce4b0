//! How a duration is shown. Server and browser use the same rules, because the server renders a
//! countdown and the browser updates it.

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Marks the position of a value in a text.
pub const PLACEHOLDER: char = '\u{fffc}';
/// The largest count that has a form of its own in [`sentence_with`]. Longer waits take the form of
/// this one.
pub const MAX_COUNT: u64 = 90;
/// Separates the forms that [`sentence_with`] reads. No form contains it.
pub const FORM_SEPARATOR: char = '|';

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
    /// All units, the shortest first.
    pub const ALL: [Self; 4] = [Self::Second, Self::Minute, Self::Hour, Self::Day];
}

/// How to round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Up, for waits.
    Up,
    /// Down, for lifetimes.
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

/// The time that is left until an expiry: minutes and seconds, as `4:59`.
pub fn to_minutes_and_seconds(seconds: u64) -> String {
    // Without `format!`, whose padding costs bytes in a browser.
    let seconds_of_minute = seconds % MINUTE;
    let zero = if seconds_of_minute < 10 { ":0" } else { ":" };
    (seconds / MINUTE).to_string() + zero + &seconds_of_minute.to_string()
}

/// The sentence `template` with the wait of `seconds` at its [`PLACEHOLDER`].
///
/// `forms` are texts of the catalogue. The first one has a digit for each count from 1 to
/// [`MAX_COUNT`]: the number of its plural. The others are the forms of each plural for seconds,
/// minutes, hours and days, with a [`PLACEHOLDER`] for the count. None if a form is missing.
pub fn sentence_with(template: &str, forms: &str, seconds: u64) -> Option<String> {
    let (count, unit) = to_time_unit(seconds, Rounding::Up);
    let mut forms = forms.split(FORM_SEPARATOR);
    let place = count.clamp(1, MAX_COUNT) as usize - 1;
    let plural = usize::from(forms.next()?.as_bytes().get(place)?.checked_sub(b'0')?);
    let form = forms.nth(plural * TimeUnit::ALL.len() + unit as usize)?;
    Some(fill(&fill(template, form), &count.to_string()))
}

/// A text with the value at its [`PLACEHOLDER`].
pub fn fill(template: &str, value: &str) -> String {
    template.replace(PLACEHOLDER, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_told_to_the_second() {
        for (seconds, expected) in [
            (0, "0:00"),
            (9, "0:09"),
            (60, "1:00"),
            (299, "4:59"),
            (300, "5:00"),
            (3600, "60:00"),
        ] {
            assert_eq!(to_minutes_and_seconds(seconds), expected);
        }
    }

    #[test]
    fn a_sentence_has_the_form_of_its_count_and_unit() {
        let plurals = format!("0{}", "1".repeat(89));
        let forms = format!(
            "{plurals}|one|{0} min|{0} h|{0} d|{0} s|{0} m|{0} hs|{0} ds",
            '\u{fffc}'
        );
        let sentence = |seconds| sentence_with("in \u{fffc}.", &forms, seconds);
        assert_eq!(sentence(1).as_deref(), Some("in one."));
        assert_eq!(sentence(2).as_deref(), Some("in 2 s."));
        assert_eq!(sentence(60).as_deref(), Some("in 1 min."));
        assert_eq!(sentence(3601).as_deref(), Some("in 61 m."));
        assert_eq!(sentence(400 * DAY).as_deref(), Some("in 400 ds."));
        assert_eq!(sentence_with("in \u{fffc}.", "", 5), None);
        assert_eq!(sentence_with("in \u{fffc}.", "junk|x", 5), None);
    }
}
