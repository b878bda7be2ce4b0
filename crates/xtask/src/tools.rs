//! How other programs are found and called.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace::{Workspace, executable};

/// The search path of every program we start: pinned tools, then those of npm, then the developer's
/// own, then servers.
pub struct Tools {
    root: PathBuf,
    /// The folders that only we search.
    pinned: Vec<PathBuf>,
    /// Those that a shell of the developer searches.
    own: Vec<PathBuf>,
    path: OsString,
}

impl Tools {
    pub fn new(workspace: &Workspace) -> Result<Self> {
        let pinned = vec![
            workspace.tools().join("bin"),
            workspace.tools().join("python/bin"),
            workspace.tools().join("python-tests/bin"),
            workspace.tools().join("node_modules/.bin"),
            workspace.end2end().join("node_modules/.bin"),
        ];
        let path = env::var_os("PATH").unwrap_or_default();
        let mut own: Vec<_> = env::split_paths(&path).collect();
        own.extend(cargo_install_root().map(|root| root.join("bin")));
        // Servers, which Debian keeps where only root looks for programs.
        own.push(PathBuf::from("/usr/sbin"));
        let path = env::join_paths(pinned.iter().chain(&own))
            .context("a folder name does not fit into PATH")?;
        Ok(Self {
            root: workspace.root().to_path_buf(),
            pinned,
            own,
            path,
        })
    }

    /// The first program of this name on the search path.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        first(self.pinned.iter().chain(&self.own), name)
    }

    /// The program of this name that the developer's shell finds, and with it the programs that
    /// we do not start ourselves.
    pub fn find_own(&self, name: &str) -> Option<PathBuf> {
        first(self.own.iter(), name)
    }

    /// A call, from the root of the checkout.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.find(name).unwrap_or_else(|| PathBuf::from(name)));
        command.current_dir(&self.root).env("PATH", &self.path);
        // `cargo run` describes *this* package to us. Passed on, it would look like a change to
        // some build scripts.
        for (key, _) in env::vars_os().filter(|(key, _)| describes_a_package(key)) {
            command.env_remove(key);
        }
        command
    }

    /// Where the npm packages are.
    pub fn end2end(&self) -> PathBuf {
        self.root.join("end2end")
    }

    /// What a program says about its version: `cargo-leptos 0.3.10` gives `0.3.10`. `None` without
    /// the program.
    pub fn version(&self, name: &str) -> Option<String> {
        self.find(name)?;
        let said = output(self.command(name).arg("--version")).ok()?;
        version_in(&said).map(str::to_owned)
    }
}

fn first<'a>(mut folders: impl Iterator<Item = &'a PathBuf>, name: &str) -> Option<PathBuf> {
    folders.find_map(|folder| {
        let file = folder.join(executable(name));
        file.is_file().then_some(file)
    })
}

/// The folder in whose `bin` folder `cargo install` puts programs.
pub fn cargo_install_root() -> Option<PathBuf> {
    let root = env::var_os("CARGO_INSTALL_ROOT").map(PathBuf::from);
    root.or_else(cargo_home)
}

/// Where cargo keeps what it downloads.
pub fn cargo_home() -> Option<PathBuf> {
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".cargo")))
}

fn describes_a_package(key: &OsStr) -> bool {
    let key = key.to_string_lossy();
    [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_NAME",
        "CARGO_PRIMARY_PACKAGE",
    ]
    .iter()
    .any(|start| key.starts_with(start))
}

/// The first word that looks like a version.
pub fn version_in(said: &str) -> Option<&str> {
    said.split_whitespace()
        .map(|word| word.trim_start_matches('v'))
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'))
}

/// Runs to the end, with the terminal shared; anything but success is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs silently and gives what was written to standard output.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", shown(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A command as a person would type it.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    std::iter::once(program)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_say() {
        assert_eq!(version_in("cargo-leptos 0.3.10"), Some("0.3.10"));
        assert_eq!(version_in("wasm-bindgen 0.2.130 (abcdef)"), Some("0.2.130"));
        assert_eq!(version_in("v20.20.2"), Some("20.20.2"));
        assert_eq!(version_in("no idea"), None);
    }

    #[test]
    fn pinned_tools_come_before_the_developers_own() {
        let workspace = Workspace::locate().unwrap();
        let tools = Tools::new(&workspace).unwrap();
        assert_eq!(tools.pinned.first(), Some(&workspace.tools().join("bin")));
        assert!(tools.find("cargo").is_some());
        assert_eq!(tools.find("no-such-program"), None);
    }

    #[test]
    fn a_program_of_the_checkout_is_not_the_developers_own() {
        let folder = std::env::temp_dir().join(format!("xtask-tools-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(executable("pinned-program")), "").unwrap();
        let tools = Tools {
            root: PathBuf::new(),
            pinned: vec![folder.clone()],
            own: Vec::new(),
            path: OsString::new(),
        };
        assert!(tools.find("pinned-program").is_some());
        assert_eq!(tools.find_own("pinned-program"), None);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let mut command = Command::new("/usr/bin/cargo");
        assert_eq!(shown(command.args(["fmt", "--check"])), "cargo fmt --check");
    }

    #[test]
    fn variables_of_cargo_run_are_recognised() {
        assert!(describes_a_package(OsStr::new("CARGO_PKG_VERSION")));
        assert!(!describes_a_package(OsStr::new("CARGO_TARGET_DIR")));
        assert!(!describes_a_package(OsStr::new("CARGO_HOME")));
    }
}
