//! Operator commands for the client's key: `latchkey client-jwks`, `check` and `serve`.

use serde_json::{Value, json};

use crate::binary::process::{ChildProcess, TestEnvironment, run_command};
use latchkey_testkit::pem;

/// Writes a key to a file; returns the variables that name it instead of the secret.
fn with_key(env: &TestEnvironment, text: &str) -> Vec<(String, String)> {
    let path = env.folder.path().join("client.pem");
    std::fs::write(&path, text).unwrap();
    let mut variables = env.upstream_variables();
    variables.retain(|(name, _)| !name.ends_with("CLIENT_SECRET"));
    variables.push((
        "LATCHKEY_TRANSMIT__PRIVATE_KEY_FILE".to_owned(),
        path.display().to_string(),
    ));
    variables
}

#[tokio::test]
async fn client_jwks_prints_the_keys_to_register_upstream() {
    let env = TestEnvironment::new();
    let mut sandbox = ChildProcess::start_sandbox(&env).await;
    let variables = with_key(&env, &pem::ec());
    let check = run_command(&env, &["check"], &variables, "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert!(
        table
            .lines()
            .any(|line| line.starts_with("FAIL") && line.contains("credentials")),
        "{table}"
    );

    let printed = run_command(&env, &["client-jwks"], &variables, "");
    assert_eq!(printed.status.code(), Some(0));
    let jwks: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(jwks["keys"][0]["alg"], "ES256");
    env.put_control("client", json!({ "jwks": jwks, "secret_allowed": false }))
        .await;
    let check = run_command(&env, &["check"], &variables, "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert_eq!(check.status.code(), Some(0), "{table}");
    assert!(
        table.contains("client credentials are accepted") && table.contains("clock"),
        "{table}"
    );

    let none = run_command(&env, &["client-jwks"], &env.upstream_variables(), "");
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&none.stderr).contains("transmit.private_key_file"));
    assert_eq!(sandbox.terminate(), Some(0));
}

#[tokio::test]
async fn an_unusable_client_key_is_explained_and_stops_the_start() {
    let env = TestEnvironment::new();
    let mut missing = with_key(&env, "");
    missing.last_mut().unwrap().1 = "/nowhere/client.pem".to_owned();
    let other = with_key(&env, "hunter2hunter2");
    for (variables, word) in [
        (missing, "/nowhere/client.pem"),
        (other, "BEGIN PRIVATE KEY"),
    ] {
        for command in ["serve", "check", "client-jwks"] {
            let output = run_command(&env, &[command], &variables, "");
            let text = String::from_utf8(output.stderr).unwrap()
                + &String::from_utf8(output.stdout).unwrap();
            assert_ne!(output.status.code(), Some(0), "{command}");
            assert!(
                text.contains(word) && !text.contains("hunter2") && !text.contains("panicked"),
                "{command}: {text}"
            );
        }
    }
}
