//! What the developer sees while it works. The only place that prints.
#![expect(
    clippy::print_stdout,
    reason = "a command line tool speaks on standard output"
)]
#![expect(clippy::print_stderr, reason = "and about failures on standard error")]

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// One line.
pub fn say(line: &str) {
    println!("{line}");
}

/// A failure with its causes.
pub fn fail(error: &anyhow::Error) {
    eprintln!("attack: {error:#}");
}

/// A bar that moves while an attack goes on. Where there is no terminal there is none.
pub fn bar(name: String) -> ProgressBar {
    let bar = ProgressBar::new(0).with_message(name);
    let shape = "{spinner} {msg:18} [{bar:32}] {human_pos}/{human_len}  {elapsed}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(shape) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
