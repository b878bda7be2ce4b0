//! `cargo xtask`: set-up, run and test in one command each.
//!
//! | room | what for |
//! |---|---|
//! | `workspace`, `tools` | where things are, and how other programs are called |
//! | `setup` | checks and installs what is missing, at pinned versions |
//! | `build` | the release build, the front end before the server that embeds it |
//! | `run` | the release build and the server in its place |
//! | `attack` | the attack simulator against the release build |
//! | `fuzz` | libFuzzer over the parsers |
//! | `test` | every check in one go, with a table at the end |
//! | `timing` | whether the time of an answer tells whose number it was |
//! | `mutants` | takes checks away one by one, and sees whether the tests notice |

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

mod attack;
mod build;
mod fuzz;
mod mutants;
mod run;
mod setup;
mod test;
mod timing;
mod tools;
mod ui;
mod workspace;

use setup::Needs;
use test::Step;
use workspace::Workspace;

/// Latchkey's own build, run and test commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what is missing for everything below; the others do it by themselves.
    Setup,
    /// Build for release and start the server with the sandbox: no account, no credentials.
    Run {
        /// Arguments for the server, after `--`.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Build for release: `target/release/latchkey`, with its assets inside.
    Build,
    /// Build the binary to deploy, without the sandbox: `target/dist/latchkey`.
    Dist,
    /// Play attacks against the server with a sandbox for an upstream, and print what they came to.
    #[command(disable_help_flag = true)]
    Attack {
        /// Arguments for the simulator; `--help` lists them. `--server PATH` attacks that one instead of the release build.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run libFuzzer over the parsers of bytes from outside. Needs a C++ compiler; the stable toolchain will do.
    Fuzz {
        /// This one alone; a folder of `fuzz/corpus`.
        target: Option<String>,
        /// Inputs for each.
        #[arg(long, default_value_t = 1_000_000)]
        runs: u64,
    },
    /// Take the checks of the token validator away one by one: the tests must notice each. Takes a while.
    Mutants {
        /// Only those whose name or file contains this.
        #[arg(long)]
        only: Option<String>,
    },
    /// Compare how long answers take for known, unknown, locked, inactive and limited numbers. A quarter of an hour.
    Timing {
        /// Of each kind.
        #[arg(long, default_value_t = 300)]
        samples: u32,
        /// Milliseconds until the answer to a send leaves; with 1 nothing is waited for, and the comparison must fail.
        #[arg(long, default_value_t = 1000)]
        answer_after: u32,
        /// The release build: closer to what is deployed, and long in the making.
        #[arg(long)]
        release: bool,
    },
    /// Format check, lints, tests, release build, byte budgets, attacks and browser tests.
    Test {
        /// Run this step alone.
        #[arg(long, value_enum)]
        only: Option<Step>,
    },
}

fn main() -> ExitCode {
    match perform(Cli::parse().task) {
        Ok(code) => code,
        Err(error) => {
            ui::fail(&error);
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<ExitCode> {
    let workspace = Workspace::locate()?;
    match task {
        Task::Setup => drop(setup::ensure(&workspace, Needs::EVERYTHING)?),
        Task::Run { arguments } => run::run(&workspace, &arguments)?,
        Task::Build => {
            let ready = setup::ensure(&workspace, Needs::BUILD)?;
            build::release(&workspace, &ready.tools)?;
        }
        Task::Dist => {
            let ready = setup::ensure(&workspace, Needs::BUILD)?;
            build::dist(&workspace, &ready.tools)?;
        }
        Task::Attack { arguments } => return attack::attack(&workspace, &arguments),
        Task::Fuzz { target, runs } => fuzz::fuzz(&workspace, target.as_deref(), runs)?,
        Task::Timing {
            samples,
            answer_after,
            release,
        } => {
            timing::timing(&workspace, samples, answer_after, release)?;
        }
        Task::Mutants { only } => return mutants::mutants(&workspace, only.as_deref()),
        Task::Test { only } => return test::test(&workspace, only),
    }
    Ok(ExitCode::SUCCESS)
}
