//! `latchkey completions` and `latchkey man`: what shells and manuals show of the command line,
//! made from its definition, so that they cannot differ from it. They need no settings.

use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::arguments::{Arguments, DocumentationCommand};
use crate::cli::command_error::CommandError;
use crate::cli::context::{CommandResult, print_line};

/// Runs a command.
///
/// # Errors
/// For the operator: the output cannot be written.
pub fn run(command: &DocumentationCommand) -> CommandResult {
    match command {
        DocumentationCommand::Completions { shell } => print_completions(*shell)?,
        DocumentationCommand::Man { folder: None } => print_manual()?,
        DocumentationCommand::Man {
            folder: Some(folder),
        } => write_manuals(folder)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn print_completions(shell: Shell) -> Result<(), CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "latchkey", &mut script);
    print_text(&script)
}

fn print_manual() -> Result<(), CommandError> {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(Arguments::command()).render(&mut page);
    rendered.map_err(|error| CommandError::io("the manual page", &error))?;
    print_text(&page)
}

fn write_manuals(folder: &Path) -> Result<(), CommandError> {
    clap_mangen::generate_to(Arguments::command(), folder)
        .map_err(|error| CommandError::io(folder.display(), &error))
}

fn print_text(text: &[u8]) -> Result<(), CommandError> {
    print_line(String::from_utf8_lossy(text).trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = include_str!("../../README.md");
    const COMMANDS: &str = include_str!("../../docs/operators/commands.md");

    fn names() -> Vec<String> {
        let commands = Arguments::command();
        let names = commands.get_subcommands().map(clap::Command::get_name);
        names.map(str::to_owned).collect()
    }

    #[test]
    fn every_command_is_named_in_the_readme_and_in_the_list_of_commands() {
        for name in names() {
            let is_named = |document: &str, prefix: &str| {
                [' ', '`']
                    .iter()
                    .any(|end| document.contains(&format!("`{prefix}{name}{end}")))
            };
            // Or after another one: "`latchkey export` and `erase`".
            assert!(
                is_named(README, "latchkey ") || is_named(README, ""),
                "{name} is not in README.md"
            );
            assert!(is_named(COMMANDS, ""), "{name} is not in commands.md");
        }
    }

    #[test]
    fn the_readme_names_no_other_command() {
        let names = names();
        for mentioned in README.split("`latchkey ").skip(1) {
            let word = mentioned.split([' ', '`']).next().unwrap_or_default();
            let stands_for_any = word == "COMMAND";
            let is_known = names.iter().any(|name| name == word);
            assert!(stands_for_any || is_known, "`latchkey {word}`");
        }
    }
}
