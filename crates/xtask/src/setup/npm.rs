//! Node.js and the packages of `end2end/`: Playwright, axe, TypeScript, and what makes the release
//! build's front end small (binaryen's wasm-opt, esbuild, Lightning CSS).

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::Finding;
use super::system::Package;
use crate::tools::{self, Tools};
use crate::ui::{self, Stopwatch, words};
use crate::workspace::Workspace;

/// The oldest Node.js that Playwright runs on, and the one that we install where the system's is
/// older.
const OLDEST: u32 = 20;
const PINNED: &str = "node@22";

/// A Node.js that is new enough; Debian 12 has 18.
pub fn node(workspace: &Workspace, tools: &Tools, installed: &mut Vec<String>) -> Result<()> {
    if tools.version("node").as_deref().and_then(major) >= Some(OLDEST) {
        return Ok(());
    }
    ui::say(&format!(
        "Node.js is older than {OLDEST}: installing {PINNED} under target/tools, once"
    ));
    fs::create_dir_all(workspace.tools())?;
    let mut command = tools.command("npm");
    tools::run(
        command
            .args([
                "install",
                "--no-save",
                "--loglevel=error",
                PINNED,
                "--prefix",
            ])
            .arg(workspace.tools()),
    )?;
    installed.push(PINNED.to_owned());
    Ok(())
}

/// The packages exactly as the lockfile names them.
pub fn packages(workspace: &Workspace, tools: &Tools, installed: &mut Vec<String>) -> Result<()> {
    let stamp = stamp(workspace);
    let wanted = fingerprint(workspace)?;
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    let watch = Stopwatch::start();
    ui::say("npm packages (Playwright, wasm-opt and others): installing, under a minute, once");
    tools::run(
        tools
            .command("npm")
            .current_dir(workspace.end2end())
            .args(["ci", "--loglevel=error"]),
    )?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    ui::say(&format!("npm packages: done in {}", words(watch.elapsed())));
    installed.push("npm packages".to_owned());
    Ok(())
}

/// What there is of both, for `cargo xtask doctor`.
pub fn findings(workspace: &Workspace, tools: &Tools) -> Result<[Finding; 2]> {
    let version = tools.version("node");
    let major = version.as_deref().and_then(major);
    let node = Finding {
        what: "Node.js",
        found: version.unwrap_or_else(|| "not installed".to_owned()),
        needed_for: super::RELEASE,
        mend: (major < Some(OLDEST)).then(|| super::system::command_for(tools, Package::NODE)),
    };
    let wanted = fingerprint(workspace)?;
    let are_there = fs::read_to_string(stamp(workspace)).is_ok_and(|found| found == wanted);
    let packages = Finding {
        what: "npm packages",
        found: if are_there {
            "as locked"
        } else {
            "not as locked"
        }
        .to_owned(),
        needed_for: super::RELEASE,
        mend: (!are_there).then(|| super::SETUP.to_owned()),
    };
    Ok([node, packages])
}

fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}

/// What the packages were installed from. `npm ci` begins by deleting node_modules, so the stamp
/// cannot outlive what it vouches for.
fn stamp(workspace: &Workspace) -> PathBuf {
    workspace.end2end().join("node_modules/.xtask-stamp")
}

fn fingerprint(workspace: &Workspace) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for name in ["package.json", "package-lock.json"] {
        let path = workspace.end2end().join(name);
        fs::read(&path)
            .with_context(|| format!("cannot read {}", path.display()))?
            .hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}
