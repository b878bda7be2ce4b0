//! The attack simulator, a program of its own (`crates/attack`): its HTTP client would slow down
//! the build of every other command.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::setup::{self, Needs};
use crate::tools::{self, Tools};
use crate::workspace::Workspace;
use crate::{build, ui};

/// Arguments with which nothing of the server has to be built.
const NO_BUILD: [&str; 3] = ["--server", "--help", "-h"];

/// Plays attacks against the release build, or against the server that the `arguments` name.
pub fn attack(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let named = |argument: &String| {
        NO_BUILD
            .iter()
            .any(|name| argument.split('=').next() == Some(name))
    };
    let mut command = if arguments.iter().any(named) {
        simulator(&Tools::new(workspace)?)
    } else {
        let ready = setup::ensure(workspace, Needs::BUILD)?;
        build::release(workspace, &ready.tools)?;
        ui::say("building the attacks");
        against(&workspace.server(), &ready.tools)
    };
    let status = command
        .args(arguments)
        .status()
        .with_context(|| format!("cannot start {}", tools::shown(&command)))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// A call that plays them all against a server, if it is given no further arguments.
pub fn against(server: &Path, tools: &Tools) -> Command {
    let mut command = simulator(tools);
    command.arg("--server").arg(server);
    command
}

fn simulator(tools: &Tools) -> Command {
    let mut command = tools.command("cargo");
    command.args([
        "run",
        "--quiet",
        "--profile",
        "quick",
        "--package",
        "attack",
        "--",
    ]);
    command
}
