//! Rotation of the audit file: by SIGHUP, by renaming it, by deleting it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment};
use crate::support::wait_until;

fn events(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn count(path: &Path, event: &str) -> usize {
    events(path)
        .iter()
        .filter(|found| found["event"] == event)
        .count()
}

fn serve_with_audit_file(env: &TestEnvironment, path: &Path) -> ChildProcess {
    let name = "LATCHKEY_TELEMETRY__AUDIT_FILE".to_owned();
    let variables = [(name, path.display().to_string())];
    ChildProcess::spawn_server_with_outputs(env, &variables, [None, None])
}

/// Causes an event of a name of its own.
async fn sign_in(env: &TestEnvironment, number: u32) {
    let mut person = NetworkBrowser::new(env);
    person.sign_in(&format!("+4474001234{number:02}")).await;
}

#[tokio::test]
async fn l1_sighup_opens_the_audit_file_again_and_no_event_is_lost() {
    let env = TestEnvironment::new();
    let path = env.folder.path().join("audit.jsonl");
    let mut server = serve_with_audit_file(&env, &path);
    env.wait_until_up().await;
    let mut files = Vec::new();
    for number in 0..3 {
        sign_in(&env, number).await;
        wait_until("the event", async || {
            count(&path, "authn_login_success") == 1
        })
        .await;
        let rotated = env.folder.path().join(format!("audit.jsonl.{number}"));
        fs::rename(&path, &rotated).unwrap();
        server.send_signal("HUP");
        // The new file is there before the next event.
        wait_until("the new file", async || path.exists()).await;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        files.push(rotated);
    }
    assert!(env.is_up().await, "SIGHUP does not end the server");
    assert_eq!(server.terminate(), Some(0));
    files.push(path);
    let all: Vec<Value> = files.iter().flat_map(|file| events(file)).collect();
    let of = |name: &str| all.iter().filter(|event| event["event"] == name).count();
    assert_eq!((of("sys_startup"), of("sys_shutdown")), (1, 1));
    assert_eq!((of("authn_login_success"), of("session_created")), (3, 3));
}

#[tokio::test]
async fn l1_a_vanished_audit_file_is_made_again() {
    let env = TestEnvironment::new();
    let path = env.folder.path().join("audit.jsonl");
    let mut server = serve_with_audit_file(&env, &path);
    wait_until("the server", async || count(&path, "sys_startup") == 1).await;
    for number in 0..2 {
        fs::remove_file(&path).unwrap();
        sign_in(&env, number).await;
        wait_until("the event", async || {
            count(&path, "authn_login_success") == 1
        })
        .await;
    }
    // A file that is emptied in its place goes on from its beginning.
    fs::File::options()
        .write(true)
        .truncate(true)
        .open(&path)
        .unwrap();
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(count(&path, "sys_shutdown"), 1);
}

#[tokio::test]
async fn l1_sighup_during_the_start_does_not_end_it() {
    let env = TestEnvironment::new();
    let path = env.folder.path().join("audit.pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    // Nobody reads the pipe, so the start waits for a reader.
    let variables = [
        ("LATCHKEY_TELEMETRY__AUDIT_FILE", path.display().to_string()),
        ("LATCHKEY_GUARD__ENABLED", "false".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let mut server = ChildProcess::spawn_server_with_outputs(&env, &variables, [None, None]);
    wait_until("the first line of the log", async || {
        server.stderr().contains("guard.enabled")
    })
    .await;
    server.send_signal("HUP");
    env.wait_until_up().await;
    assert_eq!(server.exit_code(), None);
    assert_eq!(server.terminate(), Some(0));
}
