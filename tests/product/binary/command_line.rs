//! Completions and manual pages, which are made from the definition of the command line.

use std::collections::BTreeSet;

use crate::binary::process::{TestEnvironment, run_command};

/// The commands that `--help` lists.
fn commands(env: &TestEnvironment) -> BTreeSet<String> {
    let help = String::from_utf8(run_command(env, &["--help"], &[], "").stdout).unwrap();
    let listed = help.split_once("Commands:\n").unwrap().1;
    let lines = listed.lines().take_while(|line| !line.is_empty());
    // Further lines of a description are indented by more.
    let names = lines.filter(|line| line.len() > 2 && !line[2..].starts_with(' '));
    names
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect()
}

#[test]
fn completions_and_manuals_name_every_command_and_need_no_settings() {
    let env = TestEnvironment::new();
    let commands = commands(&env);
    assert!(commands.len() >= 12, "{commands:?}");
    // What would stop every other command.
    std::fs::write(env.folder.path().join("latchkey.toml"), "[broken\n").unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run_command(&env, &["completions", shell], &[], "");
        let script = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{shell}");
        for command in &commands {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    let page = run_command(&env, &["man"], &[], "");
    let text = String::from_utf8(page.stdout).unwrap().replace('\\', "");
    assert_eq!(page.status.code(), Some(0));
    assert!(text.contains(".TH latchkey 1") && text.contains("Exit codes of every command"));
    let folder = env.folder.path().join("man");
    std::fs::create_dir(&folder).unwrap();
    let written = run_command(&env, &["man", folder.to_str().unwrap()], &[], "");
    assert_eq!(written.status.code(), Some(0));
    for command in &commands {
        assert!(text.contains(command), "{command}");
        let page = folder.join(format!("latchkey-{command}.1"));
        assert!(page.is_file(), "{}", page.display());
    }
    let nowhere = run_command(&env, &["man", "no/such/folder"], &[], "");
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("no/such/folder"));
}

#[test]
fn the_reference_names_every_command() {
    let reference = include_str!("../../../docs/operators/commands.md");
    for command in commands(&TestEnvironment::new()) {
        let forms = [format!("`{command}`"), format!("`{command} ")];
        let is_named = forms.iter().any(|form| reference.contains(form.as_str()));
        assert!(
            is_named,
            "docs/operators/commands.md does not name {command}"
        );
    }
}
