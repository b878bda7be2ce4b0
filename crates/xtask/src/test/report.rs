//! The table at the end, and the one line that machines read.

use std::time::Duration;

use anyhow::Result;

use super::summary::{Counts, Runner};
use crate::ui::{self, Stopwatch, words};

#[derive(Default)]
pub struct Report {
    steps: Vec<(&'static str, Duration, bool)>,
    summaries: Vec<String>,
    total: Counts,
}

impl Report {
    pub fn step(&mut self, name: &'static str, took: Duration, passed: bool) {
        self.steps.push((name, took, passed));
    }

    /// Does a step, with a headline before it and its time taken.
    pub fn timed(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        ui::plain("");
        ui::say(&format!("── {name} ──"));
        let watch = Stopwatch::start();
        let outcome = work().map_err(|error| error.context(format!("{name} failed")));
        self.step(name, watch.elapsed(), outcome.is_ok());
        outcome
    }

    /// Does a step of our own, which gives how many checks it made; all of them passed.
    pub fn counted(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<usize>,
    ) -> Result<()> {
        let mut passed = 0;
        self.timed(name, || {
            passed = work()?;
            Ok(())
        })?;
        self.summaries.push(format!("{name}: {passed} passed"));
        self.total.passed += u64::try_from(passed)?;
        Ok(())
    }

    /// A check that this machine cannot make. It is named at the end, so that nobody takes it for
    /// one that passed.
    pub fn not_run(&mut self, name: &str, why: &str) {
        self.summaries
            .push(format!("{name}: not run, because {why}"));
        self.total.skipped += 1;
    }

    /// Keeps what a runner said at its end.
    pub fn suite(&mut self, runner: Runner, lines: &[String]) {
        for line in lines {
            if let Some(counts) = runner.read(line) {
                self.total += counts;
                self.summaries.push(line.trim().to_owned());
            }
        }
    }

    pub fn print(&self, passed: bool) {
        ui::plain("");
        for line in self.table() {
            ui::plain(&line);
        }
        ui::plain("");
        self.summaries.iter().for_each(|line| ui::plain(line));
        ui::plain(&self.last_line(passed));
    }

    fn table(&self) -> Vec<String> {
        let row = |name: &str, took: &Duration, mark: &str| {
            format!("{name:<16} {:>12}  {mark}", words(*took))
        };
        let mut lines: Vec<_> = self
            .steps
            .iter()
            .map(|(name, took, passed)| row(name, took, if *passed { "ok" } else { "FAILED" }))
            .collect();
        lines.push(row(
            "all",
            &self.steps.iter().map(|(_, took, _)| took).sum(),
            "",
        ));
        lines
            .iter()
            .map(|line| line.trim_end().to_owned())
            .collect()
    }

    /// `N passed, N failed[, N skipped]`. A step that failed without a count (a lint, the build)
    /// counts as one failure.
    fn last_line(&self, passed: bool) -> String {
        let Counts {
            passed: good,
            failed,
            skipped,
        } = self.total;
        let failed = if passed { failed } else { failed.max(1) };
        let skipped = if skipped > 0 {
            format!(", {skipped} skipped")
        } else {
            String::new()
        };
        format!("{good} passed, {failed} failed{skipped}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let mut report = Report::default();
        report.step("format", Duration::from_millis(900), true);
        report.step("unit tests", Duration::from_secs(75), false);
        report
    }

    #[test]
    fn the_table_names_every_step() {
        assert_eq!(
            report().table(),
            [
                "format                  0.9 s  ok",
                "unit tests         1 min 15 s  FAILED",
                "all                1 min 15 s",
            ]
        );
    }

    #[test]
    fn the_last_line_adds_up_all_runners() {
        let mut report = report();
        report.suite(
            Runner::Nextest,
            &["     Summary [   0.1s] 4 tests run: 4 passed, 1 skipped".to_owned()],
        );
        report.suite(
            Runner::Playwright,
            &["  3 passed (2.0s)".to_owned(), "noise".to_owned()],
        );
        assert_eq!(report.last_line(true), "7 passed, 0 failed, 1 skipped");
        assert_eq!(report.summaries.len(), 2);
    }

    #[test]
    fn a_failure_without_a_count_is_not_shown_as_none() {
        assert_eq!(report().last_line(false), "0 passed, 1 failed");
        assert_eq!(Report::default().last_line(true), "0 passed, 0 failed");
    }

    #[test]
    fn the_checks_of_a_step_of_our_own_are_counted() {
        let mut report = report();
        report.counted("watch", || Ok(8)).unwrap();
        assert!(
            report
                .counted("watch", || anyhow::bail!("no page"))
                .is_err()
        );
        assert_eq!(report.summaries, ["watch: 8 passed"]);
        assert_eq!(report.last_line(false), "8 passed, 1 failed");
    }

    #[test]
    fn a_check_that_was_not_run_is_named_and_counted_as_skipped() {
        let mut report = Report::default();
        report.not_run("advisories", "nothing can be fetched");
        assert_eq!(
            report.summaries,
            ["advisories: not run, because nothing can be fetched"]
        );
        assert_eq!(report.last_line(true), "0 passed, 0 failed, 1 skipped");
    }

    #[test]
    fn a_failing_step_says_its_name() {
        let error = Report::default()
            .timed("format", || anyhow::bail!("not formatted"))
            .unwrap_err();
        assert_eq!(format!("{error:#}"), "format failed: not formatted");
    }
}
