//! The list of commands, as `cargo xtask` shows it.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::ui;

struct Group {
    title: &'static str,
    commands: &'static [Entry],
}

struct Entry {
    name: &'static str,
    arguments: &'static str,
    summary: &'static str,
    /// Further lines of its own help.
    details: &'static [&'static str],
}

const fn entry(name: &'static str, arguments: &'static str, summary: &'static str) -> Entry {
    Entry {
        name,
        arguments,
        summary,
        details: &[],
    }
}

const GROUPS: [Group; 5] = [
    Group {
        title: "Try it",
        commands: &[
            Entry {
                details: &["What stands after `--` is for the server, such as `-- --help`."],
                ..entry(
                    "run",
                    "[-- ARGUMENTS]",
                    "build in development, start the server with the sandbox",
                )
            },
            entry(
                "doctor",
                "",
                "say what is there, what is missing, and which command mends it",
            ),
            entry(
                "setup",
                "",
                "install what is missing for all commands; each does so for itself, too",
            ),
        ],
    },
    Group {
        title: "Build",
        commands: &[
            entry(
                "build",
                "",
                "optimised, with the sandbox: target/release/latchkey",
            ),
            entry(
                "dist",
                "",
                "the binary to deploy, without the sandbox: target/dist/latchkey",
            ),
            entry(
                "inventory",
                "",
                "what that binary is made of (CycloneDX), and notices: target/inventory",
            ),
            entry(
                "book",
                "",
                "the documentation as a site, and its links: target/book/book",
            ),
        ],
    },
    Group {
        title: "Check",
        commands: &[Entry {
            details: &[
                "Steps: fmt, clippy, checks, unit, build, attack, browser, watch, end-to-end.",
                "`--only` runs one of them alone.",
            ],
            ..entry(
                "test",
                "[--only STEP]",
                "all that CI checks, with a table at the end",
            )
        }],
    },
    Group {
        title: "Check for longer",
        commands: &[
            Entry {
                details: &[
                    "`cargo xtask attack --help` lists the arguments, the simulator's.",
                    "`--server PATH` attacks that binary instead of the release build.",
                ],
                ..entry(
                    "attack",
                    "[ARGUMENTS]",
                    "play attacks against the release build, about ten minutes",
                )
            },
            Entry {
                details: &[
                    "Products: latchkey, latchkey-guard-off, better-auth, allauth, which are",
                    "installed. CPU time, rate, latencies, memory, start, first form.",
                    "--products A,B    --concurrency 1,8,32    --delay 0,20,150 of upstream, in ms",
                    "--journeys N      of each load at most, else 400",
                    "--seconds N       for each load at most, else 5; twice that at 1",
                    "--server PATH     measures that binary instead of the release build",
                    "--docs            writes the page into docs/, else into target/bench",
                    "`cargo xtask bench NAME [ARGUMENTS]` starts one of `benches/` instead.",
                ],
                ..entry(
                    "bench",
                    "[OPTIONS]",
                    "compare sign-ins with better-auth and django-allauth, five minutes",
                )
            },
            Entry {
                details: &[
                    "TARGET is a folder of `fuzz/corpus`. Needs a C++ compiler.",
                    "--runs N inputs for each target, else 1,000,000",
                ],
                ..entry(
                    "fuzz",
                    "[TARGET] [--runs N]",
                    "run libFuzzer over the parsers of bytes from outside",
                )
            },
            Entry {
                details: &[
                    "`--server PATH` drives that binary instead of building one.",
                    "Needs Firefox, WebKitGTK's WebDriver and Xvfb, which it installs on Debian.",
                ],
                ..entry(
                    "engines",
                    "[--server PATH]",
                    "sign in and sign up in Firefox and WebKit",
                )
            },
            Entry {
                details: &[
                    "`--server PATH` measures that binary instead of building one.",
                    "Accessibility and best practices must be 100, performance 98 (median of 5).",
                ],
                ..entry(
                    "lighthouse",
                    "[--server PATH]",
                    "measure the pages with Lighthouse, about four minutes",
                )
            },
            Entry {
                details: &["--only TEXT tries those whose name or file contains TEXT."],
                ..entry(
                    "mutants",
                    "[--only TEXT]",
                    "take checks of tokens away one by one: the tests must notice",
                )
            },
            Entry {
                details: &[
                    "--samples N       of each kind, else 300",
                    "--answer-after MS the fixed response time, else 1000; with 1 it must fail",
                    "--release         the release build, closer to what is deployed",
                ],
                ..entry(
                    "timing",
                    "[OPTIONS]",
                    "compare how long answers take for all kinds of numbers, 90 minutes",
                )
            },
        ],
    },
    Group {
        title: "Maintain",
        commands: &[
            Entry {
                details: &[
                    "Updates `rlibphonenumber` and the list of ranges.",
                    "Fails if the data is more than one release behind libphonenumber.",
                ],
                ..entry(
                    "phone-data",
                    "",
                    "update the data about phone numbers, say which ranges changed",
                )
            },
            entry(
                "country-names",
                "",
                "write country names in every language, from Node.js",
            ),
        ],
    },
];

/// Whether a list is wanted rather than a deed. What follows `--` or `attack` is for others.
pub fn asks_for_help(command: Option<&str>, words: &[String]) -> bool {
    let is_help = |word: &str| matches!(word, "help" | "--help" | "-h");
    match command {
        None => true,
        Some("attack") => false,
        Some(command) => {
            is_help(command)
                || words
                    .iter()
                    .take_while(|word| *word != "--")
                    .any(|word| is_help(word))
        }
    }
}

/// Prints the list, or what there is to know about one command.
#[expect(clippy::unnecessary_wraps, reason = "the outcome of a command")]
pub fn help(command: Option<&str>) -> Result<ExitCode> {
    let found = GROUPS
        .iter()
        .flat_map(|group| group.commands)
        .find(|entry| Some(entry.name) == command);
    let lines = found.map_or_else(list, |entry| {
        let usage = format!("cargo xtask {} {}", entry.name, entry.arguments);
        let mut lines = vec![format!("{}: {}", usage.trim_end(), entry.summary)];
        lines.extend(entry.details.iter().map(|line| format!("  {line}")));
        lines
    });
    lines.iter().for_each(|line| ui::plain(line));
    Ok(ExitCode::SUCCESS)
}

pub fn unknown(command: &str) -> Result<ExitCode> {
    bail!("there is no command `{command}`; `cargo xtask` lists them");
}

fn list() -> Vec<String> {
    let mut lines =
        vec!["Latchkey's own commands. `cargo xtask COMMAND --help` tells more.".to_owned()];
    for group in &GROUPS {
        lines.extend([String::new(), group.title.to_owned()]);
        lines.extend(group.commands.iter().map(|entry| {
            let usage = format!("{} {}", entry.name, entry.arguments);
            format!("  cargo xtask {usage:<25} {}", entry.summary)
        }));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(line: &str) -> bool {
        let mut words = line.split_whitespace().map(str::to_owned);
        let command = words.next();
        asks_for_help(command.as_deref(), &words.collect::<Vec<_>>())
    }

    #[test]
    fn without_a_command_all_are_listed_in_groups() {
        assert!(asks("") && asks("help") && asks("--help"));
        let lines = list().join("\n");
        for group in &GROUPS {
            assert!(lines.contains(group.title));
            assert!(
                group
                    .commands
                    .iter()
                    .all(|entry| lines.contains(entry.summary))
            );
        }
        assert!(
            list().iter().all(|line| line.chars().count() <= 110),
            "wide lines break in a terminal"
        );
    }

    #[test]
    fn help_for_another_program_is_passed_on() {
        assert!(asks("run --help") && asks("fuzz tokens -h"));
        assert!(!asks("run -- --help") && !asks("attack --help") && !asks("run"));
    }
}
