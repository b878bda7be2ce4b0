//! Results of commands that cannot be written: a full disk, a closed pipe. A missing result must
//! not be taken for an empty one.

use std::fs::File;
use std::io::{Write, pipe};
use std::process::{Output, Stdio};

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::binary::test_code::{day, listing, serve_with_message};
use crate::sms_gateway::Twilio;
use crate::support::KNOWN_PHONE;

/// Outputs that refuse whatever is written.
fn unwritable() -> [(&'static str, Stdio); 2] {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    [("full disk", full.into()), ("closed pipe", writer.into())]
}

/// Runs a command whose standard output is the caller's.
fn run_with_output(
    env: &TestEnvironment,
    arguments: &[&str],
    variables: &[(String, String)],
    output: Stdio,
) -> Output {
    let mut command = env.command(arguments, variables);
    command.stdin(Stdio::piped()).stdout(output);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let number = format!("{KNOWN_PHONE}\n");
    let _ = child.stdin.take().unwrap().write_all(number.as_bytes());
    child.wait_with_output().unwrap()
}

fn assert_fails(env: &TestEnvironment, arguments: &[&str], variables: &[(String, String)]) {
    for (case, output) in unwritable() {
        let output = run_with_output(env, arguments, variables, output);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.code() == Some(3) && said.contains("standard output: "),
            "{arguments:?}, {case}: {:?} {said}",
            output.status.code()
        );
    }
}

#[tokio::test]
async fn a_result_that_cannot_be_written_is_an_error_of_every_command() {
    let env = TestEnvironment::new();
    let sandboxed = env.upstream_variables();
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    NetworkBrowser::new(&env).sign_in(KNOWN_PHONE).await;
    for arguments in [
        &["sessions", "list"][..],
        &["sessions", "list", "--json"],
        &["sessions", "revoke", "--all"],
        &["sessions", "revoke", "--all", "--json"],
        &["unlock"],
        &["check"],
        &["backup", "copy.redb", "--replace"],
        &["restore", "copy.redb", "--check"],
        &["--version"],
        &["--help"],
    ] {
        assert_fails(&env, arguments, &sandboxed);
    }
    assert_eq!(server.terminate(), Some(0));
    for arguments in [
        &["sessions", "list", "--json"][..],
        &["backup", "copy.redb", "--replace"],
        &["restore", "copy.redb", "--replace"],
        &["compact"],
    ] {
        assert_fails(&env, arguments, &sandboxed);
    }
}

#[tokio::test]
async fn an_output_that_is_closed_at_the_start_is_an_error() {
    let env = TestEnvironment::new();
    let variables = env.upstream_variables();
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    // The shell closes the descriptor; a child process of Rust's always has it.
    let run_closed = |arguments: &str| {
        let binary = env.command(&[], &variables);
        let mut shell = env.command_of("sh", &variables);
        let script = format!("exec '{}' {arguments} >&-", binary.get_program().display());
        shell
            .args(["-c", &script])
            .stdin(Stdio::null())
            .output()
            .unwrap()
    };
    for arguments in [
        "sessions list --json",
        "check",
        "check --dump",
        "--version",
        "--help",
    ] {
        let output = run_closed(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.code() == Some(3) && said.contains("standard output: Bad file"),
            "{arguments}: {said}"
        );
    }
    assert_eq!(server.terminate(), Some(0));
    // The audit log would be lost.
    let output = run_closed("serve --sandbox");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.code() == Some(2) && said.contains("telemetry.audit_file"),
        "{said}"
    );
}

#[tokio::test]
async fn test_code_keeps_the_code_that_it_could_not_write() {
    let twilio = Twilio::start().await;
    let env = TestEnvironment::new();
    let variables = listing(&env, &twilio, &format!("{KNOWN_PHONE}={}", day(30)));
    let (mut server, person) = serve_with_message(&env, &variables).await;
    assert_fails(&env, &["test-code"], &variables);
    assert_fails(&env, &["test-code", "--json"], &variables);
    assert_eq!(server.terminate(), Some(0));
    // Without a server the same holds.
    assert_fails(&env, &["test-code"], &variables);
    let input = format!("{KNOWN_PHONE}\n");
    let shown = run_command(&env, &["test-code"], &variables, &input);
    let code = String::from_utf8(shown.stdout).unwrap();
    assert_eq!(code.trim(), person.code);
    let again = run_command(&env, &["test-code"], &variables, &input);
    assert_eq!(again.status.code(), Some(1), "it was shown");
}
