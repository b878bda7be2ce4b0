//! Calls cargo with the same arguments and variables as cargo-leptos, so that each of the two
//! reuses what the other has compiled.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::project::Project;
use crate::tools::Tools;
use crate::workspace::Workspace;

/// What browsers run.
pub const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGE: &str = "latchkey";

pub struct Cargo<'a> {
    pub workspace: &'a Workspace,
    pub tools: &'a Tools,
    pub project: &'a Project,
}

impl Cargo<'_> {
    pub fn server(&self, profile: &str, features: &str) -> Result<Command> {
        let mut command = self.build(PACKAGE, profile)?;
        command.args([
            "--bin",
            PACKAGE,
            "--no-default-features",
            "--features",
            features,
        ]);
        Ok(command)
    }

    /// The islands, as cargo leaves them: see [`Self::module`].
    pub fn front(&self, profile: &str) -> Result<Command> {
        let mut command = self.build(PACKAGE, profile)?;
        command.args(["--lib", "--target", TARGET, "--no-default-features"]);
        command.args(["--features", &self.project.front_features()?]);
        Ok(command)
    }

    pub fn module(&self, profile: &str) -> PathBuf {
        self.workspace
            .target()
            .join(TARGET)
            .join(profile)
            .join(format!("{PACKAGE}.wasm"))
    }

    /// wasm-bindgen as a program of ours: see [`Self::bindgen_program`].
    pub fn bindgen(&self) -> Command {
        let mut command = self.tools.command("cargo");
        command.args(["build", "--package", "bindgen"]);
        command
    }

    pub fn bindgen_program(&self) -> PathBuf {
        self.workspace.program("debug", "bindgen")
    }

    fn build(&self, package: &str, profile: &str) -> Result<Command> {
        let mut command = self.tools.command("cargo");
        command.args(["build", "--package", package, "--profile", profile]);
        // Leptos reads it while it is compiled.
        command.env("LEPTOS_OUTPUT_NAME", self.project.output_name()?);
        Ok(command)
    }
}
