//! Reads the last lines of test runners.

use std::ops::AddAssign;

/// A program that runs tests and says at its end how many passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// `Summary [   0.3s] 5 tests run: 4 passed, 1 failed, 2 skipped`
    Nextest,
    /// `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in
    /// 0.00s`, once a binary
    Libtest,
    /// `  2 failed`, `  10 passed (3.1s)`, a line for each kind
    Playwright,
    /// `attacks: 12 held, 1 broken`
    Attack,
}

/// How many tests ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Runner {
    /// The counts of a summary line; `None` for every other line.
    pub fn read(self, line: &str) -> Option<Counts> {
        match self {
            Self::Nextest => {
                let (_, counts) = line
                    .trim_start()
                    .strip_prefix("Summary [")?
                    .split_once("run:")?;
                sum(without_brackets(counts).split(','))
            }
            Self::Libtest => {
                let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
                sum(counts
                    .split(';')
                    .filter(|part| !part.contains("filtered out") && !part.contains("finished in")))
            }
            Self::Attack => sum(line.strip_prefix("attacks: ")?.split(',')),
            Self::Playwright => {
                let (number, _) = line.strip_prefix("  ")?.split_once(' ')?;
                number.parse::<u64>().ok()?;
                let count = without_brackets(line);
                const KINDS: [&str; 6] = [
                    "passed",
                    "failed",
                    "flaky",
                    "skipped",
                    "did not run",
                    "interrupted",
                ];
                KINDS
                    .iter()
                    .any(|kind| count.trim_end().ends_with(kind))
                    .then(|| sum([count.as_str()].into_iter()))?
            }
        }
    }
}

/// Adds up parts like ` 3 passed`. What neither passed nor was left out has failed, however the
/// runner calls it.
fn sum<'a>(parts: impl Iterator<Item = &'a str>) -> Option<Counts> {
    let mut counts = Counts::default();
    for part in parts {
        let (number, kind) = part.trim().split_once(' ')?;
        let number = number.parse::<u64>().ok()?;
        match kind {
            // Flaky: it passed when it was tried again, and is named in the runner's output.
            "passed" | "measured" | "held" | "flaky" => counts.passed += number,
            "skipped" | "ignored" | "did not run" => counts.skipped += number,
            _ => counts.failed += number,
        }
    }
    Some(counts)
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let keep = |character: &char| {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    };
    text.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Option<Counts> {
        Some(Counts {
            passed,
            failed,
            skipped,
        })
    }

    #[test]
    fn nextest() {
        let read = |line| Runner::Nextest.read(line);
        assert_eq!(
            read("     Summary [   0.012s] 12 tests run: 12 passed, 0 skipped"),
            counts(12, 0, 0)
        );
        assert_eq!(
            read(
                "     Summary [  10.1s] 5 tests run: \
             3 passed (1 slow, 1 flaky), 1 failed, 1 timed out, 2 skipped"
            ),
            counts(3, 2, 2)
        );
        assert_eq!(
            read("     Summary [   0.1s] 3/10 tests run: 2 passed, 1 exec failed, 4 skipped"),
            counts(2, 1, 4)
        );
        assert_eq!(
            read("        PASS [   0.004s] latchkey domain::works"),
            None
        );
        assert_eq!(
            read("test result: FAILED. 0 passed; 1 failed; 0 ignored"),
            None
        );
    }

    #[test]
    fn libtest() {
        let read = |line| Runner::Libtest.read(line);
        let line = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; \
             7 filtered out; finished in 0.00s";
        assert_eq!(read(line), counts(3, 0, 1));
        let line = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; \
             0 filtered out; finished in 0.01s";
        assert_eq!(read(line), counts(1, 2, 0));
        assert_eq!(read("test domain::works ... ok"), None);
    }

    #[test]
    fn attacks() {
        let read = |line| Runner::Attack.read(line);
        assert_eq!(read("attacks: 12 held, 1 broken"), counts(12, 1, 0));
        assert_eq!(read("guessing           held          4.6 s"), None);
    }

    #[test]
    fn playwright() {
        let read = |line| Runner::Playwright.read(line);
        assert_eq!(read("  12 passed (3.4s)"), counts(12, 0, 0));
        assert_eq!(read("  1 failed"), counts(0, 1, 0));
        assert_eq!(read("  2 flaky"), counts(2, 0, 0));
        assert_eq!(read("  3 skipped"), counts(0, 0, 3));
        assert_eq!(read("  4 did not run"), counts(0, 0, 4));
        assert_eq!(
            read("  1 error was not a part of any test, see above for details"),
            None
        );
        assert_eq!(
            read("  ok 1 [phone] tests/sandbox.spec.ts › 12 passed (3ms)"),
            None
        );
        assert_eq!(read("Running 12 tests using 1 worker"), None);
    }
}
