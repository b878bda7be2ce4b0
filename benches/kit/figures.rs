//! What benchmarks print, and how.

use std::fmt;
use std::time::Duration;

/// What goes wrong in a benchmark ends it.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Prints a line.
#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
pub fn report(line: fmt::Arguments<'_>) {
    println!("{line}");
}

/// The numbers on the command line (cargo adds flags of its own), each with what it is when it is
/// not given.
pub fn numbers<const N: usize>(defaults: [usize; N]) -> [usize; N] {
    let given: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok())
        .collect();
    let mut given = given.into_iter();
    defaults.map(|default| given.next().unwrap_or(default))
}

/// How long things took.
#[derive(Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Notes one.
    pub fn note(&mut self, latency: Duration) {
        self.0.push(latency);
    }

    /// Those of somebody else, too.
    pub fn join(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that all but one in `of` kept to: 2 for the median, 100 for p99. Nothing when
    /// nothing was noted.
    pub fn all_but_one_in(&mut self, of: usize) -> Duration {
        self.0.sort_unstable();
        let rank = self.0.len() - self.0.len() / of;
        self.0
            .get(rank.saturating_sub(1))
            .copied()
            .unwrap_or_default()
    }

    /// `p50 …, p99 …, worst …`
    pub fn summary(&mut self) -> String {
        let [half, most, all] = [2, 100, usize::MAX].map(|of| self.all_but_one_in(of));
        format!("p50 {half:.0?}, p99 {most:.0?}, worst {all:.0?}")
    }
}

/// The machine's load over the last minute: figures are to be read beside it.
pub fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!("load {}", load.split(' ').next().unwrap_or("unknown"))
}
