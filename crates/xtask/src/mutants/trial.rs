//! A copy of the checkout, in which one mutant is tried at a time.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::list::Mutant;
use crate::tools::{self, Tools};
use crate::ui::Stopwatch;
use crate::workspace::Workspace;

/// The tests that must notice: the upstream client against a stub that lies.
const TESTS: [&str; 4] = ["--features", "ssr", "--test", "transmit"];

/// Longest time that the tests may take; one that waits for ever has noticed.
const PATIENCE: Duration = Duration::from_secs(180);

/// Tests named in words.
const NAMED: usize = 3;

/// The copy, and how it is built.
pub struct Trial {
    tree: PathBuf,
    target: PathBuf,
    log: PathBuf,
    tools: Tools,
}

/// What the tests said.
pub struct MutantOutcome {
    failed: Vec<String>,
}

impl Trial {
    /// Copies what git knows or would add.
    pub fn prepare(workspace: &Workspace, tools: Tools) -> Result<Self> {
        let folder = workspace.mutants();
        let [tree, target, log] = ["tree", "target", "tests.log"].map(|name| folder.join(name));
        if tree.exists() {
            fs::remove_dir_all(&tree)
                .with_context(|| format!("cannot remove {}", tree.display()))?;
        }
        fs::create_dir_all(&tree).with_context(|| format!("cannot make {}", tree.display()))?;
        let mut files = tools.command("git");
        let files =
            tools::output(files.args(["ls-files", "--cached", "--others", "--exclude-standard"]))?;
        for file in files
            .lines()
            .map(Path::new)
            .filter(|file| workspace.root().join(file).is_file())
        {
            let (from, to) = (workspace.root().join(file), tree.join(file));
            to.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::copy(&from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
        }
        Ok(Self {
            tree,
            target,
            log,
            tools,
        })
    }

    /// What the tests say of one mutant. The copy is as before afterwards.
    pub fn with(&self, mutant: &Mutant) -> Result<MutantOutcome> {
        let path = self.tree.join(&mutant.file);
        let (mutated, before) = (mutant.applied_in(&self.tree)?, fs::read(&path)?);
        fs::write(&path, mutated)?;
        let verdict = self.run();
        fs::write(&path, before)?;
        verdict.with_context(|| mutant.name.clone())
    }

    /// Builds the tests and runs them.
    pub fn run(&self) -> Result<MutantOutcome> {
        let program = self.build()?;
        let log = File::create(&self.log)?;
        let mut child = Command::new(&program)
            .current_dir(&self.tree)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let watch = Stopwatch::start();
        while child.try_wait()?.is_none() {
            if watch.elapsed() > PATIENCE {
                child.kill()?;
                child.wait()?;
                let mut failed = failed(&fs::read_to_string(&self.log)?);
                failed.push("tests that never end".to_owned());
                return Ok(MutantOutcome { failed });
            }
            thread::sleep(Duration::from_millis(50));
        }
        let failed = failed(&fs::read_to_string(&self.log)?);
        ensure!(
            child.wait()?.success() == failed.is_empty(),
            "the tests broke off: see {}",
            self.log.display()
        );
        Ok(MutantOutcome { failed })
    }

    /// The test program. A mutant may leave things unused, which is nobody's concern here.
    fn build(&self) -> Result<PathBuf> {
        let mut cargo = self.tools.command("cargo");
        cargo
            .arg("test")
            .args(TESTS)
            .arg("--no-run")
            .current_dir(&self.tree);
        cargo
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_PROFILE_DEV_DEBUG", "0");
        let built = cargo.output().context("cannot start cargo")?;
        let said = String::from_utf8_lossy(&built.stderr);
        if !built.status.success() {
            bail!("does not compile:\n{said}");
        }
        program(&said)
            .map(|program| self.tree.join(program))
            .context("cargo did not name the test program")
    }
}

impl MutantOutcome {
    pub fn is_survived(&self) -> bool {
        self.failed.is_empty()
    }

    /// How many tests failed, and the first few.
    pub fn in_words(&self) -> String {
        match self.failed.len() {
            0 => "SURVIVED".to_owned(),
            count => {
                let named: Vec<_> = self.failed.iter().take(NAMED).map(String::as_str).collect();
                let more = if count > NAMED { ", …" } else { "" };
                format!("caught by {count}: {}{more}", named.join(", "))
            }
        }
    }
}

/// `Executable tests/transmit/main.rs (/…/transmit-0123456789abcdef)`
fn program(said: &str) -> Option<&Path> {
    let line = said
        .lines()
        .rev()
        .find(|line| line.trim_start().starts_with("Executable"))?;
    Some(Path::new(line.rsplit_once('(')?.1.strip_suffix(')')?))
}

/// `test forged::t1_… ... FAILED`, in the order of the alphabet: tests end in any.
fn failed(log: &str) -> Vec<String> {
    let names = log
        .lines()
        .filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
    let mut names: Vec<_> = names.map(str::to_owned).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_and_the_failures_are_found_in_what_is_printed() {
        let said = "   Compiling x\n    Finished `test`\n\
             \x20 Executable tests/transmit/main.rs (/t/deps/transmit-0a1b)\n";
        assert_eq!(program(said), Some(Path::new("/t/deps/transmit-0a1b")));
        assert_eq!(program("error: no"), None);
        let log = "running 3 tests\ntest a::b ... ok\ntest d ... FAILED\n\
             test a::c ... FAILED\n\nfailures:\n    a::c\n";
        assert_eq!(failed(log), ["a::c", "d"]);
    }

    #[test]
    fn a_verdict_reads_well() {
        let verdict = |names: &[&str]| MutantOutcome {
            failed: names.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(verdict(&[]).in_words(), "SURVIVED");
        assert_eq!(verdict(&["a", "b"]).in_words(), "caught by 2: a, b");
        assert_eq!(
            verdict(&["a", "b", "c", "d"]).in_words(),
            "caught by 4: a, b, c, …"
        );
    }
}
