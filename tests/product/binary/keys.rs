//! Rotation of the secret key, and keys that do not fit the store.

use std::os::unix::fs::PermissionsExt;

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::support::{KNOWN_PHONE, different_code};

const OLD: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW: &str = "HxAODQwLCgkIBwYFBAMCAQAfHh0cGxoZGBcWFRQTEhE=";

fn keys(key: &str, previous: &str) -> Vec<(String, String)> {
    [("KEY", key), ("PREVIOUS_KEYS", previous)]
        .map(|(name, value)| (format!("LATCHKEY_SECRETS__{name}"), value.to_owned()))
        .to_vec()
}

async fn serve(env: &TestEnvironment, variables: &[(String, String)]) -> ChildProcess {
    ChildProcess::start_server_with(env, &["serve", "--sandbox"], variables).await
}

/// Whether the command was refused, and its output.
fn refused(
    env: &TestEnvironment,
    arguments: &[&str],
    variables: &[(String, String)],
) -> (bool, String) {
    let output = run_command(env, arguments, variables, "");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code() != Some(0),
        String::from_utf8(text).unwrap(),
    )
}

#[tokio::test]
async fn key_rotation_keeps_sessions_and_counters() {
    let env = TestEnvironment::new();
    let mut server = serve(&env, &keys(OLD, "")).await;
    let mut person = NetworkBrowser::new(&env);
    person.sign_in(KNOWN_PHONE).await;
    let phone = "+447400123458";
    let mut guesser = NetworkBrowser::new(&env);
    assert_eq!(guesser.post("sign-up", &[("phone", phone)]).await.0, 200);
    guesser.read_code(phone).await;
    let wrong = different_code(&guesser.code);
    assert_eq!(
        guesser.post("verify-code", &[("code", &wrong)]).await.0,
        401
    );
    assert_eq!(server.terminate(), Some(0));

    // Every node can read the new key before the first one writes with it.
    for (key, previous) in [(OLD, format!("{NEW},{OLD}")), (NEW, OLD.to_owned())] {
        let mut server = serve(&env, &keys(key, &previous)).await;
        assert_eq!(person.get("/api/session").await.0, 200);
        let list = run_command(&env, &["sessions", "list"], &[], "");
        assert!(String::from_utf8_lossy(&list.stdout).contains("1 live"));
        assert_eq!(server.terminate(), Some(0));
    }
    // The flow, and the failures of its number, are kept.
    let mut server = serve(&env, &keys(NEW, OLD)).await;
    let (status, body) = guesser.post("verify-code", &[("code", &wrong)]).await;
    assert!(
        status == 401 && body.contains("\"tries_left\":0"),
        "{status} {body}"
    );
    person.sign_in("+447400123459").await;
    assert_eq!(server.terminate(), Some(0));
    let (failed, table) = refused(
        &env,
        &["check"],
        &[keys(NEW, OLD), env.upstream_variables()].concat(),
    );
    assert!(
        failed && table.contains("OK    secrets      index key"),
        "only upstream is missing: {table}"
    );
}

#[tokio::test]
async fn another_index_key_is_refused_until_it_is_accepted() {
    let env = TestEnvironment::new();
    let mut server = serve(&env, &keys(OLD, "")).await;
    let mut person = NetworkBrowser::new(&env);
    person.sign_in(KNOWN_PHONE).await;
    assert_eq!(server.terminate(), Some(0));

    let mut other = [keys(NEW, ""), env.upstream_variables()].concat();
    let mut fingerprint = String::new();
    for command in [
        &["serve"][..],
        &["check"],
        &["sessions", "list"],
        &["sessions", "revoke", "--all"],
    ] {
        let (failed, text) = refused(&env, command, &other);
        assert!(failed && !text.contains(NEW), "{command:?}: {text}");
        for part in [
            "another index key",
            "would be forgotten",
            "secrets.previous_keys",
            "secrets.accept_index = \"",
        ] {
            assert!(text.contains(part), "{command:?}: {part}: {text}");
        }
        let (_, rest) = text.split_once("accept_index = \"").unwrap();
        fingerprint = rest[..16].to_owned();
    }
    // The refused commands have changed nothing.
    let mut server = serve(&env, &keys(OLD, "")).await;
    assert_eq!(person.get("/api/session").await.0, 200);
    assert_eq!(server.terminate(), Some(0));

    let accept = |fingerprint: &str| {
        (
            "LATCHKEY_SECRETS__ACCEPT_INDEX".to_owned(),
            fingerprint.to_owned(),
        )
    };
    other.push(accept("0123456789abcdef"));
    assert!(
        refused(&env, &["sessions", "list"], &other).0,
        "another fingerprint"
    );
    other.pop();
    other.push(accept(&fingerprint));
    let (_, table) = refused(&env, &["check"], &other);
    assert!(
        table.contains("replaces the store's at the next start"),
        "{table}"
    );
    let mut server = serve(&env, &other[..]).await;
    assert_eq!(person.get("/api/session").await.0, 401);
    assert_eq!(server.terminate(), Some(0));
    other.pop();
    assert!(
        !refused(&env, &["sessions", "list"], &other).0,
        "the store has adopted the key"
    );
    assert!(
        refused(
            &env,
            &["sessions", "list"],
            &[keys(OLD, ""), env.upstream_variables()].concat()
        )
        .0
    );
}

#[tokio::test]
async fn check_reports_files_that_others_can_read() {
    let env = TestEnvironment::new();
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    assert_eq!(server.terminate(), Some(0));
    let (_, table) = refused(&env, &["check"], &[]);
    assert!(!table.contains("accessible to other users"), "{table}");
    let data = env.folder.path().join("data");
    for (path, mode) in [
        ("secrets.key", 0o640),
        ("latchkey.redb", 0o604),
        (".", 0o711),
    ] {
        let path = data.join(path);
        let before = path.metadata().unwrap().permissions();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        let (_, table) = refused(&env, &["check"], &[]);
        let row = table
            .lines()
            .find(|line| line.contains("accessible to other users"))
            .unwrap_or_else(|| panic!("{table}"));
        assert!(
            row.starts_with("WARN") && row.contains(&format!("({mode:03o}): chmod")),
            "{row}"
        );
        std::fs::set_permissions(&path, before).unwrap();
    }
}
