//! Latency statistics and output of benchmarks.

use std::fmt;
use std::time::Duration;

/// Any error ends the benchmark.
pub type BenchResult<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Prints a line of figures.
#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
pub fn print_line(line: fmt::Arguments<'_>) {
    println!("{line}");
}

/// The numbers on the command line, with a default for each that is missing. Other arguments, which
/// cargo adds, are ignored.
pub fn numeric_arguments<const N: usize>(defaults: [usize; N]) -> [usize; N] {
    let given: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok())
        .collect();
    let mut given = given.into_iter();
    defaults.map(|default| given.next().unwrap_or(default))
}

/// How long something took, each time.
#[derive(Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Adds a measurement.
    pub fn record(&mut self, latency: Duration) {
        self.0.push(latency);
    }

    /// Adds the measurements of another task.
    pub fn merge(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// How many measurements there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that all but one in `of` stayed below: 2 for the median, 100 for p99. Zero without
    /// measurements.
    pub fn exceeded_by_one_in(&mut self, of: usize) -> Duration {
        self.0.sort_unstable();
        let rank = self.0.len() - self.0.len() / of;
        self.0
            .get(rank.saturating_sub(1))
            .copied()
            .unwrap_or_default()
    }

    /// p50, p95 and p99.
    pub fn percentiles(&self) -> [Duration; 3] {
        let mut sorted = Self(self.0.clone());
        [2, 20, 100].map(|of| sorted.exceeded_by_one_in(of))
    }

    /// `p50 …, p99 …, worst …`
    pub fn summary(&mut self) -> String {
        let [p50, p99, worst] = [2, 100, usize::MAX].map(|of| self.exceeded_by_one_in(of));
        format!("p50 {p50:.0?}, p99 {p99:.0?}, worst {worst:.0?}")
    }
}

/// The machine's load average over the last minute, which figures must be read beside.
pub fn load_average() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!("load {}", load.split(' ').next().unwrap_or("unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latencies(milliseconds: impl IntoIterator<Item = u64>) -> Latencies {
        Latencies(
            milliseconds
                .into_iter()
                .map(Duration::from_millis)
                .collect(),
        )
    }

    #[test]
    fn a_percentile_is_a_latency_that_was_measured_in_any_order() {
        let times = latencies((1..=100).rev()).percentiles();
        assert_eq!(times, [50, 95, 99].map(Duration::from_millis));
        assert_eq!(latencies([7]).percentiles(), [Duration::from_millis(7); 3]);
        assert_eq!(latencies([]).percentiles(), [Duration::ZERO; 3]);
    }

    #[test]
    fn measurements_of_two_tasks_are_one_distribution() {
        let mut all = latencies([1, 2]);
        all.merge(latencies([9]));
        assert_eq!(all.count(), 3);
        assert_eq!(all.exceeded_by_one_in(2), Duration::from_millis(2));
    }
}
