//! A number that changes when files do. By content and not by date: a checkout gives old contents
//! new dates.

use std::fmt;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// What the front end is made from: the code (less what is compiled for the server alone), styles,
/// assets, and what decides about compilers and tools.
const INPUTS: [&str; 10] = [
    "src",
    "style",
    "public",
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
    "rust-toolchain.toml",
    "end2end/package-lock.json",
    "crates/xtask/src/build/shrink.js",
    "crates/xtask/src/build/compress.js",
];
const SERVER_ONLY: [&str; 5] = [
    "src/main.rs",
    "src/cli",
    "src/cli.rs",
    "src/server",
    "src/server.rs",
];

pub struct Fingerprint(u64);

impl Fingerprint {
    /// Everything that decides about the front end; `compiler` is its version.
    pub fn of_inputs(workspace: &Workspace, compiler: &str) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        compiler.hash(&mut hasher);
        // cargo-leptos and cargo take settings from the environment, too.
        ["RUSTFLAGS", "CARGO_PROFILE_RELEASE_LTO"]
            .map(std::env::var_os)
            .hash(&mut hasher);
        let server_only = SERVER_ONLY.map(|path| workspace.root().join(path));
        for input in INPUTS.map(|path| workspace.root().join(path)) {
            absorb(&input, &server_only, &mut hasher)?;
        }
        Ok(Self(hasher.finish()))
    }

    /// A file or a folder with all that it holds.
    pub fn of(path: &Path) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        absorb(path, &[], &mut hasher)?;
        Ok(Self(hasher.finish()))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

/// Names and contents, in a fixed order. What does not exist counts as such.
fn absorb(path: &Path, except: &[PathBuf], hasher: &mut DefaultHasher) -> Result<()> {
    if except.iter().any(|left_out| left_out == path) {
        return Ok(());
    }
    path.hash(hasher);
    if path.is_dir() {
        let read = || -> std::io::Result<Vec<PathBuf>> {
            fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect()
        };
        let mut entries = read().with_context(|| format!("cannot list {}", path.display()))?;
        entries.sort();
        entries
            .iter()
            .try_for_each(|entry| absorb(entry, except, hasher))
    } else if path.exists() {
        fs::read(path)
            .with_context(|| format!("cannot read {}", path.display()))?
            .hash(hasher);
        Ok(())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of this test's own, gone at its end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("xtask-{}-{name}", std::process::id()));
            fs::create_dir_all(path.join("inner")).unwrap();
            fs::write(path.join("inner/file"), "one").unwrap();
            Self(path)
        }

        fn fingerprint(&self) -> String {
            Fingerprint::of(&self.0).unwrap().to_string()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn contents_names_and_deletions_count_but_dates_do_not() {
        let folder = Folder::new("fingerprint");
        let first = folder.fingerprint();
        fs::write(folder.0.join("inner/file"), "one").unwrap();
        assert_eq!(folder.fingerprint(), first, "written again, unchanged");

        fs::write(folder.0.join("inner/file"), "two").unwrap();
        assert_ne!(folder.fingerprint(), first, "another content");

        fs::write(folder.0.join("inner/file"), "one").unwrap();
        fs::rename(folder.0.join("inner/file"), folder.0.join("inner/other")).unwrap();
        assert_ne!(folder.fingerprint(), first, "another name");

        fs::remove_file(folder.0.join("inner/other")).unwrap();
        assert_ne!(folder.fingerprint(), first, "a file less");
    }

    #[test]
    fn what_is_left_out_does_not_count() {
        let folder = Folder::new("except");
        let number = |except: &[PathBuf]| {
            let mut hasher = DefaultHasher::new();
            absorb(&folder.0, except, &mut hasher).unwrap();
            hasher.finish()
        };
        let except = [folder.0.join("inner")];
        let before = number(&except);
        fs::write(folder.0.join("inner/file"), "two").unwrap();
        assert_eq!(number(&except), before);
    }

    #[test]
    fn a_folder_that_is_not_there_has_a_fingerprint() {
        assert!(Fingerprint::of(Path::new("/no/such/folder")).is_ok());
    }
}
