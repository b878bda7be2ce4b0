//! Two long checks of the pages that CI leaves out: the journeys in Firefox and WebKit, and
//! Lighthouse. Both are run by Playwright, which knows how to start the server.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::build;
use crate::setup::{self, Needs, Ready};
use crate::tools;
use crate::ui;
use crate::workspace::Workspace;

/// The newest that Node.js 20 runs.
const LIGHTHOUSE: &str = "lighthouse@12.8.2";

/// Runs the journeys in Firefox and WebKit, against that server or one that is built for it.
pub fn engines(workspace: &Workspace, server: Option<PathBuf>) -> Result<()> {
    let ready = setup::ensure(workspace, Needs::ENGINES)?;
    let server = server_or_build(workspace, &ready, server)?;
    playwright(workspace, &ready, "engines.config.ts", &server, None)
}

/// Measures the pages with Lighthouse, and fails below the scores that are promised.
pub fn lighthouse(workspace: &Workspace, server: Option<PathBuf>) -> Result<()> {
    let ready = setup::ensure(workspace, Needs::LIGHTHOUSE)?;
    let server = server_or_build(workspace, &ready, server)?;
    let program = install_lighthouse(workspace, &ready)?;
    let program = Some(program);
    playwright(workspace, &ready, "lighthouse.config.ts", &server, program)
}

fn server_or_build(
    workspace: &Workspace,
    ready: &Ready,
    server: Option<PathBuf>,
) -> Result<PathBuf> {
    match server {
        Some(server) => {
            std::path::absolute(&server).with_context(|| format!("{} is no path", server.display()))
        }
        None => {
            build::tested(workspace, &ready.tools)?;
            Ok(workspace.tested_server())
        }
    }
}

fn playwright(
    workspace: &Workspace,
    ready: &Ready,
    config: &str,
    server: &Path,
    lighthouse: Option<PathBuf>,
) -> Result<()> {
    let mut command = ready.tools.command("playwright");
    command
        .current_dir(workspace.end2end())
        .args(["test", "--config", config])
        .env("LATCHKEY_BIN", server);
    if let Some(chromium) = &ready.chromium {
        command.env(setup::CHROMIUM_VARIABLE, chromium);
    }
    if let Some(program) = lighthouse {
        command.env("LATCHKEY_LIGHTHOUSE", program);
    }
    tools::run(&mut command)
}

/// Installs Lighthouse under `target/tools`, once. It is no dependency of `end2end/`, because it
/// would make every set-up longer.
fn install_lighthouse(workspace: &Workspace, ready: &Ready) -> Result<PathBuf> {
    let folder = workspace.tools().join(LIGHTHOUSE);
    let program = folder.join("node_modules/lighthouse/cli/index.js");
    if !program.is_file() {
        ui::say(&format!(
            "{LIGHTHOUSE}: installing under target/tools, once"
        ));
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        let mut npm = ready.tools.command("npm");
        npm.args(["install", "--no-save", "--loglevel=error", LIGHTHOUSE])
            .arg("--prefix")
            .arg(&folder);
        tools::run(&mut npm)?;
    }
    Ok(program)
}
