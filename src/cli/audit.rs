//! `latchkey audit verify`: verifies the chain of codes in audit files.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use latchkey::server::audit::chain::verify::{FileSummary, LogSource, Verifier, VerifyReport};
use latchkey::server::settings::Settings;

use crate::cli::admin_client;
use crate::cli::command_error::{CommandError, NEGATIVE};
use crate::cli::context::{CommandResult, print_line};

/// The name of standard input on the command line, and in the report.
const STANDARD_INPUT: &str = "-";
const STANDARD_INPUT_NAME: &str = "standard input";

/// Verifies files; without any, that of the settings.
pub fn verify(settings: &Settings, mut files: Vec<PathBuf>, json: bool) -> CommandResult {
    let keys = admin_client::audit_keys(settings)?;
    if keys.newest().is_none() {
        return Err("there is no secret key yet, so there is nothing to verify with".into());
    }
    let configured = settings.telemetry.audit_file.as_deref();
    if files.is_empty() {
        files.extend(configured.map(Path::to_owned));
    }
    if files.is_empty() {
        return Err(
            "telemetry.audit_file: not set; name the files, or `-` for standard input".into(),
        );
    }
    let mut verifier = Verifier::new(keys);
    // It says how far the rotated files go.
    if let Some(file) = configured.filter(|file| !files.iter().any(|named| named == file)) {
        verifier.read_checkpoint(file);
    }
    let mut sources = Vec::new();
    for file in &files {
        sources.push(
            open(file, &mut verifier).map_err(|error| CommandError::io(file.display(), &error))?,
        );
    }
    let report = verifier
        .verify(sources)
        .map_err(|error| CommandError::io("the audit log", &error))?;
    print_report(&report, json)?;
    Ok(match report.problems.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(NEGATIVE),
    })
}

fn open(file: &Path, verifier: &mut Verifier) -> io::Result<LogSource> {
    if file != Path::new(STANDARD_INPUT) {
        return LogSource::open(file, || verifier.read_checkpoint(file));
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(LogSource::from_bytes(STANDARD_INPUT_NAME, bytes))
}

fn print_report(report: &VerifyReport, json: bool) -> Result<(), CommandError> {
    if json {
        let text = serde_json::to_string_pretty(report).map_err(|error| error.to_string())?;
        return print_line(&text);
    }
    for file in &report.files {
        print_line(&describe(file))?;
        for note in report.notes.iter().filter(|note| note.file == file.file) {
            print_line(&format!("  NOTE {}", note.what))?;
        }
    }
    for problem in &report.problems {
        print_line(&format!("FAIL {}: {}", problem.file, problem.what))?;
    }
    if report.problems_left_out > 0 {
        print_line(&format!("FAIL and {} more", report.problems_left_out))?;
    }
    if report.problems.is_empty() {
        print_line("OK   nothing is altered, missing, moved or inserted")?;
    }
    Ok(())
}

fn describe(file: &FileSummary) -> String {
    let FileSummary {
        file: name,
        lines,
        authentic,
        chain,
        numbers,
    } = file;
    let range = match (chain, numbers) {
        (Some(chain), Some((first, last))) => {
            format!(", numbers {first} to {last} of chain {chain}")
        }
        _ => String::new(),
    };
    format!("{name}: {authentic} of {lines} lines authentic{range}")
}
