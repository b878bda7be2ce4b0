//! The paths of the workspace.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The checkout, and the folder that cargo builds into.
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// The checkout that this tool was compiled in; `CARGO_TARGET_DIR` moves the target folder.
    pub fn locate() -> Result<Self> {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = package
            .ancestors()
            .find(|folder| folder.join("Cargo.lock").is_file());
        let root = root
            .context("no folder above this package has a Cargo.lock")?
            .to_path_buf();
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |moved| root.join(moved));
        Ok(Self { root, target })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn end2end(&self) -> PathBuf {
        self.root.join("end2end")
    }

    /// What cargo builds into.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// A program of ours, as a profile builds it.
    pub fn program(&self, profile: &str, name: &str) -> PathBuf {
        self.target.join(profile).join(executable(name))
    }

    /// The server that `cargo xtask build` makes.
    pub fn server(&self) -> PathBuf {
        self.program("release", "latchkey")
    }

    /// The server that `cargo xtask test` runs its attacks and browser tests against. A copy:
    /// the next development build takes the place of the original.
    pub fn tested_server(&self) -> PathBuf {
        self.program("tested", "latchkey")
    }

    /// Where the site is assembled, for development or for release.
    pub fn stage(&self, purpose: &str) -> PathBuf {
        self.target.join("stage").join(purpose)
    }

    /// The front end that optimised builds embed. Not the `target/site` of development, so that
    /// neither takes the other's files away.
    pub fn release_site(&self) -> PathBuf {
        self.target.join("release-site")
    }

    /// What the front end of the last optimised build was made from.
    pub fn release_site_stamp(&self) -> PathBuf {
        self.target.join("release-site.stamp")
    }

    /// What the fuzzer is built into, and what it finds.
    pub fn fuzz(&self) -> PathBuf {
        self.target.join("fuzz")
    }

    /// Where mutants are built.
    pub fn mutants(&self) -> PathBuf {
        self.target.join("mutants")
    }

    /// Pinned tools, where the developer's own are of another version.
    pub fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// The version of a package in Cargo.lock.
    pub fn locked_version(&self, package: &str) -> Result<String> {
        let path = self.root.join("Cargo.lock");
        let lock =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        locked_version(&lock, package).with_context(|| format!("{package} is not in Cargo.lock"))
    }
}

/// The file name of a program on this platform.
pub fn executable(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

/// Finds `version` in the `[[package]]` that has this `name`.
fn locked_version(lock: &str, package: &str) -> Option<String> {
    let quoted = |line: &str, key: &str| {
        Some(
            line.strip_prefix(key)?
                .strip_prefix(" = \"")?
                .strip_suffix('"')?
                .to_owned(),
        )
    };
    lock.split("[[package]]").find_map(|entry| {
        let name = entry.lines().find_map(|line| quoted(line, "name"))?;
        (name == package).then(|| entry.lines().find_map(|line| quoted(line, "version")))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"version = 4

[[package]]
name = "wasm-bindgen-macro"
version = "0.2.7"
dependencies = [
 "quote",
]

[[package]]
name = "wasm-bindgen"
version = "0.2.130"
source = "registry"
"#;

    #[test]
    fn the_version_is_that_of_the_package_with_exactly_this_name() {
        assert_eq!(
            locked_version(LOCK, "wasm-bindgen").as_deref(),
            Some("0.2.130")
        );
        assert_eq!(
            locked_version(LOCK, "wasm-bindgen-macro").as_deref(),
            Some("0.2.7")
        );
        assert_eq!(locked_version(LOCK, "wasm"), None);
    }

    #[test]
    fn our_own_lockfile_pins_wasm_bindgen() {
        let version = Workspace::locate()
            .unwrap()
            .locked_version("wasm-bindgen")
            .unwrap();
        assert_eq!(version.split('.').count(), 3, "{version}");
    }
}
