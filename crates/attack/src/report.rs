//! The table at the end, and the same for machines.

use anyhow::Result;
use serde::Serialize;

use crate::attacks::Attack;
use crate::finding::Finding;
use crate::stage::Scale;

/// What stands above the columns; the last ones may be as wide as they like.
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
/// The columns of words; the others are numbers.
const WORDS: [usize; 3] = [0, 8, 9];

/// All attacks of a run.
#[derive(Debug, Serialize)]
pub struct Report {
    seed: u64,
    scale: &'static str,
    price: f64,
    settings: Vec<String>,
    attacks: Vec<Row>,
}

/// One attack.
#[derive(Debug, Serialize)]
pub struct Row {
    attack: String,
    verdict: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Whether the server held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Held,
    Broken,
    /// The attack came to no end: nothing is known.
    NotPlayed,
}

impl Verdict {
    fn in_words(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Broken => "BROKEN",
            Self::NotPlayed => "NOT PLAYED",
        }
    }
}

impl Row {
    pub fn new(attack: Attack, played: Result<Finding>) -> Self {
        let attack = attack.name();
        match played {
            Ok(finding) => {
                let verdict = if finding.held() {
                    Verdict::Held
                } else {
                    Verdict::Broken
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
                verdict: Verdict::NotPlayed,
                finding: None,
                error: Some(format!("{error:#}")),
            },
        }
    }

    /// A line for when it is over.
    pub fn in_words(&self) -> String {
        let took = self
            .finding
            .as_ref()
            .map_or(0.0, |finding| finding.took.as_secs_f64());
        format!(
            "{:18} {:10} {took:6.1} s",
            self.attack,
            self.verdict.in_words()
        )
    }

    fn cells(&self, price: f64) -> [String; 10] {
        let verdict = self.verdict.in_words().to_owned();
        let Some(finding) = &self.finding else {
            let [one, two, three, four, five, six, seven] = [const { String::new() }; 7];
            let why = self.error.clone().unwrap_or_default();
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
                why,
            ];
        };
        let reached = finding.reached;
        let checks: Vec<_> = finding.checks.iter().map(ToString::to_string).collect();
        [
            self.attack.clone(),
            finding.attempts.to_string(),
            format!("{:.0}", finding.rate()),
            format!("{:.1}", finding.took.as_secs_f64()),
            reached.sends.to_string(),
            reached.verifies.to_string(),
            reached.messages.to_string(),
            format!("{:.2}", reached.messages as f64 * price),
            verdict,
            checks.join(", "),
        ]
    }
}

impl Report {
    /// `price`: what a message is assumed to cost; `settings`: those that whoever runs it has
    /// added.
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

    pub fn add(&mut self, row: Row) {
        self.attacks.push(row);
    }

    pub fn all_held(&self) -> bool {
        self.held() == self.attacks.len()
    }

    fn held(&self) -> usize {
        self.attacks
            .iter()
            .filter(|row| row.verdict == Verdict::Held)
            .count()
    }

    /// The table, and a last line that machines read.
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
        let held = self.held();
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

/// Aligned columns.
fn table(rows: &[[String; 10]]) -> Vec<String> {
    let head = HEAD.map(str::to_owned);
    let all: Vec<_> = std::iter::once(&head).chain(rows).collect();
    let mut widths = [0; 10];
    for row in &all {
        for (width, cell) in widths.iter_mut().zip(*row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; 10]| {
        let cells = row
            .iter()
            .zip(widths)
            .enumerate()
            .map(|(at, (cell, width))| match WORDS.contains(&at) {
                true => format!("{cell:<width$}"),
                false => format!("{cell:>width$}"),
            });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    all.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sandbox::Tally;

    fn finding(found: u64) -> Finding {
        let reached = Tally {
            creations: 0,
            sends: 3,
            verifies: 2,
            messages: found,
        };
        let mut finding = Finding {
            attempts: 12_000,
            requests: 1000,
            took: Duration::from_secs(10),
            reached,
            checks: Vec::new(),
        };
        finding.at_most("SMS", found, 5);
        finding
    }

    fn report(played: Vec<Result<Finding>>) -> Report {
        let mut report = Report::new(7, Scale::Short, 0.08, &[]);
        played
            .into_iter()
            .for_each(|one| report.add(Row::new(Attack::Guessing, one)));
        report
    }

    #[test]
    fn the_table_is_aligned_and_its_last_line_counts() {
        let lines = report(vec![Ok(finding(5)), Ok(finding(50))]).lines();
        assert_eq!(
            lines,
            [
                "attack    attempts  requests/s  seconds  sends  verifies  SMS  cost  verdict  what had to hold",
                "guessing     12000         100     10.0      3         2    5  0.40  held     SMS 5 ≤ 5",
                "guessing     12000         100     10.0      3         2   50  4.00  BROKEN   SMS 50 ≤ 5 (!)",
                "",
                "cost: at 0.08 a message",
                "attacks: 1 held, 1 broken",
            ]
        );
    }

    #[test]
    fn what_was_not_played_did_not_hold() {
        let report = report(vec![
            Ok(finding(1)),
            Err(anyhow::anyhow!("the server: gone")),
        ]);
        assert!(!report.all_held());
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
