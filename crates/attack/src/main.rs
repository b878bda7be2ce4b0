//! `cargo xtask attack`: attacks a real server, with a sandbox as its upstream, and reports whether
//! the documented limits held.
//!
//! - `attacks`: the attacks, one a file
//! - `context`: what an attack gets: servers, scale, random generator, concurrency
//! - `environment`, `process`: a server and its sandbox, as processes in a temporary folder
//! - `browser`, `fingerprint`: the attacker's browser, and what it can see of a response
//! - `sandbox`: client of the sandbox, which counts what reached upstream
//! - `account_state`: states of accounts that must look the same
//! - `measurement`, `finding`: measures an attack; its result and checks
//! - `expected_limits`: the limits in `docs/operators/settings.md`
//! - `fixtures`, `clock`: phone numbers and IP addresses; real time
//! - `report`, `progress`: the table and the JSON file; the progress bar
//!
//! The simulator knows only what the documentation says of the server, and uses HTTP alone.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};

mod account_state;
mod attacks;
mod browser;
mod clock;
mod context;
mod environment;
mod expected_limits;
mod finding;
mod fingerprint;
mod fixtures;
mod measurement;
mod process;
mod progress;
mod report;
mod sandbox;

use attacks::Attack;
use context::{AttackContext, Scale};
use expected_limits::ExpectedLimits;
use report::{AttackResult, Report};

/// The exit code of a program that SIGINT ended, as in shells.
const INTERRUPTED: u8 = 130;

/// Attacks Latchkey and reports the results. Fails if a limit did not hold.
#[derive(Parser)]
#[command(name = "cargo xtask attack", bin_name = "cargo xtask attack")]
struct Cli {
    /// The server binary to attack, built with the sandbox.
    #[arg(long, value_name = "PATH")]
    server: PathBuf,
    /// Fewer attempts: about a minute for all attacks.
    #[arg(long)]
    short: bool,
    /// Run only this attack; may be repeated.
    #[arg(long, value_enum, value_name = "NAME")]
    only: Vec<Attack>,
    /// The seed of the random generator; printed if it is not given.
    #[arg(long)]
    seed: Option<u64>,
    /// The assumed price of an SMS.
    #[arg(long, default_value_t = 0.08)]
    price: f64,
    /// Also write the results to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Start the server with another setting, such as `guard.enabled=false`, to see that the
    /// verdicts change.
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_setting)]
    set: Vec<(String, String)>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run_until_signal(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            progress::print_error(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run_until_signal(cli: Cli) -> Result<ExitCode> {
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    tokio::select! {
        outcome = run_attacks(cli) => outcome,
        // Dropping the attack ends its processes.
        _ = interrupt.recv() => Ok(ExitCode::from(INTERRUPTED)),
        _ = terminate.recv() => Ok(ExitCode::from(INTERRUPTED)),
    }
}

async fn run_attacks(cli: Cli) -> Result<ExitCode> {
    let server = fs::canonicalize(&cli.server)
        .with_context(|| format!("cannot find {}", cli.server.display()))?;
    let limits = ExpectedLimits::read()?;
    let seed = cli
        .seed
        .unwrap_or_else(|| fastrand::u64(..u64::from(u32::MAX)));
    let scale = if cli.short { Scale::Short } else { Scale::Long };
    let chosen = if cli.only.is_empty() {
        Attack::value_variants()
    } else {
        cli.only.as_slice()
    };

    progress::print_line(&format!(
        "{} attacks, {}, seed {seed}",
        chosen.len(),
        scale.name()
    ));
    let mut report = Report::new(seed, scale, cli.price, &cli.set);
    for attack in chosen {
        let bar = progress::progress_bar(attack.name());
        let context = AttackContext::new(&server, &cli.set, scale, seed, &limits, bar.clone());
        let row = AttackResult::new(*attack, attack.run(&context).await);
        bar.finish_and_clear();
        progress::print_line(&row.summary_line());
        report.add(row);
    }
    progress::print_line("");
    report
        .lines()
        .iter()
        .for_each(|line| progress::print_line(line));
    if let Some(path) = &cli.json {
        fs::write(path, report.json()?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(if report.all_passed() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// `KEY=VALUE`, with a key as in `docs/operators/settings.md`.
fn parse_setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if key.contains('.') => Ok((key.to_owned(), value.to_owned())),
        _ => Err("must be KEY=VALUE, such as guard.enabled=false".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_a_key_and_a_value() {
        assert_eq!(
            parse_setting("guard.delays=1s,2s"),
            Ok(("guard.delays".to_owned(), "1s,2s".to_owned()))
        );
        assert!(parse_setting("guard").is_err() && parse_setting("enabled=false").is_err());
    }
}
