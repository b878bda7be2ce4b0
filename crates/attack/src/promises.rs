//! The limits that `docs/settings.md` promises. A server that was started with others is held to
//! these all the same.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

const SETTINGS: &str = include_str!("../../../docs/settings.md");

/// Every key of the table, with its default as written.
#[derive(Clone, Debug)]
pub struct Promises(BTreeMap<&'static str, &'static str>);

impl Promises {
    /// Reads the table.
    pub fn read() -> Result<Self> {
        let rows: BTreeMap<_, _> = SETTINGS.lines().filter_map(row).collect();
        ensure!(rows.len() > 50, "docs/settings.md has no table of settings");
        Ok(Self(rows))
    }

    /// A number.
    pub fn count(&self, key: &str) -> Result<u64> {
        let text = self.text(key)?;
        text.parse()
            .with_context(|| format!("{key} is no number in docs/settings.md: {text}"))
    }

    /// What strangers may use of a total; the rest is kept for known browsers (docs/sign-in.md,
    /// "All limits").
    pub fn share_of_strangers(&self, total: &str) -> Result<u64> {
        let total = self.count(total)?;
        Ok(total - total / 3)
    }

    /// A duration.
    pub fn span(&self, key: &str) -> Result<Duration> {
        let text = self.text(key)?;
        span(text).with_context(|| format!("{key} is no duration in docs/settings.md: {text}"))
    }

    /// Passcodes that strangers may have compared for one number between two successes or within
    /// one lock of the tenant.
    pub fn tries(&self) -> Result<u64> {
        Ok(self
            .count("transmit.otp_max_failures")?
            .saturating_sub(1)
            .clamp(1, 5))
    }

    fn text(&self, key: &str) -> Result<&'static str> {
        self.0
            .get(key)
            .copied()
            .with_context(|| format!("{key} is not in docs/settings.md"))
    }
}

/// How many windows of this length can have begun in a time: the first begins with the first
/// charge.
pub fn windows(window: Duration, passed: Duration) -> u64 {
    passed.as_secs() / window.as_secs().max(1) + 1
}

/// `` | `guard.number_hourly` | `5` | … | ``
fn row(line: &'static str) -> Option<(&'static str, &'static str)> {
    let mut cells = line
        .strip_prefix("| `")?
        .split('|')
        .map(|cell| cell.trim().trim_matches('`'));
    Some((cells.next()?, cells.next()?))
}

fn span(text: &str) -> Option<Duration> {
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
    fn the_promises_that_are_held_against_the_server_stand_in_the_documentation() {
        let promises = Promises::read().unwrap();
        assert_eq!(promises.count("guard.number_hourly").unwrap(), 5);
        assert_eq!(
            promises.span("transmit.otp_lockout").unwrap(),
            Duration::from_secs(900)
        );
        assert_eq!(promises.tries().unwrap(), 2);
        assert_eq!(
            promises
                .share_of_strangers("guard.prefix_daily_total")
                .unwrap(),
            200
        );
        assert!(
            promises.count("guard.cool_down").is_err(),
            "a list is no number"
        );
        assert!(promises.count("guard.no_such_key").is_err());
    }

    #[test]
    fn spans_have_units() {
        assert_eq!(span("1500ms"), Some(Duration::from_millis(1500)));
        assert_eq!(span("2d"), Some(Duration::from_secs(172_800)));
        assert_eq!(span("7"), None);
    }

    #[test]
    fn a_window_begins_with_the_first_charge() {
        let minute = Duration::from_secs(60);
        let seconds = |seconds| windows(minute, Duration::from_secs(seconds));
        assert_eq!(
            [seconds(0), seconds(59), seconds(60), seconds(150)],
            [1, 1, 2, 3]
        );
    }
}
