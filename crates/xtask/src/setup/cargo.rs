//! What cargo and rustup can install.

use std::fs;

use anyhow::{Context, Result, bail};

use super::{Finding, Needs};
use crate::tools::{self, Tools};
use crate::ui::{self, Stopwatch, words};
use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";
/// 0.3.11 needs a newer compiler than `rust-version` in Cargo.toml.
const CARGO_LEPTOS: &str = "0.3.10";
const MDBOOK: &str = "0.5.4";

/// A program that `cargo install` builds.
struct CargoTool {
    package: &'static str,
    program: &'static str,
    version: String,
    arguments: &'static [&'static str],
    minutes: u32,
}

impl CargoTool {
    fn leptos(workspace: &Workspace) -> Result<[Self; 2]> {
        Ok([
            Self {
                package: "cargo-leptos",
                program: "cargo-leptos",
                version: CARGO_LEPTOS.to_owned(),
                // Without downloads it takes wasm-opt from our search path or says that it is
                // missing.
                arguments: &["--locked", "--features", "no_downloads"],
                minutes: 5,
            },
            Self {
                package: "wasm-bindgen-cli",
                program: "wasm-bindgen",
                // The program and the library must be of one version, or the module does not load.
                version: workspace.locked_version("wasm-bindgen")?,
                // Not `--locked`: the lockfile of 0.2.130 names a package that cannot be fetched
                // any more.
                arguments: &[],
                minutes: 2,
            },
        ])
    }

    fn book() -> Self {
        Self {
            package: "mdbook",
            program: "mdbook",
            version: MDBOOK.to_owned(),
            // Without its server, which would double the time.
            arguments: &["--locked", "--no-default-features", "--features", "search"],
            minutes: 2,
        }
    }

    fn install(&self, workspace: &Workspace, tools: &Tools) -> Result<()> {
        let watch = Stopwatch::start();
        let found = tools.version(self.program);
        let name = format!("{} {}", self.package, self.version);
        if let Some(other) = &found {
            ui::say(&format!(
                "{} {other} stays as it is; {} goes under target/tools",
                self.program, self.version
            ));
        }
        // The developer's own program of another version is not overwritten.
        let root = found.map(|_| workspace.tools());
        let finished = tools.find("cargo-binstall").is_some() && {
            ui::say(&format!("{name}: looking for a finished binary"));
            let mut command = tools.command("cargo-binstall");
            command.args(["--no-confirm", "--disable-strategies", "compile"]);
            if let Some(root) = &root {
                command.arg("--root").arg(root);
            }
            tools::run(command.arg(format!("{}@{}", self.package, self.version))).is_ok()
        };
        if !finished {
            ui::say(&format!(
                "{name}: building, about {} minutes on two cores, once",
                self.minutes
            ));
            // One folder for both, outside the temporary one, so that an interrupted build goes on
            // where it stopped.
            let mut command = tools.command("cargo");
            command
                .args([
                    "install",
                    self.package,
                    "--version",
                    &format!("={}", self.version),
                ])
                .args(self.arguments);
            command
                .arg("--target-dir")
                .arg(build_folder(workspace))
                .env_remove("CARGO_TARGET_DIR");
            if let Some(root) = &root {
                command.arg("--root").arg(root);
            }
            // Built to be there soon, not to be fast: optimised, they would take three times as
            // long.
            command.envs([
                ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
                ("CARGO_PROFILE_RELEASE_LTO", "off"),
                ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256"),
            ]);
            tools::run(&mut command)?;
        }
        ui::say(&format!("{name}: done in {}", words(watch.elapsed())));
        Ok(())
    }

    fn is_there(&self, tools: &Tools) -> bool {
        tools.version(self.program).as_deref() == Some(&self.version)
    }
}

fn build_folder(workspace: &Workspace) -> std::path::PathBuf {
    workspace.tools().join("build")
}

/// cargo-leptos and the wasm-bindgen that Cargo.lock names. Both are for `cargo leptos` alone: the
/// builds of `cargo xtask` do without.
pub fn leptos_tools(
    workspace: &Workspace,
    tools: &Tools,
    installed: &mut Vec<String>,
) -> Result<()> {
    install_missing(&CargoTool::leptos(workspace)?, workspace, tools, installed)
}

/// mdBook, for `cargo xtask book` alone.
pub fn book_tool(workspace: &Workspace, tools: &Tools) -> Result<()> {
    install_missing(&[CargoTool::book()], workspace, tools, &mut Vec::new())
}

fn install_missing(
    wanted: &[CargoTool],
    workspace: &Workspace,
    tools: &Tools,
    installed: &mut Vec<String>,
) -> Result<()> {
    let missing: Vec<_> = wanted.iter().filter(|tool| !tool.is_there(tools)).collect();
    for tool in &missing {
        tool.install(workspace, tools)?;
        if !tool.is_there(tools) {
            bail!(
                "{} {} was installed, but another version comes first on PATH",
                tool.program,
                tool.version
            );
        }
        installed.push(format!("{} {}", tool.package, tool.version));
    }
    if !missing.is_empty() && build_folder(workspace).exists() {
        fs::remove_dir_all(build_folder(workspace))
            .context("cannot clear away what the tools were built from")?;
    }
    Ok(())
}

/// What there is of all that cargo and rustup install, for `cargo xtask doctor`.
pub fn findings(workspace: &Workspace, tools: &Tools) -> Result<Vec<Finding>> {
    let program = |what, name: &str, needed_for, mend: &str| {
        let version = tools.version(name);
        let mend = version.is_none().then(|| mend.to_owned());
        Finding {
            what,
            found: version.unwrap_or_else(|| "not installed".to_owned()),
            needed_for,
            mend,
        }
    };
    let compiler = ["cc", "gcc", "clang"]
        .iter()
        .find_map(|name| tools.find(name));
    let has_target = has_target(tools)?;
    let mut findings = vec![
        program("Rust", "rustc", super::RUN, "see https://rustup.rs"),
        Finding {
            what: "C compiler",
            mend: compiler.is_none().then(|| c_compiler().to_owned()),
            found: compiler.map_or_else(
                || "not installed".to_owned(),
                |path| path.display().to_string(),
            ),
            needed_for: super::RUN,
        },
        Finding {
            what: TARGET,
            found: if has_target {
                "installed"
            } else {
                "not installed"
            }
            .to_owned(),
            needed_for: super::RUN,
            mend: (!has_target).then(|| format!("rustup target add {TARGET}")),
        },
        program(
            "rustfmt",
            "cargo-fmt",
            super::TESTS,
            "rustup component add rustfmt",
        ),
        program(
            "clippy",
            "cargo-clippy",
            super::TESTS,
            "rustup component add clippy",
        ),
    ];
    for tool in CargoTool::leptos(workspace)? {
        let found = tools.version(tool.program);
        findings.push(Finding {
            what: tool.package,
            mend: (found.as_ref() != Some(&tool.version)).then(|| super::SETUP.to_owned()),
            found: found.unwrap_or_else(|| format!("{} not installed", tool.version)),
            needed_for: super::LEPTOS,
        });
    }
    Ok(findings)
}

fn c_compiler() -> &'static str {
    if cfg!(target_os = "macos") {
        "xcode-select --install"
    } else {
        "sudo apt-get install -y gcc"
    }
}

/// Parts of the compiler.
pub fn components(tools: &Tools, needs: Needs, installed: &mut Vec<String>) -> Result<()> {
    // rustup puts a proxy on PATH for parts that are not there, so only asking them tells.
    if needs.lints
        && (tools.version("cargo-fmt").is_none() || tools.version("cargo-clippy").is_none())
    {
        rustup(tools, &["component", "add", "rustfmt", "clippy"])?;
        installed.push("rustfmt and clippy".to_owned());
    }
    if needs.wasm_target && !has_target(tools)? {
        rustup(tools, &["target", "add", TARGET])?;
        installed.push(TARGET.to_owned());
    }
    Ok(())
}

fn has_target(tools: &Tools) -> Result<bool> {
    let folder = tools::output(tools.command("rustc").args([
        "--print",
        "target-libdir",
        "--target",
        TARGET,
    ]))?;
    Ok(std::path::Path::new(&folder).is_dir())
}

fn rustup(tools: &Tools, arguments: &[&str]) -> Result<()> {
    let wanted = arguments.join(" ");
    if tools.find("rustup").is_none() {
        bail!(
            "the compiler lacks a part. With rustup it is `rustup {wanted}`; \
             without it, see your system's packages"
        );
    }
    ui::say(&format!("rustup {wanted}"));
    tools::run(tools.command("rustup").args(arguments))
}
