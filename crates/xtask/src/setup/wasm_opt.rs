//! wasm-opt for `cargo leptos build --release` and `end-to-end --release`.
//!
//! cargo-leptos searches PATH for it, and not the npm packages of the checkout. It is therefore
//! installed beside cargo-leptos.

use anyhow::{Context, Result, bail};

use super::Finding;
use crate::tools::{self, Tools};
use crate::ui::{self, Stopwatch, words};

const NAME: &str = "wasm-opt";

/// Installs the version that the checkout has, unless PATH leads to one that is at least as new.
/// The npm packages of the checkout must be there.
pub fn install(tools: &Tools, installed: &mut Vec<String>) -> Result<()> {
    let wanted = wanted(tools)?;
    if found(tools) >= Some(wanted) {
        return Ok(());
    }
    let watch = Stopwatch::start();
    let root = tools::cargo_install_root().context("no folder for programs: set CARGO_HOME")?;
    ui::say(&format!(
        "{NAME} {wanted}: installing for cargo-leptos, under a minute, once"
    ));
    let mut npm = tools.command("npm");
    npm.args(["install", "--global", "--loglevel=error", "--prefix"]);
    tools::run(npm.arg(root).arg(format!("binaryen@{wanted}")))?;
    if found(tools) < Some(wanted) {
        bail!("{NAME} {wanted} was installed, but an older version comes first on PATH");
    }
    ui::say(&format!("{NAME}: done in {}", words(watch.elapsed())));
    installed.push(format!("{NAME} {wanted}"));
    Ok(())
}

/// What there is of it, for `cargo xtask doctor`.
pub fn finding(tools: &Tools) -> Finding {
    let found = found(tools);
    let is_missing = found.is_none() || wanted(tools).is_ok_and(|wanted| found < Some(wanted));
    Finding {
        what: NAME,
        found: found.map_or_else(|| "not installed".to_owned(), |found| found.to_string()),
        needed_for: "`cargo leptos … --release`",
        mend: is_missing.then(|| super::SETUP.to_owned()),
    }
}

/// The version that the optimised builds of `cargo xtask` use.
fn wanted(tools: &Tools) -> Result<u32> {
    let said = tools::output(tools.command(NAME).arg("--version"))?;
    version_in(&said).with_context(|| format!("{NAME} says of its version: {said}"))
}

/// The version of the program that cargo-leptos would start.
fn found(tools: &Tools) -> Option<u32> {
    let program = tools.find_own(NAME)?.display().to_string();
    version_in(&tools::output(tools.command(&program).arg("--version")).ok()?)
}

/// Versions of binaryen are whole numbers: `wasm-opt version 132 (version_132)`.
fn version_in(said: &str) -> Option<u32> {
    said.split_whitespace().find_map(|word| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_binaryen_are_whole_numbers() {
        assert_eq!(version_in("wasm-opt version 132 (version_132)"), Some(132));
        assert_eq!(version_in("wasm-opt version 108"), Some(108));
        assert_eq!(version_in("no idea"), None);
    }
}
