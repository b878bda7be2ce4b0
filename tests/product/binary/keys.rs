//! Keys that are turned, and keys that are not the store's.

use std::os::unix::fs::PermissionsExt;

use crate::binary::process::{Person, Place, Process, run};
use crate::support::{KNOWN, different_code, wait_until};

const OLD: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW: &str = "HxAODQwLCgkIBwYFBAMCAQAfHh0cGxoZGBcWFRQTEhE=";

fn keys(key: &str, previous: &str) -> Vec<(String, String)> {
    [("KEY", key), ("PREVIOUS_KEYS", previous)]
        .map(|(name, value)| (format!("LATCHKEY_SECRETS__{name}"), value.to_owned()))
        .to_vec()
}

async fn serve(place: &Place, variables: &[(String, String)]) -> Process {
    let server = Process::begin(place, &["serve", "--sandbox"], variables);
    wait_until("the server", async || place.is_up().await).await;
    server
}

/// Whether the command was refused, and what it said.
fn refused(place: &Place, arguments: &[&str], variables: &[(String, String)]) -> (bool, String) {
    let told = run(place, arguments, variables, "");
    let said = [told.stdout, told.stderr].concat();
    (
        told.status.code() != Some(0),
        String::from_utf8(said).unwrap(),
    )
}

#[tokio::test]
async fn a_rotation_ends_no_session_and_forgets_no_counter() {
    let place = Place::new();
    let mut server = serve(&place, &keys(OLD, "")).await;
    let mut person = Person::new(&place);
    person.sign_in(KNOWN).await;
    let phone = "+447400123458";
    let mut guesser = Person::new(&place);
    assert_eq!(guesser.post("sign-up", &[("phone", phone)]).await.0, 200);
    guesser.read_code(phone).await;
    let wrong = different_code(&guesser.code);
    assert_eq!(
        guesser.post("verify-code", &[("code", &wrong)]).await.0,
        401
    );
    assert_eq!(server.terminate(), Some(0));

    // Every node reads the new key before the first one writes with it.
    for (key, previous) in [(OLD, format!("{NEW},{OLD}")), (NEW, OLD.to_owned())] {
        let mut server = serve(&place, &keys(key, &previous)).await;
        assert_eq!(person.get("/api/session").await.0, 200);
        let list = run(&place, &["sessions", "list"], &[], "");
        assert!(String::from_utf8_lossy(&list.stdout).contains("1 live"));
        assert_eq!(server.terminate(), Some(0));
    }
    // The flow, and the failures of its number, are those of before.
    let mut server = serve(&place, &keys(NEW, OLD)).await;
    let (status, body) = guesser.post("verify-code", &[("code", &wrong)]).await;
    assert!(
        status == 401 && body.contains("\"tries_left\":0"),
        "{status} {body}"
    );
    person.sign_in("+447400123459").await;
    assert_eq!(server.terminate(), Some(0));
    let (failed, table) = refused(
        &place,
        &["check"],
        &[keys(NEW, OLD), place.upstream_variables()].concat(),
    );
    assert!(
        failed && table.contains("ok    secrets      index key"),
        "only upstream is missing: {table}"
    );
}

#[tokio::test]
async fn another_index_key_is_refused_until_it_is_accepted() {
    let place = Place::new();
    let mut server = serve(&place, &keys(OLD, "")).await;
    let mut person = Person::new(&place);
    person.sign_in(KNOWN).await;
    assert_eq!(server.terminate(), Some(0));

    let mut other = [keys(NEW, ""), place.upstream_variables()].concat();
    let mut fingerprint = String::new();
    for command in [
        &["serve"][..],
        &["check"],
        &["sessions", "list"],
        &["sessions", "revoke", "--all"],
    ] {
        let (failed, said) = refused(&place, command, &other);
        assert!(failed && !said.contains(NEW), "{command:?}: {said}");
        for part in [
            "another index key",
            "would be forgotten",
            "secrets.previous_keys",
            "secrets.accept_index = \"",
        ] {
            assert!(said.contains(part), "{command:?}: {part}: {said}");
        }
        let (_, rest) = said.split_once("accept_index = \"").unwrap();
        fingerprint = rest[..16].to_owned();
    }
    // Nothing was changed by all that.
    let mut server = serve(&place, &keys(OLD, "")).await;
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
        refused(&place, &["sessions", "list"], &other).0,
        "that is another one"
    );
    other.pop();
    other.push(accept(&fingerprint));
    let (_, table) = refused(&place, &["check"], &other);
    assert!(
        table.contains("takes the place of the store's at the next start"),
        "{table}"
    );
    let mut server = serve(&place, &other[..]).await;
    assert_eq!(person.get("/api/session").await.0, 401);
    assert_eq!(server.terminate(), Some(0));
    other.pop();
    assert!(
        !refused(&place, &["sessions", "list"], &other).0,
        "it is the store's own now"
    );
    assert!(
        refused(
            &place,
            &["sessions", "list"],
            &[keys(OLD, ""), place.upstream_variables()].concat()
        )
        .0
    );
}

#[tokio::test]
async fn check_says_what_others_can_read() {
    let place = Place::new();
    let mut server = Process::start(&place, &["serve", "--sandbox"]).await;
    assert_eq!(server.terminate(), Some(0));
    let (_, table) = refused(&place, &["check"], &[]);
    assert!(!table.contains("open to others"), "{table}");
    let data = place.folder.path().join("data");
    for (path, mode) in [
        ("secrets.key", 0o640),
        ("latchkey.redb", 0o604),
        (".", 0o711),
    ] {
        let path = data.join(path);
        let before = path.metadata().unwrap().permissions();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        let (_, table) = refused(&place, &["check"], &[]);
        let row = table
            .lines()
            .find(|line| line.contains("open to others"))
            .unwrap_or_else(|| panic!("{table}"));
        assert!(
            row.starts_with("mind") && row.contains(&format!("({mode:03o}): chmod")),
            "{row}"
        );
        std::fs::set_permissions(&path, before).unwrap();
    }
}
