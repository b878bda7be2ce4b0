//! Mutants of the token validator: each removes one check, and the tests must notice.
//!
//! `mutants.toml` lists them; `docs/developers/tests.md` says why cargo-mutants does not replace
//! them. They are built in a copy of the checkout, with a target folder of its own. So no mutant is
//! left where somebody builds or runs the product.

mod list;
mod trial;

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use crate::tools::Tools;
use crate::ui::{self, Stopwatch};
use crate::workspace::Workspace;
use list::Mutant;
use trial::{MutantOutcome, Trial};

/// Tries the mutants whose name or file contains `only`, and prints a table. Fails if one survives.
pub fn mutants(workspace: &Workspace, only: Option<&str>) -> Result<ExitCode> {
    let all = list::read(workspace.root())?;
    let chosen: Vec<&Mutant> = all
        .iter()
        .filter(|mutant| only.is_none_or(|text| mutant.is_about(text)))
        .collect();
    ensure!(!chosen.is_empty(), "no mutant is called that");

    ui::say("building the tests as they are");
    let trial = Trial::prepare(workspace, Tools::new(workspace)?)?;
    let unchanged = trial.run()?;
    ensure!(
        unchanged.is_survived(),
        "the tests fail without any mutant: {}",
        unchanged.in_words()
    );

    let mut rows = Vec::new();
    for (at, mutant) in chosen.iter().enumerate() {
        let watch = Stopwatch::start();
        let verdict = trial.with(mutant)?;
        let (number, total, took) = (at + 1, chosen.len(), ui::words(watch.elapsed()));
        ui::say(&format!(
            "{number}/{total} {}: {} ({took})",
            mutant.name,
            verdict.in_words()
        ));
        rows.push((mutant.name.as_str(), verdict));
    }
    report(workspace, &rows)
}

/// Prints the table, and keeps it in the target folder.
fn report(workspace: &Workspace, rows: &[(&str, MutantOutcome)]) -> Result<ExitCode> {
    let width = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or_default();
    let mut table = String::new();
    for (name, verdict) in rows {
        table += &format!("{name:width$} | {}\n", verdict.in_words());
    }
    let survived = rows
        .iter()
        .filter(|(_, verdict)| verdict.is_survived())
        .count();
    table += &format!(
        "{} mutants, {} caught, {survived} survived\n",
        rows.len(),
        rows.len() - survived
    );
    let path = workspace.mutants().join("table.txt");
    fs::write(&path, &table).with_context(|| format!("cannot write {}", path.display()))?;
    table.lines().for_each(ui::plain);
    Ok(if survived == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
