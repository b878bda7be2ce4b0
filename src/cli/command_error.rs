//! Why a command failed, and the exit codes: one table for all commands
//! (`docs/operators/commands.md`).

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use latchkey::server::admin::commands::CommandFailure;
use latchkey::server::store::BackupError;
use latchkey::server::store::redb::{OpenRedbError, RestoreError};
use latchkey::server::system::io_error::is_temporary;
use latchkey::server::wiring::StartupError;

/// The command ran, and the answer is no: a check failed, or there is nothing to show or to end.
pub const NEGATIVE: u8 = 1;
/// The command line, a setting, or a file that one names is at fault. Repeating the command
/// changes nothing. `clap` ends with the same code.
pub const FAULT: u8 = 2;
/// The command could not be executed now. A later attempt may succeed.
pub const UNAVAILABLE: u8 = 3;

/// A command failed, with a sentence for the operator.
#[derive(Debug)]
pub enum CommandError {
    /// [`FAULT`].
    Fault(String),
    /// [`UNAVAILABLE`].
    Unavailable(String),
}

impl CommandError {
    /// By whether the failure may pass by itself.
    pub fn new(message: impl Display, may_pass: bool) -> Self {
        let message = message.to_string();
        match may_pass {
            true => Self::Unavailable(message),
            false => Self::Fault(message),
        }
    }

    /// An error of the operating system, with what it concerns.
    pub fn io(what: impl Display, error: &io::Error) -> Self {
        Self::new(format!("{what}: {error}"), is_temporary(error))
    }

    /// The sentence for the operator.
    pub fn message(&self) -> &str {
        match self {
            Self::Fault(message) | Self::Unavailable(message) => message,
        }
    }

    /// The exit code of the process.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Fault(_) => FAULT,
            Self::Unavailable(_) => UNAVAILABLE,
        })
    }
}

/// A sentence without more is about the command line, a setting or a file.
impl From<String> for CommandError {
    fn from(message: String) -> Self {
        Self::Fault(message)
    }
}

impl From<&str> for CommandError {
    fn from(message: &str) -> Self {
        Self::Fault(message.to_owned())
    }
}

impl From<StartupError> for CommandError {
    fn from(error: StartupError) -> Self {
        Self::new(&error, error.is_temporary())
    }
}

impl From<CommandFailure> for CommandError {
    fn from(failure: CommandFailure) -> Self {
        Self::new(failure.cause, failure.may_pass)
    }
}

impl From<BackupError> for CommandError {
    fn from(error: BackupError) -> Self {
        Self::new(&error, error.is_temporary())
    }
}

impl From<OpenRedbError> for CommandError {
    fn from(error: OpenRedbError) -> Self {
        Self::new(&error, error.is_temporary())
    }
}

impl From<RestoreError> for CommandError {
    fn from(error: RestoreError) -> Self {
        Self::new(&error, error.is_temporary())
    }
}
