//! libFuzzer over the targets of `src/fuzz.rs`, on the stable toolchain: the coverage that guides
//! it is a pass of LLVM, which needs no sanitizer and so no nightly compiler.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};

use crate::tools::{self, Tools};
use crate::ui;
use crate::workspace::{Workspace, executable};

/// What makes coverage visible to libFuzzer.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Longest input, in bytes: more than the longest that any target tells apart in a way of its own
/// but for tokens, whose bound has a test.
const MAX_INPUT: usize = 8 * 1024;

/// Builds the fuzzer and runs one target, or all in turn, for so many inputs each.
pub fn fuzz(workspace: &Workspace, only: Option<&str>, runs: u64) -> Result<()> {
    let tools = Tools::new(workspace)?;
    let place = FuzzFolders::of(workspace);
    let targets = place.targets()?;
    let chosen: Vec<&String> = targets
        .iter()
        .filter(|name| only.is_none_or(|only| only == *name))
        .collect();
    ensure!(
        !chosen.is_empty(),
        "there is no such target; there are: {}",
        targets.join(", ")
    );
    let program = place.build(&tools)?;
    for target in chosen {
        ui::say(&format!("fuzzing {target}"));
        let found = place.scratch.join("corpus").join(target);
        let artifacts = place.scratch.join("artifacts");
        for folder in [&found, &artifacts] {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let mut fuzzer = tools.command(&program.to_string_lossy());
        fuzzer
            .env("LATCHKEY_FUZZ_TARGET", target)
            .arg(&found)
            .arg(place.corpus.join(target));
        fuzzer
            .arg(format!("-runs={runs}"))
            .arg(format!("-max_len={MAX_INPUT}"))
            .args(["-timeout=10", "-print_final_stats=1"]);
        fuzzer.arg(format!(
            "-artifact_prefix={}/{target}-",
            artifacts.display()
        ));
        tools::run(&mut fuzzer)
            .with_context(|| format!("{target} broke a promise; see {}", artifacts.display()))?;
    }
    Ok(())
}

struct FuzzFolders {
    manifest: PathBuf,
    lock: PathBuf,
    our_lock: PathBuf,
    corpus: PathBuf,
    scratch: PathBuf,
}

impl FuzzFolders {
    fn of(workspace: &Workspace) -> Self {
        let folder = workspace.root().join("crates/fuzz");
        Self {
            manifest: folder.join("Cargo.toml"),
            lock: folder.join("Cargo.lock"),
            our_lock: workspace.root().join("Cargo.lock"),
            corpus: folder.join("corpus"),
            scratch: workspace.fuzz(),
        }
    }

    /// Every target has a corpus of its name.
    fn targets(&self) -> Result<Vec<String>> {
        let entries = fs::read_dir(&self.corpus)
            .with_context(|| format!("cannot read {}", self.corpus.display()))?;
        let mut names = entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    /// The fuzzer. It is built against the versions that our own lock file names.
    fn build(&self, tools: &Tools) -> Result<PathBuf> {
        let host = host(&tools::output(tools.command("rustc").arg("-vV"))?)?;
        fs::copy(&self.our_lock, &self.lock)
            .with_context(|| format!("cannot write {}", self.lock.display()))?;
        let mut cargo = tools.command("cargo");
        // With a target named, build scripts and macros are compiled without coverage.
        cargo
            .args(["build", "--target", &host, "--manifest-path"])
            .arg(&self.manifest);
        cargo
            .arg("--target-dir")
            .arg(&self.scratch)
            .env("RUSTFLAGS", COVERAGE);
        tools::run(&mut cargo)?;
        Ok(self
            .scratch
            .join(host)
            .join("debug")
            .join(executable("fuzz")))
    }
}

/// The platform that `rustc -vV` names.
fn host(said: &str) -> Result<String> {
    match said.lines().find_map(|line| line.strip_prefix("host: ")) {
        Some(host) => Ok(host.to_owned()),
        None => bail!("rustc does not say what it runs on"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_found_in_what_rustc_says() {
        let said = "rustc 1.95.0\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0";
        assert_eq!(host(said).unwrap(), "x86_64-unknown-linux-gnu");
        assert!(host("rustc 1.95.0").is_err());
    }

    #[test]
    fn every_corpus_is_a_target() {
        let targets = FuzzFolders::of(&Workspace::locate().unwrap())
            .targets()
            .unwrap();
        assert!(targets.contains(&"jws".to_owned()), "{targets:?}");
    }
}
