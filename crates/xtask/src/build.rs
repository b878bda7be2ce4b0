//! The release build: the front end first, because the server embeds what it becomes.

mod fingerprint;

use std::fs;

use anyhow::{Context, Result};

use crate::tools::{self, Tools};
use crate::ui::{self, Stopwatch, words};
use crate::workspace::{Workspace, executable};
use fingerprint::Fingerprint;

/// `target/release/latchkey`, with the sandbox and all assets inside.
pub fn release(workspace: &Workspace, tools: &Tools) -> Result<()> {
    front(workspace, tools)?;
    let watch = Stopwatch::start();
    ui::say("server: release build (some minutes the first time)");
    tools::run(leptos(tools).args(["--release", "--server-only"]))?;
    ui::say(&format!("server: done in {}", words(watch.elapsed())));
    Ok(())
}

/// `target/dist/latchkey`: the server to deploy, which knows nothing of the sandbox.
pub fn dist(workspace: &Workspace, tools: &Tools) -> Result<()> {
    front(workspace, tools)?;
    let watch = Stopwatch::start();
    ui::say("server without the sandbox: release build (some minutes the first time)");
    let mut command = tools.command("cargo");
    command.args([
        "build",
        "--release",
        "--package",
        "latchkey",
        "--bin",
        "latchkey",
    ]);
    command.args(["--no-default-features", "--features", "ssr"]);
    // leptos reads it when it is compiled; with the same value as under cargo-leptos it is compiled only once.
    tools::run(command.env("LEPTOS_OUTPUT_NAME", "latchkey"))?;
    let folder = workspace.dist();
    let binary = folder.join(executable("latchkey"));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::copy(workspace.server(), &binary)
        .with_context(|| format!("cannot write {}", binary.display()))?;
    ui::say(&format!(
        "{}: done in {}",
        binary.display(),
        words(watch.elapsed())
    ));
    Ok(())
}

/// `target/site`, optimised and compressed. cargo-leptos makes it anew each time, in half a minute or so, after which the
/// server would have to embed it again; so it is called only when an input has changed, or somebody else wrote the output.
fn front(workspace: &Workspace, tools: &Tools) -> Result<()> {
    let inputs = Fingerprint::of_inputs(workspace, &compiler(tools)?)?;
    let stamp = workspace.site_stamp();
    let made = |inputs: &Fingerprint| {
        Ok::<_, anyhow::Error>(format!("{inputs} {}", Fingerprint::of(&workspace.site())?))
    };
    if fs::read_to_string(&stamp).is_ok_and(|found| made(&inputs).is_ok_and(|now| now == found)) {
        ui::say("front end: unchanged");
        return Ok(());
    }
    let watch = Stopwatch::start();
    ui::say("front end: release build (some minutes the first time)");
    workspace.make_pkg()?;
    tools::run(leptos(tools).args(["--release", "--frontend-only", "--precompress"]))?;
    // A server compiled while the folder was empty watches no file in it, and would stay without assets.
    tools::run(tools.command("cargo").args([
        "clean",
        "--quiet",
        "--release",
        "--package",
        "latchkey",
    ]))?;
    fs::write(&stamp, made(&inputs)?)
        .with_context(|| format!("cannot write {}", stamp.display()))?;
    ui::say(&format!("front end: done in {}", words(watch.elapsed())));
    Ok(())
}

/// Called by itself, because `cargo leptos` would look into cargo's own folder before our search path.
fn leptos(tools: &Tools) -> std::process::Command {
    let mut command = tools.command("cargo-leptos");
    command.args(["leptos", "build"]);
    command
}

fn compiler(tools: &Tools) -> Result<String> {
    tools::output(tools.command("rustc").arg("--version"))
}
