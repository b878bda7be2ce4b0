//! The limits that attacks must not exceed: the defaults in `docs/operators/settings.md`.
//!
//! They are the same for a server that was started with other settings.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

const SETTINGS: &str = include_str!("../../../docs/operators/settings.md");

/// Every setting with its default, as in the document.
#[derive(Clone, Debug)]
pub struct ExpectedLimits(BTreeMap<&'static str, &'static str>);

impl ExpectedLimits {
    /// Reads the document.
    pub fn read() -> Result<Self> {
        let rows: BTreeMap<_, _> = SETTINGS.lines().filter_map(parse_row).collect();
        ensure!(
            rows.len() > 50,
            "docs/operators/settings.md has no list of settings"
        );
        Ok(Self(rows))
    }

    /// A default that is a number.
    pub fn count(&self, key: &str) -> Result<u64> {
        let text = self.text(key)?;
        text.parse()
            .with_context(|| format!("{key} is no number in docs/operators/settings.md: {text}"))
    }

    /// The share of a total that unrecognised devices may use. The rest is reserved for recognised
    /// devices (docs/operators/limits.md, "All limits").
    pub fn share_of_unrecognised(&self, total: &str) -> Result<u64> {
        let total = self.count(total)?;
        Ok(total - total / 3)
    }

    /// A default that is a duration.
    pub fn duration(&self, key: &str) -> Result<Duration> {
        let text = self.text(key)?;
        parse_duration(text)
            .with_context(|| format!("{key} is no duration in docs/operators/settings.md: {text}"))
    }

    /// How many codes unrecognised devices may have compared for one number, between two successes
    /// or within one lock of the tenant.
    pub fn attempts(&self) -> Result<u64> {
        Ok(self
            .count("transmit.otp_max_failures")?
            .saturating_sub(1)
            .clamp(1, 5))
    }

    fn text(&self, key: &str) -> Result<&'static str> {
        self.0
            .get(key)
            .copied()
            .with_context(|| format!("{key} is not in docs/operators/settings.md"))
    }
}

/// How many windows of a limit can have started in a time. The first starts with the first charge.
pub fn windows_started(window: Duration, elapsed: Duration) -> u64 {
    elapsed.as_secs() / window.as_secs().max(1) + 1
}

/// Parses an entry such as ``- `guard.number_hourly` (default `5`): …``. What holds until the
/// tenant has told its own is taken as the default.
fn parse_row(line: &'static str) -> Option<(&'static str, &'static str)> {
    let (key, rest) = line.strip_prefix("- `")?.split_once("` (")?;
    let (default, _) = rest.split_once("):")?;
    let default = ["default: the tenant's, or ", "default "]
        .iter()
        .find_map(|words| default.strip_prefix(words))
        .unwrap_or(default);
    Some((key, default.trim_matches('`')))
}

fn parse_duration(text: &str) -> Option<Duration> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let count: u64 = text.strip_suffix(unit)?.parse().ok()?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    Some(Duration::from_millis(count * millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expected_limits_are_in_the_documentation() {
        let limits = ExpectedLimits::read().unwrap();
        assert_eq!(limits.count("guard.number_hourly").unwrap(), 5);
        assert_eq!(
            limits.duration("transmit.otp_lockout").unwrap(),
            Duration::from_secs(900)
        );
        assert_eq!(limits.attempts().unwrap(), 2);
        assert_eq!(
            limits
                .share_of_unrecognised("guard.prefix_daily_total")
                .unwrap(),
            200
        );
        assert!(
            limits.count("guard.cool_down").is_err(),
            "a list is no number"
        );
        assert!(limits.count("guard.no_such_key").is_err());
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(parse_duration("1500ms"), Some(Duration::from_millis(1500)));
        assert_eq!(parse_duration("2d"), Some(Duration::from_secs(172_800)));
        assert_eq!(parse_duration("7"), None);
    }

    #[test]
    fn a_window_starts_with_the_first_charge() {
        let minute = Duration::from_secs(60);
        let seconds = |seconds| windows_started(minute, Duration::from_secs(seconds));
        assert_eq!(
            [seconds(0), seconds(59), seconds(60), seconds(150)],
            [1, 1, 2, 3]
        );
    }
}
