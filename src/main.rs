//! The server binary: command line, settings, start and stop.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
