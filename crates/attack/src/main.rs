//! `cargo xtask attack`: plays attacks against the real server, with a sandbox for an upstream, and
//! says what they came to.
//!
//! | room | what for |
//! |---|---|
//! | `attacks` | the attacks, one a file |
//! | `stage` | what an attack is given: places to attack, its scale, its dice, a crowd |
//! | `siege`, `finding` | measures an attack; what it came to, and what had to hold |
//! | `place`, `process` | the server and a sandbox, as processes in a folder of their own |
//! | `sandbox` | what truly reached upstream |
//! | `browser`, `appearance` | who attacks, and all that a browser sees of an answer |
//! | `case` | kinds of numbers that must look alike |
//! | `promises` | the limits that `docs/settings.md` promises |
//! | `numbers`, `clock` | telephone numbers and addresses; time |
//! | `kolmogorov_smirnov`, `masked`, `resident` | the benchmarks': a test of two samples; answers without what is random; memory |
//! | `report`, `progress` | the table, and what moves meanwhile |
//!
//! It knows nothing of the server but what the documentation says: the two meet only over HTTP.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};

mod appearance;
mod attacks;
mod browser;
mod case;
mod clock;
mod finding;
mod numbers;
mod place;
mod process;
mod progress;
mod promises;
mod report;
mod sandbox;
mod siege;
mod stage;

use attacks::Attack;
use promises::Promises;
use report::{Report, Row};
use stage::{Scale, Stage};

/// What a shell says of a program that an interrupt ended.
const INTERRUPTED: u8 = 130;

/// Plays attacks against Latchkey and says what they came to. Fails if one of them got further than
/// it may.
#[derive(Parser)]
#[command(name = "cargo xtask attack", bin_name = "cargo xtask attack")]
struct Cli {
    /// The server to be attacked, with the sandbox in it.
    #[arg(long, value_name = "PATH")]
    server: PathBuf,
    /// Fewer attempts: a minute or so for all.
    #[arg(long)]
    short: bool,
    /// These attacks alone; may be given several times.
    #[arg(long, value_enum, value_name = "NAME")]
    only: Vec<Attack>,
    /// What the dice begin with; drawn and printed when it is not given.
    #[arg(long)]
    seed: Option<u64>,
    /// What an SMS is assumed to cost.
    #[arg(long, default_value_t = 0.08)]
    price: f64,
    /// Write the findings to this file, too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Start the server with a setting of its own, such as `guard.enabled=false`, to see that the
    /// verdicts notice.
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match perform(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            progress::fail(&error);
            ExitCode::FAILURE
        }
    }
}

async fn perform(cli: Cli) -> Result<ExitCode> {
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    tokio::select! {
        outcome = attack(cli) => outcome,
        // What was started ends with what is dropped here.
        _ = interrupt.recv() => Ok(ExitCode::from(INTERRUPTED)),
        _ = terminate.recv() => Ok(ExitCode::from(INTERRUPTED)),
    }
}

async fn attack(cli: Cli) -> Result<ExitCode> {
    let server = fs::canonicalize(&cli.server)
        .with_context(|| format!("there is no {}", cli.server.display()))?;
    let promises = Promises::read()?;
    let seed = cli
        .seed
        .unwrap_or_else(|| fastrand::u64(..u64::from(u32::MAX)));
    let scale = if cli.short { Scale::Short } else { Scale::Long };
    let chosen = if cli.only.is_empty() {
        Attack::value_variants()
    } else {
        cli.only.as_slice()
    };

    progress::say(&format!(
        "{} attacks, {}, seed {seed}",
        chosen.len(),
        scale.name()
    ));
    let mut report = Report::new(seed, scale, cli.price, &cli.set);
    for attack in chosen {
        let bar = progress::bar(attack.name());
        let stage = Stage::new(&server, &cli.set, scale, seed, &promises, bar.clone());
        let row = Row::new(*attack, attack.play(&stage).await);
        bar.finish_and_clear();
        progress::say(&row.in_words());
        report.add(row);
    }
    progress::say("");
    report.lines().iter().for_each(|line| progress::say(line));
    if let Some(path) = &cli.json {
        fs::write(path, report.json()?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(if report.all_held() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// `KEY=VALUE`, with a key as in `docs/settings.md`.
fn setting(text: &str) -> Result<(String, String), String> {
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
            setting("guard.delays=1s,2s"),
            Ok(("guard.delays".to_owned(), "1s,2s".to_owned()))
        );
        assert!(setting("guard").is_err() && setting("enabled=false").is_err());
    }
}
