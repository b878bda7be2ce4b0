//! Programs and packages from PyPI, where their projects publish ready binaries with hashes.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::tools::{self, Tools};
use crate::workspace::Workspace;

/// A list of pinned versions, and the folder under `target/tools` that they are installed into.
/// Each list has its own, because pip replaces a folder as a whole.
#[derive(Clone, Copy)]
pub struct PinnedPackages {
    list: &'static str,
    folder: &'static str,
}

/// What checks dependencies and spelling.
pub const CHECK_TOOLS: PinnedPackages = PinnedPackages {
    list: ".config/check-tools.txt",
    folder: "python",
};
/// What tests start.
pub const TEST_TOOLS: PinnedPackages = PinnedPackages {
    list: ".config/test-tools.txt",
    folder: "python-tests",
};
/// What `cargo xtask bench` compares with.
pub const ALLAUTH: PinnedPackages = PinnedPackages {
    list: "benches/peers/allauth/requirements.txt",
    folder: "python-allauth",
};

impl PinnedPackages {
    pub fn folder(self, workspace: &Workspace) -> PathBuf {
        workspace.tools().join(self.folder)
    }
}

/// Installs a list, unless it is there. Says whether anything was installed.
pub fn install(workspace: &Workspace, tools: &Tools, packages: PinnedPackages) -> Result<bool> {
    let list = packages.list;
    let wanted = fs::read_to_string(workspace.root().join(list))
        .with_context(|| format!("cannot read {list}"))?;
    let folder = packages.folder(workspace);
    let installed = folder.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(false);
    }
    let mut pip = tools.command("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--upgrade"]);
    pip.args(["--disable-pip-version-check", "--no-deps"]);
    pip.args(["--require-hashes", "--target"]).arg(&folder);
    tools::run(pip.args(["--requirement", list]))?;
    fs::write(&installed, wanted)
        .with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(true)
}
