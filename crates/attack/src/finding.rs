//! The result of an attack: measured numbers, and checks against expected limits.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::sandbox::UpstreamCounts;

#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Guesses, numbers, posts or whatever else the attack counts.
    pub attempts: u64,
    pub requests: u64,
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub duration: Duration,
    /// Calls that reached upstream. They include those of honest users, unless the attack subtracts
    /// them.
    #[serde(rename = "reached")]
    pub upstream: UpstreamCounts,
    pub checks: Vec<Check>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Check {
    what: &'static str,
    found: u64,
    bound: Bound,
    #[serde(rename = "held")]
    passed: bool,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Bound {
    AtMost(u64),
    AtLeast(u64),
}

impl Finding {
    /// Checks that a count does not exceed a limit.
    pub fn check_at_most(&mut self, what: &'static str, found: u64, limit: u64) {
        self.checks.push(Check {
            what,
            found,
            bound: Bound::AtMost(limit),
            passed: found <= limit,
        });
    }

    /// Checks that a count is zero.
    pub fn check_none(&mut self, what: &'static str, found: usize) {
        self.check_at_most(what, u64::try_from(found).unwrap_or(u64::MAX), 0);
    }

    /// Checks that a count reaches `expected`. A server that refuses everyone must not pass.
    pub fn check_all(&mut self, what: &'static str, found: usize, expected: usize) {
        let [found, least] =
            [found, expected].map(|count| u64::try_from(count).unwrap_or_default());
        self.checks.push(Check {
            what,
            found,
            bound: Bound::AtLeast(least),
            passed: found >= least,
        });
    }

    /// Whether all checks passed.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.passed)
    }

    pub fn requests_per_second(&self) -> f64 {
        self.requests as f64 / self.duration.as_secs_f64().max(0.001)
    }

    /// Adds the result of the same attack in another environment.
    pub fn merge(mut self, other: Self) -> Self {
        self.attempts += other.attempts;
        self.requests += other.requests;
        self.duration += other.duration;
        self.upstream = self.upstream + other.upstream;
        self.checks.extend(other.checks);
        self
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            found,
            bound,
            passed,
        } = self;
        match bound {
            Bound::AtMost(0) if *passed => write!(f, "no {what}")?,
            Bound::AtMost(limit) => write!(f, "{what} {found} ≤ {limit}")?,
            Bound::AtLeast(least) => write!(f, "{what} {found} of {least}")?,
        }
        f.write_str(if *passed { "" } else { " (!)" })
    }
}

fn seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_passes_if_all_its_checks_do() {
        let mut finding = Finding {
            attempts: 1,
            requests: 100,
            duration: Duration::from_secs(2),
            upstream: UpstreamCounts::default(),
            checks: Vec::new(),
        };
        finding.check_at_most("SMS", 20, 20);
        finding.check_none("code guessed", 0);
        finding.check_all("owner in", 1, 1);
        assert!(finding.passed() && (finding.requests_per_second() - 50.0).abs() < 1e-9);
        finding.check_at_most("verifies", 3, 2);
        assert!(!finding.passed());
        finding.check_none("code guessed", 1);
        finding.check_all("owner in", 0, 1);
        let words: Vec<_> = finding.checks.iter().map(ToString::to_string).collect();
        assert_eq!(
            words,
            [
                "SMS 20 ≤ 20",
                "no code guessed",
                "owner in 1 of 1",
                "verifies 3 ≤ 2 (!)",
                "code guessed 1 ≤ 0 (!)",
                "owner in 0 of 1 (!)",
            ]
        );
    }
}
