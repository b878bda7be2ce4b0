//! Measures the release build, with a table and a chart at the end.

use std::fs;

use anyhow::Result;

use crate::tools::{self, Tools};
use crate::ui;
use crate::workspace::Workspace;

/// Where the table and the chart are written, below the folder for builds.
const FOLDER: &str = "bench";

/// Measures whole journeys with so many of them in all, and then session checks. `benches/` says
/// what is measured.
pub fn bench(workspace: &Workspace, journeys: u32) -> Result<()> {
    let folder = workspace.target().join(FOLDER);
    fs::create_dir_all(&folder)?;
    for (name, arguments) in [
        ("journeys", vec![journeys.to_string()]),
        ("session_check", Vec::new()),
    ] {
        let mut cargo = Tools::new(workspace)?.command("cargo");
        cargo.args(["bench", "--package", "latchkey", "--bench", name]);
        // The profile of `cargo xtask build`, whose compiled libraries are used again.
        cargo.args(["--features", "ssr,sandbox", "--profile", "release", "--"]);
        cargo.args(arguments).env("LATCHKEY_BENCH_FOLDER", &folder);
        tools::run(&mut cargo)?;
    }
    ui::plain(&format!(
        "The table and the chart are in {}.",
        folder.display()
    ));
    Ok(())
}
