//! What `Cargo.toml` says about the build. cargo-leptos reads the same section, so both make the
//! same files under the same names.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

/// `[package.metadata.leptos]`.
pub struct Project(Table);

impl Project {
    pub fn read(root: &Path) -> Result<Self> {
        let path = root.join("Cargo.toml");
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let manifest: Table = text.parse().context("Cargo.toml cannot be understood")?;
        let section = ["package", "metadata", "leptos"]
            .iter()
            .try_fold(&Value::Table(manifest), |value, key| value.get(key))
            .and_then(Value::as_table)
            .cloned();
        section
            .map(Self)
            .context("Cargo.toml has no [package.metadata.leptos]")
    }

    /// The name of scripts, styles and WebAssembly.
    pub fn output_name(&self) -> Result<&str> {
        self.text("output-name")
    }

    /// The folder that browsers see, from the root of the checkout.
    pub fn site_root(&self) -> Result<&str> {
        self.text("site-root")
    }

    /// The folder of built files in it.
    pub fn pkg_dir(&self) -> Result<&str> {
        self.text("site-pkg-dir")
    }

    /// The style sheet that imports all others.
    pub fn style_file(&self) -> Result<&str> {
        self.text("style-file")
    }

    /// Files that browsers see as they are.
    pub fn assets_dir(&self) -> Result<&str> {
        self.text("assets-dir")
    }

    /// The browsers that the optimised style sheet is written for.
    pub fn browsers(&self) -> Result<&str> {
        self.text("browserquery")
    }

    /// The profile that server and front end are built with in development.
    pub fn development_profile(&self) -> Result<&str> {
        let (server, front) = (self.text("bin-profile-dev")?, self.text("lib-profile-dev")?);
        anyhow::ensure!(
            server == front,
            "server and front end have different profiles in development"
        );
        Ok(server)
    }

    /// The profile of the optimised front end.
    pub fn front_release_profile(&self) -> Result<&str> {
        self.text("lib-profile-release")
    }

    pub fn server_features(&self) -> Result<String> {
        Ok(self.list("bin-features")?.join(","))
    }

    pub fn front_features(&self) -> Result<String> {
        Ok(self.list("lib-features")?.join(","))
    }

    /// The arguments of wasm-opt.
    pub fn wasm_opt_arguments(&self) -> Result<Vec<&str>> {
        self.list("wasm-opt-features")
    }

    fn text(&self, key: &str) -> Result<&str> {
        self.0
            .get(key)
            .and_then(Value::as_str)
            .with_context(|| format!("[package.metadata.leptos] lacks `{key}`"))
    }

    fn list(&self, key: &str) -> Result<Vec<&str>> {
        let list = self.0.get(key).and_then(Value::as_array);
        let list = list.with_context(|| format!("[package.metadata.leptos] lacks `{key}`"))?;
        Ok(list.iter().filter_map(Value::as_str).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    #[test]
    fn our_own_manifest_says_all_that_the_build_asks() {
        let project = Project::read(Workspace::locate().unwrap().root()).unwrap();
        assert_eq!(project.output_name().unwrap(), "latchkey");
        assert_eq!(project.development_profile().unwrap(), "quick");
        assert_eq!(project.server_features().unwrap(), "ssr,sandbox");
        assert_eq!(project.front_features().unwrap(), "hydrate");
        for text in [
            Project::pkg_dir,
            Project::style_file,
            Project::assets_dir,
            Project::browsers,
        ] {
            assert!(!text(&project).unwrap().is_empty());
        }
        assert!(project.wasm_opt_arguments().unwrap().contains(&"-Oz"));
    }
}
