//! The three builds. In development: quick to make, assets read from disk, the same files as
//! `cargo leptos watch` makes. For release and to deploy: small and fast, assets inside.

mod cargo;
mod fingerprint;
mod progress;
mod site;
mod style;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::tools::{self, Tools};
use crate::ui::{self, Stopwatch, words};
use crate::workspace::Workspace;
use cargo::Cargo;
use fingerprint::Fingerprint;
use progress::Job;

/// Names the folder that an optimised build embeds; `build.rs` of the application reads it.
const SITE_VARIABLE: &str = "LATCHKEY_SITE";

/// The server in development, and `target/site` beside it. Gives the path of the server.
pub fn development(workspace: &Workspace, tools: &Tools) -> Result<PathBuf> {
    let watch = Stopwatch::start();
    let project = Project::read(workspace.root())?;
    let profile = project.development_profile()?;
    let program = workspace.program(profile, "latchkey");
    if !program.is_file() {
        ui::say(
            "building the server, the front end and wasm-bindgen: about four minutes on two cores, \
             once",
        );
    }
    let cargo = Cargo {
        workspace,
        tools,
        project: &project,
    };
    // Front end and server share macros and build scripts, so one after the other. The last crates
    // of the server keep a single core busy for minutes; wasm-bindgen takes what they leave.
    let server = cargo.server(profile, &project.server_features()?)?;
    progress::run(vec![Job::new("front end", cargo.front(profile)?)])?;
    progress::run(vec![
        Job::new("server", server),
        Job::in_background("wasm-bindgen", &cargo.bindgen()),
    ])?;
    let stage = workspace.stage("development");
    site::assemble(&cargo, profile, &stage)?;
    site::copy_changes(&stage, &workspace.root().join(project.site_root()?))?;
    ui::say(&format!("built in {}", words(watch.elapsed())));
    Ok(program)
}

/// `target/release/latchkey`, with the sandbox and all assets inside.
pub fn release(workspace: &Workspace, tools: &Tools) -> Result<()> {
    let project = Project::read(workspace.root())?;
    let features = project.server_features()?;
    optimised(
        &Cargo {
            workspace,
            tools,
            project: &project,
        },
        "release",
        &features,
    )?;
    Ok(())
}

/// `target/tested/latchkey`: the optimised front end inside a server of the development profile,
/// whose dependencies the unit tests have compiled already. An optimised server takes a quarter of
/// an hour more on two cores, and behaves no differently.
pub fn tested(workspace: &Workspace, tools: &Tools) -> Result<()> {
    let project = Project::read(workspace.root())?;
    let cargo = Cargo {
        workspace,
        tools,
        project: &project,
    };
    let profile = project.development_profile()?;
    let site = front(&cargo)?;
    let mut server = cargo.server(profile, &project.server_features()?)?;
    server.env(SITE_VARIABLE, &site);
    progress::run(vec![Job::new("server", server)])?;
    let built = workspace.program(profile, "latchkey");
    let copy = workspace.tested_server();
    make_folder(copy.parent().unwrap_or(workspace.target()))?;
    fs::copy(&built, &copy).with_context(|| format!("cannot write {}", copy.display()))?;
    Ok(())
}

/// `target/dist/latchkey`: the server to deploy, which knows nothing of the sandbox. It has a
/// profile of its own, so that neither build takes the other's binary away.
pub fn dist(workspace: &Workspace, tools: &Tools) -> Result<()> {
    let project = Project::read(workspace.root())?;
    let binary = optimised(
        &Cargo {
            workspace,
            tools,
            project: &project,
        },
        "dist",
        "ssr",
    )?;
    ui::say(&format!("the binary to deploy: {}", binary.display()));
    Ok(())
}

fn optimised(cargo: &Cargo<'_>, profile: &str, features: &str) -> Result<PathBuf> {
    let site = front(cargo)?;
    let watch = Stopwatch::start();
    let binary = cargo.workspace.program(profile, "latchkey");
    if !binary.is_file() {
        ui::say("server: optimised build, five to ten minutes on two cores, once");
    }
    let mut server = cargo.server(profile, features)?;
    server.env(SITE_VARIABLE, &site);
    progress::run(vec![Job::new("server", server)])?;
    ui::say(&format!("server: done in {}", words(watch.elapsed())));
    Ok(binary)
}

/// The optimised and compressed front end. Gives its folder, which only this function writes to. It
/// is made again only when an input has changed: the server that embeds it would be linked again.
fn front(cargo: &Cargo<'_>) -> Result<PathBuf> {
    let workspace = cargo.workspace;
    let site = workspace.release_site();
    let inputs = Fingerprint::of_inputs(workspace, &compiler(cargo.tools)?)?;
    let stamp = workspace.release_site_stamp();
    let made = || Ok::<_, anyhow::Error>(format!("{inputs} {}", Fingerprint::of(&site)?));
    if fs::read_to_string(&stamp).is_ok_and(|found| made().is_ok_and(|now| now == found)) {
        ui::say("front end: unchanged");
        return Ok(site);
    }
    let watch = Stopwatch::start();
    let profile = cargo.project.front_release_profile()?;
    ui::say("front end: optimised build, about two minutes on two cores, once");
    progress::run(vec![
        Job::new("front end", cargo.front(profile)?),
        Job::in_background("wasm-bindgen", &cargo.bindgen()),
    ])?;
    let stage = workspace.stage("release");
    site::assemble(cargo, profile, &stage)?;
    site::optimise(cargo, &stage)?;
    site::copy_changes(&stage, &site)?;
    fs::write(&stamp, made()?).with_context(|| format!("cannot write {}", stamp.display()))?;
    ui::say(&format!("front end: done in {}", words(watch.elapsed())));
    Ok(site)
}

fn compiler(tools: &Tools) -> Result<String> {
    tools::output(tools.command("rustc").arg("--version"))
}

/// Runs a program whose output only matters when it fails.
fn run_quietly(command: &mut Command) -> Result<()> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {}", tools::shown(command)))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    anyhow::bail!(
        "`{}` failed:\n{}",
        tools::shown(command),
        String::from_utf8_lossy(&said).trim()
    );
}

fn make_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}
