//! Outputs that accept nothing: a pipe or a named pipe that nobody reads, a full disk, a closed
//! pipe. The server continues to serve, logs it once, and stops when it is told to.

use std::fs::{self, File};
use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use serde_json::Value;

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::support::{KNOWN_PHONE, pause, wait_until};

/// A pipe that is full and that nobody reads.
struct FullPipe {
    reader: PipeReader,
    writer: PipeWriter,
}

/// Writes to a pipe until it is full.
async fn fill(mut writer: impl Write + Send + 'static) {
    let (written, is_over) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    thread::spawn({
        let (written, is_over) = (written.clone(), is_over.clone());
        move || {
            while !is_over.load(Ordering::SeqCst) && writer.write_all(b"\n").is_ok() {
                written.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let mut before = None;
    while before != Some(written.load(Ordering::SeqCst)) {
        before = Some(written.load(Ordering::SeqCst));
        pause(100).await;
    }
    is_over.store(true, Ordering::SeqCst);
}

impl FullPipe {
    async fn new() -> Self {
        let (reader, writer) = pipe().unwrap();
        fill(writer.try_clone().unwrap()).await;
        Self { reader, writer }
    }

    /// Everything that is written from now on until the writers are gone.
    fn read_to_end(mut self) -> thread::JoinHandle<String> {
        drop(self.writer);
        thread::spawn(move || {
            let mut text = String::new();
            self.reader.read_to_string(&mut text).unwrap();
            text
        })
    }
}

fn create_named_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn audit_file(path: &Path) -> Vec<(String, String)> {
    let path = path.display().to_string();
    vec![("LATCHKEY_TELEMETRY__AUDIT_FILE".to_owned(), path)]
}

fn refusing(mut variables: Vec<(String, String)>) -> Vec<(String, String)> {
    variables.push((
        "LATCHKEY_TELEMETRY__AUDIT_OVERFLOW".to_owned(),
        "refuse".to_owned(),
    ));
    variables
}

/// It is alive and signs people in.
async fn assert_serves(env: &TestEnvironment, case: &str) {
    env.wait_until_up().await;
    let mut person = NetworkBrowser::new(env);
    person.sign_in(KNOWN_PHONE).await;
    assert_eq!(person.get("/api/session").await.0, 200, "{case}");
    assert!(env.is_up().await, "{case}");
}

/// SIGTERM ends it in a few seconds. No thread waits for the child, so a hanging one is noticed.
async fn assert_ends(server: &mut ChildProcess, case: &str) {
    server.send_signal("TERM");
    wait_until("the end", async || server.exit_code().is_some()).await;
    assert_eq!(server.exit_code(), Some(0), "{case}");
}

/// Whether a post that no limit refuses is refused.
async fn is_refused(env: &TestEnvironment) -> bool {
    pause(200).await;
    let (status, body) = NetworkBrowser::new(env).post("sign-out", &[]).await;
    assert!(
        status == 200 || (status == 503 && body.contains("unavailable")),
        "{status} {body}"
    );
    status == 503
}

#[tokio::test]
async fn l6_a_stalled_standard_output_stops_neither_requests_nor_the_shutdown() {
    let env = TestEnvironment::new();
    let full = FullPipe::new().await;
    let out = Stdio::from(full.writer.try_clone().unwrap());
    let mut server = ChildProcess::spawn_server_with_outputs(&env, &[], [Some(out), None]);
    assert_serves(&env, "stdout").await;
    assert_ends(&mut server, "stdout").await;
    let said = server.stderr();
    assert!(said.contains("the audit log is incomplete"), "{said}");
}

#[tokio::test]
async fn l6_a_stalled_standard_error_stops_neither_requests_nor_the_shutdown() {
    let env = TestEnvironment::new();
    let full = FullPipe::new().await;
    let err = Stdio::from(full.writer.try_clone().unwrap());
    let mut server = ChildProcess::spawn_server_with_outputs(&env, &[], [None, Some(err)]);
    assert_serves(&env, "stderr").await;
    // What was logged meanwhile is written as soon as it is read.
    let read = full.read_to_end();
    assert_ends(&mut server, "stderr").await;
    let said = read.join().unwrap();
    for part in ["with a sandbox", "latchkey: stopping"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[tokio::test]
async fn l6_both_outputs_stalled_do_not_prevent_the_end() {
    let env = TestEnvironment::new();
    let full = FullPipe::new().await;
    let [out, err] = [(); 2].map(|()| Some(Stdio::from(full.writer.try_clone().unwrap())));
    let mut server = ChildProcess::spawn_server_with_outputs(&env, &[], [out, err]);
    assert_serves(&env, "both").await;
    assert_ends(&mut server, "both").await;
}

#[tokio::test]
async fn l6_an_audit_file_that_takes_nothing_stops_nothing_and_is_reported_once() {
    for case in ["unread", "unopened", "full", "closed"] {
        let env = TestEnvironment::new();
        let path = env.folder.path().join("audit");
        let (mut variables, mut out, mut held) = (audit_file(&path), None, None);
        match case {
            "unopened" => create_named_pipe(&path),
            "unread" => {
                create_named_pipe(&path);
                // The reader's end is opened for writing as well, so that this does not wait.
                let both = File::options().read(true).write(true).open(&path).unwrap();
                fill(both.try_clone().unwrap()).await;
                held = Some(both);
            }
            "full" => variables = audit_file(Path::new("/dev/full")),
            _ => {
                variables.clear();
                out = Some(Stdio::from(pipe().unwrap().1));
            }
        }
        let mut server = ChildProcess::spawn_server_with_outputs(&env, &variables, [out, None]);
        assert_serves(&env, case).await;
        if case == "full" {
            let (_, metrics) = env.get_operations("/metrics").await;
            assert!(metrics.contains("latchkey_log_write_failures_total{log=\"audit\"}"));
        }
        assert_ends(&mut server, case).await;
        let said = server.stderr();
        let reports = said.matches("the output failed").count();
        assert_eq!(
            reports,
            usize::from(["full", "closed"].contains(&case)),
            "{case}: {said}"
        );
        assert!(
            said.contains("the audit log is incomplete"),
            "{case}: {said}"
        );
        drop(held);
    }
}

#[tokio::test]
async fn l1_refuse_answers_503_while_events_cannot_be_written_and_loses_none() {
    let env = TestEnvironment::new();
    let path = env.folder.path().join("audit");
    create_named_pipe(&path);
    let variables = refusing(audit_file(&path));
    let mut server = ChildProcess::spawn_server_with_outputs(&env, &variables, [None, None]);
    env.wait_until_up().await;
    wait_until("a refusal", async || is_refused(&env).await).await;
    // What changes nothing is served.
    assert_eq!(NetworkBrowser::new(&env).get("/sign-in").await.0, 200);
    let command = run_command(&env, &["sessions", "revoke", "--all"], &[], "");
    let said = String::from_utf8_lossy(&command.stderr).into_owned();
    assert!(
        command.status.code() == Some(3) && said.contains("the audit log cannot be written"),
        "{said}"
    );
    assert_eq!(env.call_count("otp_send").await, 0);

    let reader = thread::spawn({
        let path = path.clone();
        move || fs::read_to_string(path).unwrap()
    });
    wait_until("to be served again", async || !is_refused(&env).await).await;
    NetworkBrowser::new(&env).sign_in(KNOWN_PHONE).await;
    assert_ends(&mut server, "read again").await;
    let events: Vec<Value> = reader
        .join()
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.first().unwrap()["event"], "sys_startup");
    assert_eq!(events.last().unwrap()["event"], "sys_shutdown");
    let signed_in = |event: &Value| event["event"] == "authn_login_success";
    assert_eq!(events.iter().filter(|event| signed_in(event)).count(), 1);
}

#[tokio::test]
async fn l1_refuse_holds_from_the_first_request_on_a_full_disk() {
    let env = TestEnvironment::new();
    let variables = refusing(audit_file(Path::new("/dev/full")));
    let mut server = ChildProcess::spawn_server_with_outputs(&env, &variables, [None, None]);
    env.wait_until_up().await;
    assert!(is_refused(&env).await);
    assert_eq!(NetworkBrowser::new(&env).get("/sign-in").await.0, 200);
    assert_ends(&mut server, "full").await;
}
