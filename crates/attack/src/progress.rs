//! Prints progress, results and errors. No other module prints.
#![expect(
    clippy::print_stdout,
    reason = "a command line tool prints to standard output"
)]
#![expect(clippy::print_stderr, reason = "errors go to standard error")]

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

pub fn print_line(line: &str) {
    println!("{line}");
}

/// Prints an error with its causes.
pub fn print_error(error: &anyhow::Error) {
    eprintln!("attack: {error:#}");
}

/// A progress bar, which is hidden without a terminal.
pub fn progress_bar(name: String) -> ProgressBar {
    let bar = ProgressBar::new(0).with_message(name);
    let shape = "{spinner} {msg:18} [{bar:32}] {human_pos}/{human_len}  {elapsed}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(shape) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
