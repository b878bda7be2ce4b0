//! The client's key in the hands of the operator: `latchkey client-jwks`, `check` and `serve`.

use serde_json::{Value, json};

use crate::binary::process::{Place, Process, run};
use crate::support::wait_until;
use latchkey_testkit::pem;

/// A place with a key in a file, and the variables that name it instead of the secret.
fn with_key(place: &Place, text: &str) -> Vec<(String, String)> {
    let path = place.folder.path().join("client.pem");
    std::fs::write(&path, text).unwrap();
    let mut variables = place.upstream_variables();
    variables.retain(|(name, _)| !name.ends_with("CLIENT_SECRET"));
    variables.push((
        "LATCHKEY_TRANSMIT__PRIVATE_KEY_FILE".to_owned(),
        path.display().to_string(),
    ));
    variables
}

#[tokio::test]
async fn what_client_jwks_prints_is_what_upstream_wants_registered() {
    let place = Place::new();
    let mut alone = Process::begin(&place, &["sandbox"], &[]);
    wait_until("the sandbox", async || {
        place.sandbox("/control/calls").await.is_some()
    })
    .await;
    let variables = with_key(&place, &pem::ec());
    let check = run(&place, &["check"], &variables, "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert!(
        table
            .lines()
            .any(|line| line.starts_with("FAIL") && line.contains("credentials")),
        "{table}"
    );

    let printed = run(&place, &["client-jwks"], &variables, "");
    assert_eq!(printed.status.code(), Some(0));
    let jwks: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(jwks["keys"][0]["alg"], "ES256");
    place
        .control("client", json!({ "jwks": jwks, "secret_allowed": false }))
        .await;
    let check = run(&place, &["check"], &variables, "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert_eq!(check.status.code(), Some(0), "{table}");
    assert!(
        table.contains("client credentials are accepted") && table.contains("clock"),
        "{table}"
    );

    let none = run(&place, &["client-jwks"], &place.upstream_variables(), "");
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&none.stderr).contains("transmit.private_key_file"));
    assert_eq!(alone.terminate(), Some(0));
}

#[tokio::test]
async fn a_key_that_cannot_be_read_or_used_stops_the_start_in_words() {
    let place = Place::new();
    let mut missing = with_key(&place, "");
    missing.last_mut().unwrap().1 = "/nowhere/client.pem".to_owned();
    let other = with_key(&place, "hunter2hunter2");
    for (variables, word) in [
        (missing, "/nowhere/client.pem"),
        (other, "BEGIN PRIVATE KEY"),
    ] {
        for command in ["serve", "check", "client-jwks"] {
            let told = run(&place, &[command], &variables, "");
            let text =
                String::from_utf8(told.stderr).unwrap() + &String::from_utf8(told.stdout).unwrap();
            assert_ne!(told.status.code(), Some(0), "{command}");
            assert!(
                text.contains(word) && !text.contains("hunter2") && !text.contains("panicked"),
                "{command}: {text}"
            );
        }
    }
}
