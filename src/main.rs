//! The server binary: command line, settings, start and stop.

mod cli;

use std::process::ExitCode;

/// Every request allocates a little on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
