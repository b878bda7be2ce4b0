//! `cargo xtask`: set-up, run and test in one command each.
//!
//! | module | what it contains |
//! |---|---|
//! | `commands`, `arguments` | the list of commands, and how their arguments are read |
//! | `workspace`, `project` | where things are, and what `Cargo.toml` says about the build |
//! | `tools` | how other programs are called |
//! | `setup`, `doctor` | checks and installs what is missing; only says so |
//! | `bench` | compares sign-ins with those of other products, with tables and charts |
//! | `build` | the builds: in development, for release, to deploy |
//! | `run` | the development build, and the server in its place |
//! | `attack` | the attack simulator against the release build |
//! | `book` | the documentation as a site |
//! | `browsers` | the pages in Firefox and WebKit, and by Lighthouse |
//! | `fuzz` | libFuzzer over the parsers |
//! | `inventory` | what the binary is made of, and the notices of the libraries |
//! | `test` | every check in one go, with a table at the end |
//! | `timing` | whether the time of an answer tells whose number it was |
//! | `country_names` | writes the names of countries in every language |
//! | `phone_data` | updates the data about phone numbers, and says which ranges changed |
//! | `mutants` | takes checks away one by one, and sees whether the tests notice |

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

mod arguments;
mod attack;
mod bench;
mod book;
mod browsers;
mod build;
mod colours;
mod commands;
mod country_names;
mod doctor;
mod fuzz;
mod inventory;
mod mutants;
mod phone_data;
mod project;
mod run;
mod setup;
mod test;
mod timing;
mod tools;
mod ui;
mod workspace;

use arguments::Arguments;
use setup::Needs;
use test::Step;
use workspace::Workspace;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next();
    match perform(command.as_deref(), words.collect()) {
        Ok(code) => code,
        Err(error) => {
            ui::fail(&error);
            ExitCode::FAILURE
        }
    }
}

fn perform(command: Option<&str>, words: Vec<String>) -> Result<ExitCode> {
    let (Some(command), false) = (command, commands::asks_for_help(command, &words)) else {
        return commands::help(command);
    };
    let workspace = Workspace::locate()?;
    let mut arguments = Arguments::new(words);
    match command {
        "setup" => {
            arguments.end()?;
            drop(setup::ensure(&workspace, Needs::EVERYTHING)?);
        }
        "doctor" => {
            arguments.end()?;
            return doctor::doctor(&workspace);
        }
        "run" => run::run(&workspace, &arguments.after_dashes()?)?,
        "build" => {
            arguments.end()?;
            let ready = setup::ensure(&workspace, Needs::BUILD)?;
            build::release(&workspace, &ready.tools)?;
        }
        "dist" => {
            arguments.end()?;
            let ready = setup::ensure(&workspace, Needs::BUILD)?;
            build::dist(&workspace, &ready.tools)?;
        }
        "bench" => {
            bench::bench(&workspace, arguments)?;
        }
        "book" => {
            arguments.end()?;
            book::book(&workspace)?;
        }
        "attack" => return attack::attack(&workspace, &arguments.all()),
        "engines" | "lighthouse" => {
            let server = arguments.option("--server")?.map(PathBuf::from);
            arguments.end()?;
            let check = if command == "engines" {
                browsers::engines
            } else {
                browsers::lighthouse
            };
            check(&workspace, server)?;
        }
        "fuzz" => {
            let runs = arguments.number("--runs")?.unwrap_or(1_000_000);
            let target = arguments.word();
            arguments.end()?;
            fuzz::fuzz(&workspace, target.as_deref(), runs)?;
        }
        "inventory" => {
            arguments.end()?;
            inventory::inventory(&workspace)?;
        }
        "mutants" => {
            let only = arguments.option("--only")?;
            arguments.end()?;
            return mutants::mutants(&workspace, only.as_deref());
        }
        "country-names" => {
            arguments.end()?;
            country_names::country_names(&workspace)?;
        }
        "phone-data" => {
            arguments.end()?;
            phone_data::phone_data(&workspace)?;
        }
        "timing" => {
            let samples = arguments.number("--samples")?.unwrap_or(300);
            let answer_after = arguments.number("--answer-after")?.unwrap_or(1000);
            let release = arguments.flag("--release");
            arguments.end()?;
            timing::timing(&workspace, samples, answer_after, release)?;
        }
        "test" => {
            let only = arguments
                .option("--only")?
                .map(|name| Step::named(&name))
                .transpose()?;
            arguments.end()?;
            return test::test(&workspace, only);
        }
        unknown => return commands::unknown(unknown),
    }
    Ok(ExitCode::SUCCESS)
}
