//! `cargo xtask run`: makes the development build, and replaces this process by the server.

use std::process::Command;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use crate::{build, setup, tools, ui};

/// Builds and becomes `latchkey serve --sandbox`, so that signals, terminal and exit code are the
/// server's own.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let ready = setup::ensure(workspace, setup::Needs::RUN)?;
    let server = build::development(workspace, &ready.tools)?;
    let mut server = Command::new(server);
    server
        .current_dir(workspace.root())
        .args(["serve", "--sandbox"])
        .args(arguments);
    ui::say(&format!("starting {}", tools::shown(&server)));
    let error = become_it(&mut server);
    bail!("cannot start {}: {error}", tools::shown(&server))
}

/// Returns only on failure.
#[cfg(unix)]
fn become_it(server: &mut Command) -> std::io::Error {
    std::os::unix::process::CommandExt::exec(server)
}

/// Returns only on failure.
#[cfg(not(unix))]
fn become_it(server: &mut Command) -> std::io::Error {
    match server.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}
