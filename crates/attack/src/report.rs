//! The report: a table, and the same as JSON.

use anyhow::Result;
use serde::Serialize;

use crate::attacks::Attack;
use crate::context::Scale;
use crate::finding::Finding;

/// Column titles.
const HEAD: [&str; 10] = [
    "attack",
    "attempts",
    "requests/s",
    "seconds",
    "sends",
    "verifies",
    "SMS",
    "cost",
    "verdict",
    "what had to hold",
];
/// Columns of text, which are aligned to the left. The others are numbers.
const TEXT_COLUMNS: [usize; 3] = [0, 8, 9];

#[derive(Debug, Serialize)]
pub struct Report {
    seed: u64,
    scale: &'static str,
    price: f64,
    settings: Vec<String>,
    attacks: Vec<AttackResult>,
}

/// The result of one attack.
#[derive(Debug, Serialize)]
pub struct AttackResult {
    attack: String,
    verdict: CheckOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Whether the server withstood the attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum CheckOutcome {
    Held,
    Broken,
    /// The attack did not run to its end.
    NotPlayed,
}

impl CheckOutcome {
    fn to_text(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Broken => "BROKEN",
            Self::NotPlayed => "NOT PLAYED",
        }
    }
}

impl AttackResult {
    pub fn new(attack: Attack, result: Result<Finding>) -> Self {
        let attack = attack.name();
        match result {
            Ok(finding) => {
                let verdict = if finding.passed() {
                    CheckOutcome::Held
                } else {
                    CheckOutcome::Broken
                };
                Self {
                    attack,
                    verdict,
                    finding: Some(finding),
                    error: None,
                }
            }
            Err(error) => Self {
                attack,
                verdict: CheckOutcome::NotPlayed,
                finding: None,
                error: Some(format!("{error:#}")),
            },
        }
    }

    /// The line that is printed when the attack ends.
    pub fn summary_line(&self) -> String {
        let duration = self
            .finding
            .as_ref()
            .map_or(0.0, |finding| finding.duration.as_secs_f64());
        format!(
            "{:18} {:10} {duration:6.1} s",
            self.attack,
            self.verdict.to_text()
        )
    }

    fn cells(&self, price: f64) -> [String; 10] {
        let verdict = self.verdict.to_text().to_owned();
        let Some(finding) = &self.finding else {
            let [one, two, three, four, five, six, seven] = [const { String::new() }; 7];
            let error = self.error.clone().unwrap_or_default();
            return [
                self.attack.clone(),
                one,
                two,
                three,
                four,
                five,
                six,
                seven,
                verdict,
                error,
            ];
        };
        let upstream = finding.upstream;
        let checks: Vec<_> = finding.checks.iter().map(ToString::to_string).collect();
        [
            self.attack.clone(),
            finding.attempts.to_string(),
            format!("{:.0}", finding.requests_per_second()),
            format!("{:.1}", finding.duration.as_secs_f64()),
            upstream.sends.to_string(),
            upstream.verifies.to_string(),
            upstream.messages.to_string(),
            format!("{:.2}", upstream.messages as f64 * price),
            verdict,
            checks.join(", "),
        ]
    }
}

impl Report {
    /// `price` is the assumed cost of a message; `settings` are those of the command line.
    pub fn new(seed: u64, scale: Scale, price: f64, settings: &[(String, String)]) -> Self {
        let settings = settings
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        Self {
            seed,
            scale: scale.name(),
            price,
            settings,
            attacks: Vec::new(),
        }
    }

    pub fn add(&mut self, row: AttackResult) {
        self.attacks.push(row);
    }

    pub fn all_passed(&self) -> bool {
        self.held_count() == self.attacks.len()
    }

    fn held_count(&self) -> usize {
        self.attacks
            .iter()
            .filter(|row| row.verdict == CheckOutcome::Held)
            .count()
    }

    /// The table, and a last line that `cargo xtask test` reads.
    pub fn lines(&self) -> Vec<String> {
        let rows: Vec<_> = self
            .attacks
            .iter()
            .map(|row| row.cells(self.price))
            .collect();
        let mut lines = table(&rows);
        let changed = match self.settings.as_slice() {
            [] => String::new(),
            settings => format!("; the server was started with {}", settings.join(" ")),
        };
        lines.push(String::new());
        lines.push(format!("cost: at {} a message{changed}", self.price));
        let held = self.held_count();
        lines.push(format!(
            "attacks: {held} held, {} broken",
            self.attacks.len() - held
        ));
        lines
    }

    pub fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// Aligns the columns.
fn table(rows: &[[String; 10]]) -> Vec<String> {
    let head = HEAD.map(str::to_owned);
    let all: Vec<_> = std::iter::once(&head).chain(rows).collect();
    let mut widths = [0; 10];
    for row in &all {
        for (width, cell) in widths.iter_mut().zip(*row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let to_line = |row: &[String; 10]| {
        let cells = row
            .iter()
            .zip(widths)
            .enumerate()
            .map(
                |(index, (cell, width))| match TEXT_COLUMNS.contains(&index) {
                    true => format!("{cell:<width$}"),
                    false => format!("{cell:>width$}"),
                },
            );
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    all.into_iter().map(to_line).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sandbox::UpstreamCounts;

    fn finding(found: u64) -> Finding {
        let upstream = UpstreamCounts {
            creations: 0,
            sends: 3,
            verifies: 2,
            messages: found,
        };
        let mut finding = Finding {
            attempts: 12_000,
            requests: 1000,
            duration: Duration::from_secs(10),
            upstream,
            checks: Vec::new(),
        };
        finding.check_at_most("SMS", found, 5);
        finding
    }

    fn report(results: Vec<Result<Finding>>) -> Report {
        let mut report = Report::new(7, Scale::Short, 0.08, &[]);
        results
            .into_iter()
            .for_each(|result| report.add(AttackResult::new(Attack::Guessing, result)));
        report
    }

    #[test]
    fn the_table_is_aligned_and_its_last_line_has_the_counts() {
        let lines = report(vec![Ok(finding(5)), Ok(finding(50))]).lines();
        assert_eq!(
            lines,
            [
                "attack    attempts  requests/s  seconds  sends  verifies  SMS  cost  \
                 verdict  what had to hold",
                "guessing     12000         100     10.0      3         2    5  0.40  \
                 held     SMS 5 ≤ 5",
                "guessing     12000         100     10.0      3         2   50  4.00  \
                 BROKEN   SMS 50 ≤ 5 (!)",
                "",
                "cost: at 0.08 a message",
                "attacks: 1 held, 1 broken",
            ]
        );
    }

    #[test]
    fn an_attack_that_did_not_run_does_not_pass() {
        let report = report(vec![
            Ok(finding(1)),
            Err(anyhow::anyhow!("the server: gone")),
        ]);
        assert!(!report.all_passed());
        assert!(
            report
                .lines()
                .iter()
                .any(|line| line.contains("NOT PLAYED") && line.ends_with("the server: gone"))
        );
        assert!(
            report
                .json()
                .unwrap()
                .contains("\"verdict\": \"not_played\"")
        );
    }
}
