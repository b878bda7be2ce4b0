//! What every command receives, and what it returns.

use std::io::Write;
use std::process::ExitCode;
use std::sync::OnceLock;

use latchkey::server::settings::telemetry::LogFormat;
use latchkey::server::settings::{SettingSources, Settings};
use latchkey::server::system::clock::Clock;
use latchkey::server::system::random::Random;
use latchkey::server::telemetry::{MessageLevel, ServerLog};

/// The log of the server, which messages go to as well. Commands have none.
static SERVER_LOG: OnceLock<ServerLog> = OnceLock::new();

use crate::cli::closed_descriptors::StandardDescriptor;
use crate::cli::command_error::CommandError;

/// What every command receives.
pub struct Context {
    pub settings: Settings,
    /// Where each setting comes from.
    pub sources: SettingSources,
    pub clock: Clock,
    pub random: Random,
}

/// The exit code of a command, or why it failed.
pub type CommandResult = Result<ExitCode, CommandError>;

/// Fails with every error in the settings.
pub fn require_valid_settings(
    settings: &Settings,
    sources: &SettingSources,
    clock: &Clock,
) -> Result<(), CommandError> {
    let errors = settings.validate(clock.now());
    if errors.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = errors
        .iter()
        .map(|error| format!("  {}", error.describe(sources)))
        .collect();
    Err(CommandError::Fault(format!(
        "the settings need attention:\n{}",
        lines.join("\n")
    )))
}

/// Prints a line to standard output, which holds results alone.
///
/// # Errors
/// For the operator: the line cannot be written, as on a full disk or to a closed pipe. A result
/// that is missing must not be taken for an empty one.
pub fn print_line(line: &str) -> Result<(), CommandError> {
    let mut output = std::io::stdout().lock();
    let written = StandardDescriptor::Output
        .require_open()
        .and_then(|()| writeln!(output, "{line}"))
        .and_then(|()| output.flush());
    written.map_err(|error| CommandError::io("standard output", &error))
}

/// Prints a line for the operator to standard error. The server does not wait for it.
pub fn print_message(line: &str) {
    print(MessageLevel::Info, line);
}

/// Prints an error for the operator to standard error.
pub fn print_error(error: &str) {
    print(MessageLevel::Error, &format!("latchkey: {error}"));
}

fn print(level: MessageLevel, line: &str) {
    match SERVER_LOG.get() {
        Some(log) => log.print(level, line),
        None => {
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }
}

/// Starts the log of the server, unless it is started. From now on messages are lines of it.
pub fn start_server_log(format: LogFormat) -> Result<&'static ServerLog, String> {
    if let Some(log) = SERVER_LOG.get() {
        return Ok(log);
    }
    let log = ServerLog::start(format).map_err(|error| format!("standard error: {error}"))?;
    Ok(SERVER_LOG.get_or_init(|| log))
}

/// Waits for the log of the server, for a few seconds at most.
pub fn finish_server_log() {
    if let Some(log) = SERVER_LOG.get() {
        log.finish();
    }
}
