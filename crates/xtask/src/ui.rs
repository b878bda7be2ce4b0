//! What the developer sees, and the clock beside it. The only place that prints.
#![expect(
    clippy::print_stdout,
    reason = "a command line tool speaks on standard output"
)]
#![expect(clippy::print_stderr, reason = "and about failures on standard error")]

use std::io::{IsTerminal, Write as _, stdout};
use std::time::{Duration, Instant};

/// One line about what is being done.
pub fn say(line: &str) {
    println!("xtask: {line}");
}

/// One line as it is: tables, and the output of others.
pub fn plain(line: &str) {
    println!("{line}");
}

/// One line of another program's standard error.
pub fn plain_error(line: &str) {
    eprintln!("{line}");
}

/// A failure with its causes.
pub fn fail(error: &anyhow::Error) {
    eprintln!("xtask: {error:#}");
}

/// A line that the next one is drawn over. An empty one leaves nothing behind.
pub fn draw(line: &str) {
    let width = std::env::var("COLUMNS")
        .ok()
        .and_then(|width| width.parse().ok())
        .unwrap_or(100_usize);
    let fitting: String = line.chars().take(width.saturating_sub(1)).collect();
    print!("\r\x1b[2K{fitting}");
    let _ = stdout().flush();
}

/// Whether somebody watches.
pub fn is_terminal() -> bool {
    stdout().is_terminal()
}

/// Whether other programs may colour what they print through us.
pub fn colour() -> bool {
    stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Measures how long something takes.
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "a build tool may look at the clock; nothing here is tested by time"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// `0.3 s`, `42.0 s`, `9 min 12 s`.
pub fn words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(words(Duration::from_millis(340)), "0.3 s");
        assert_eq!(words(Duration::from_secs(42)), "42.0 s");
        assert_eq!(words(Duration::from_secs(552)), "9 min 12 s");
    }
}
