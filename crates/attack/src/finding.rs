//! What an attack came to, and what had to hold.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::sandbox::Tally;

/// What an attack came to.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Guesses, numbers, posts: whatever the attack is made of.
    pub attempts: u64,
    /// Requests in all.
    pub requests: u64,
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub took: Duration,
    /// What reached upstream meanwhile; honest people's too, unless the attack takes them out.
    pub reached: Tally,
    pub checks: Vec<Check>,
}

/// Something that has to hold.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    what: &'static str,
    found: u64,
    bound: Bound,
    held: bool,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Bound {
    AtMost(u64),
    AtLeast(u64),
}

impl Finding {
    /// No more than `most`.
    pub fn at_most(&mut self, what: &'static str, found: u64, most: u64) {
        self.checks.push(Check {
            what,
            found,
            bound: Bound::AtMost(most),
            held: found <= most,
        });
    }

    /// None at all.
    pub fn none(&mut self, what: &'static str, found: usize) {
        self.at_most(what, u64::try_from(found).unwrap_or(u64::MAX), 0);
    }

    /// All of `wanted`: of a server that answers nobody nothing is proven.
    pub fn all(&mut self, what: &'static str, found: usize, wanted: usize) {
        let [found, least] = [found, wanted].map(|count| u64::try_from(count).unwrap_or_default());
        self.checks.push(Check {
            what,
            found,
            bound: Bound::AtLeast(least),
            held: found >= least,
        });
    }

    /// Whether everything held.
    pub fn held(&self) -> bool {
        self.checks.iter().all(|check| check.held)
    }

    /// Requests in a second.
    pub fn rate(&self) -> f64 {
        self.requests as f64 / self.took.as_secs_f64().max(0.001)
    }

    /// The same attack, played on somewhere else.
    pub fn and(mut self, other: Self) -> Self {
        self.attempts += other.attempts;
        self.requests += other.requests;
        self.took += other.took;
        self.reached = self.reached + other.reached;
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
            held,
        } = self;
        match bound {
            Bound::AtMost(0) if *held => write!(f, "no {what}")?,
            Bound::AtMost(most) => write!(f, "{what} {found} ≤ {most}")?,
            Bound::AtLeast(least) => write!(f, "{what} {found} of {least}")?,
        }
        f.write_str(if *held { "" } else { " (!)" })
    }
}

fn seconds<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(span.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_holds_while_all_of_it_does() {
        let mut finding = Finding {
            attempts: 1,
            requests: 100,
            took: Duration::from_secs(2),
            reached: Tally::default(),
            checks: Vec::new(),
        };
        finding.at_most("SMS", 20, 20);
        finding.none("code guessed", 0);
        finding.all("owner in", 1, 1);
        assert!(finding.held() && (finding.rate() - 50.0).abs() < 1e-9);
        finding.at_most("verifies", 3, 2);
        assert!(!finding.held());
        finding.none("code guessed", 1);
        finding.all("owner in", 0, 1);
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
