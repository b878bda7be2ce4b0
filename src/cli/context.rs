//! What every command receives, and what it returns.

use std::io::Write;
use std::process::ExitCode;

use latchkey::server::settings::Settings;
use latchkey::server::system::clock::Clock;
use latchkey::server::system::random::Random;

/// What every command receives.
pub struct Context {
    pub settings: Settings,
    pub clock: Clock,
    pub random: Random,
}

/// The exit code of a command, or a sentence for the operator.
pub type CommandResult = Result<ExitCode, String>;

/// Fails with every error in the settings.
pub fn require_valid_settings(settings: &Settings, clock: &Clock) -> Result<(), String> {
    let errors = settings.validate(clock.now());
    if errors.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = errors.iter().map(|error| format!("  {error}")).collect();
    Err(format!(
        "the settings need attention:\n{}",
        lines.join("\n")
    ))
}

/// Prints a line to standard output, which holds results alone. A closed pipe is no error.
pub fn print_line(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints a line for the operator to standard error.
pub fn print_message(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
