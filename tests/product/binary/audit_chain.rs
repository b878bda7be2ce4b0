//! `latchkey audit verify` on what the server writes: over rotations, crashes and key rotations,
//! with commands in between (requirement L1).

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::support::{KNOWN_PHONE, wait_until};

const OLD_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW_KEY: &str = "HxAODQwLCgkIBwYFBAMCAQAfHh0cGxoZGBcWFRQTEhE=";

struct Log {
    env: TestEnvironment,
    path: PathBuf,
    variables: Vec<(String, String)>,
}

impl Log {
    fn new() -> Self {
        let env = TestEnvironment::new();
        let path = env.folder.path().join("audit.jsonl");
        let mut log = Self {
            env,
            path,
            variables: Vec::new(),
        };
        log.use_keys(OLD_KEY, "");
        log
    }

    fn use_keys(&mut self, key: &str, previous: &str) {
        let path = self.path.display().to_string();
        self.variables = self.env.upstream_variables();
        self.variables.extend(
            [
                ("TELEMETRY__AUDIT_FILE", path.as_str()),
                ("SECRETS__KEY", key),
                ("SECRETS__PREVIOUS_KEYS", previous),
            ]
            .map(|(name, value)| (format!("LATCHKEY_{name}"), value.to_owned())),
        );
    }

    async fn serve(&self) -> ChildProcess {
        let server =
            ChildProcess::spawn_server_with_outputs(&self.env, &self.variables, [None, None]);
        self.env.wait_until_up().await;
        server
    }

    async fn sign_in(&self) {
        let before = self.count("authn_login_success");
        NetworkBrowser::new(&self.env).sign_in(KNOWN_PHONE).await;
        wait_until("the event", async || {
            self.count("authn_login_success") > before
        })
        .await;
    }

    fn count(&self, event: &str) -> usize {
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        text.matches(&format!("\"event\":\"{event}\"")).count()
    }

    /// A path in the folder of the log.
    fn path_of(&self, name: &str) -> String {
        let path = self.env.folder.path().join(name);
        path.display().to_string()
    }

    fn verify(&self, files: &[&str]) -> (Option<i32>, String) {
        let output = self.run(&[&["audit", "verify"], files].concat());
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    }

    fn run(&self, arguments: &[&str]) -> std::process::Output {
        run_command(&self.env, arguments, &self.variables, "")
    }
}

#[tokio::test]
async fn l1_the_audit_log_verifies_over_restarts_crashes_rotations_and_new_keys() {
    let mut log = Log::new();
    let mut server = log.serve().await;
    log.sign_in().await;
    // While the server runs, and has the file open.
    assert_eq!(log.verify(&[]).0, Some(0), "{}", log.verify(&[]).1);
    let first = log.path_of("audit.jsonl.2");
    fs::rename(&log.path, &first).unwrap();
    server.send_signal("HUP");
    wait_until("the new file", async || log.path.exists()).await;
    // An empty file, as soon as the checkpoint says that it begins there.
    wait_until("the checkpoint", async || log.verify(&[]).0 == Some(0)).await;
    log.sign_in().await;
    server.kill();
    server.wait();
    // Commands without a server continue the chain, and so does another key.
    assert_eq!(log.run(&["sessions", "list"]).status.code(), Some(0));
    log.use_keys(NEW_KEY, OLD_KEY);
    let mut server = log.serve().await;
    log.sign_in().await;
    let second = log.path_of("audit.jsonl.1");
    fs::copy(&log.path, &second).unwrap();
    fs::write(&log.path, "").unwrap();
    log.sign_in().await;
    assert_eq!(server.terminate(), Some(0));
    let current = log.path.display().to_string();
    let all = [current.as_str(), &first, &second];
    let (code, text) = log.verify(&all);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(text.matches("lines authentic").count(), 3, "{text}");
    assert!(!text.contains("NOTE"), "{text}");
    let (code, text) = log.verify(&[]);
    assert!(code == Some(0) && text.contains("older file"), "{text}");
    let (code, text) = log.verify(&[&first]);
    assert!(code == Some(0) && text.contains("newer file"), "{text}");

    // What an intruder would do to hide a sign-in.
    let whole = fs::read_to_string(&second).unwrap();
    let kept: String = whole
        .split_inclusive('\n')
        .filter(|line| !line.contains("authn_login_success"))
        .collect();
    fs::write(&second, kept).unwrap();
    let (code, text) = log.verify(&all);
    assert!(
        code == Some(1) && text.contains("missing before it"),
        "{text}"
    );
    let output = log.run(&[&["audit", "verify", "--json"], &all[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let missing: Vec<_> = report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|problem| problem["problem"] == "missing")
        .collect();
    assert!(
        missing.iter().any(|problem| problem["file"] == second),
        "{report}"
    );
}

#[test]
fn l1_exit_codes_of_a_verification_are_those_of_the_table() {
    let log = Log::new();
    let missing = log.path_of("nothing.jsonl");
    assert_eq!(log.verify(&[&missing]).0, Some(2));
    assert_eq!(log.verify(&[]).0, Some(2), "there is no audit file yet");
    assert_eq!(log.run(&["sessions", "list"]).status.code(), Some(0));
    assert_eq!(log.verify(&[]).0, Some(0), "{}", log.verify(&[]).1);
    let old = log.path_of("old.jsonl");
    fs::write(&old, "{\"event\":\"sys_startup\"}\n").unwrap();
    let (code, text) = log.verify(&[&old]);
    assert!(
        code == Some(1) && text.contains("without a chain"),
        "{text}"
    );
    let through_input = {
        let text = fs::read_to_string(&log.path).unwrap();
        run_command(&log.env, &["audit", "verify", "-"], &log.variables, &text)
    };
    assert_eq!(through_input.status.code(), Some(0));
}

#[tokio::test]
async fn l1_events_on_standard_output_have_a_chain_for_each_start() {
    let env = TestEnvironment::new();
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    assert_eq!(server.terminate(), Some(0));
    let text = server.stdout();
    let verify = |text: &str| {
        let output = run_command(&env, &["audit", "verify", "-"], &[], text);
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, said) = verify(&text);
    assert!(code == Some(0) && said.contains("NOTE"), "{said}");
    let altered = text.replace("sys_startup", "sys_startuq");
    let (code, said) = verify(&altered);
    assert!(code == Some(1) && said.contains("altered"), "{said}");
}
