//! `cargo xtask doctor`: what is there, what is missing, and which command mends it.

use std::process::ExitCode;

use anyhow::Result;

use crate::setup::{self, Finding};
use crate::tools::Tools;
use crate::ui;
use crate::workspace::Workspace;

/// Prints a table. Fails when `cargo xtask run` would; what only tests and tools need is said, no
/// more.
pub fn doctor(workspace: &Workspace) -> Result<ExitCode> {
    let tools = Tools::new(workspace)?;
    let findings = setup::findings(workspace, &tools)?;
    table(&findings).iter().for_each(|line| ui::plain(line));
    let missing: Vec<_> = findings
        .iter()
        .filter(|finding| finding.mend.is_some())
        .collect();
    ui::plain("");
    if missing.is_empty() {
        ui::plain("Everything is there.");
        return Ok(ExitCode::SUCCESS);
    }
    let can_run = missing
        .iter()
        .all(|finding| finding.needed_for != setup::RUN);
    ui::plain(if can_run {
        "`cargo xtask run` has all it needs. `cargo xtask setup` installs what it may of it."
    } else {
        "`cargo xtask run` lacks something."
    });
    Ok(if can_run {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn table(findings: &[Finding]) -> Vec<String> {
    let width = findings
        .iter()
        .map(|finding| finding.what.chars().count())
        .max()
        .unwrap_or_default();
    let line = |finding: &Finding| {
        let Finding {
            what,
            found,
            needed_for,
            mend,
        } = finding;
        match mend {
            None => format!("ok       {what:width$}  {found}"),
            Some(mend) => format!("missing  {what:width$}  {found}, for {needed_for}: {mend}"),
        }
    };
    findings.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_shown_with_the_command_that_mends_it() {
        let finding = |what, mend: Option<&str>| Finding {
            what,
            found: "none".into(),
            needed_for: "tests",
            mend: mend.map(str::to_owned),
        };
        let lines = table(&[
            finding("Redis", None),
            finding("npm", Some("apt-get install npm")),
        ]);
        assert_eq!(
            lines,
            [
                "ok       Redis  none",
                "missing  npm    none, for tests: apt-get install npm"
            ]
        );
    }
}
