//! The long form of the statistical test of requirement E2, `benches/timing`: the real binary over
//! TCP.

use anyhow::Result;

use crate::tools::{self, Tools};
use crate::workspace::Workspace;

/// Takes so many samples of each kind and prints a table. Fails if anything can be told apart.
pub fn timing(workspace: &Workspace, samples: u32, answer_after: u32, release: bool) -> Result<()> {
    let mut cargo = Tools::new(workspace)?.command("cargo");
    cargo.args([
        "bench",
        "--package",
        "latchkey",
        "--bench",
        "timing",
        "--features",
        "ssr,sandbox",
    ]);
    if !release {
        cargo.args(["--profile", "dev"]);
    }
    tools::run(
        cargo
            .arg("--")
            .args([samples, answer_after].map(|number| number.to_string())),
    )
}
