//! The store's file in the hands of the operator: `latchkey backup`, `restore`, `compact`.

use std::process::Output;

use crate::binary::process::{Person, Place, Process, run};
use crate::support::KNOWN;

/// Exit code, and everything that was said.
fn told(output: Output) -> (Option<i32>, String) {
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

fn latchkey(place: &Place, arguments: &[&str]) -> (Option<i32>, String) {
    told(run(place, arguments, &place.upstream_variables(), ""))
}

#[tokio::test]
async fn what_was_backed_up_live_is_there_after_the_restore_and_the_operator_reads_what_that_means()
{
    let place = Place::new();
    let mut server = Process::start(&place, &["serve", "--sandbox"]).await;
    let mut early = Person::new(&place);
    early.sign_in(KNOWN).await;
    // The name is relative to where the command runs.
    let (code, said) = latchkey(&place, &["backup", "copy"]);
    assert!(
        code == Some(0)
            && said.contains("1 live sessions")
            && said.contains("secrets.key is not in it"),
        "{said}"
    );
    let (code, said) = latchkey(&place, &["backup", "copy"]);
    assert!(code == Some(1) && said.contains("--replace"), "{said}");

    let mut late = Person::new(&place);
    late.sign_in("+447400123457").await;
    let mut ended = early.clone();
    assert_eq!(early.post("sign-out", &[]).await.0, 200);
    assert_eq!(ended.get("/api/session").await.0, 401);
    let (code, said) = latchkey(&place, &["restore", "copy", "--replace"]);
    assert!(
        code == Some(2) && said.contains("stop that first"),
        "{said}"
    );
    assert_eq!(server.terminate(), Some(0));

    let (code, said) = latchkey(&place, &["restore", "copy"]);
    assert!(code == Some(2) && said.contains("--replace"), "{said}");
    let (code, said) = latchkey(&place, &["restore", "copy", "--check"]);
    assert!(
        code == Some(0) && said.contains("sound, 1 live sessions") && !said.contains("fingerprint"),
        "{said}"
    );
    let (code, said) = latchkey(&place, &["restore", "copy", "--replace"]);
    assert_eq!(code, Some(0), "{said}");
    for part in [
        "ALIVE AGAIN",
        "forgotten",
        "sessions revoke --all",
        "latchkey.redb.replaced-",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let mut server = Process::start(&place, &["serve", "--sandbox"]).await;
    assert_eq!(ended.get("/api/session").await.0, 200, "alive again");
    assert_eq!(late.get("/api/session").await.0, 401);
    let (code, said) = latchkey(&place, &["sessions", "revoke", "--all"]);
    assert!(code == Some(0) && said.contains("1 ended"), "{said}");
    assert_eq!(ended.get("/api/session").await.0, 401);
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test]
async fn a_stopped_server_is_backed_up_and_compacted_by_the_command_itself() {
    let place = Place::new();
    let (code, said) = latchkey(&place, &["backup", "copy"]);
    assert!(code == Some(2) && said.contains("latchkey.redb"), "{said}");
    assert!(!place.store().exists(), "a backup makes no store");
    let mut server = Process::start(&place, &["serve", "--sandbox"]).await;
    Person::new(&place).sign_in(KNOWN).await;
    let (code, said) = latchkey(&place, &["compact"]);
    assert!(
        code == Some(2) && said.contains("another process"),
        "{said}"
    );
    assert_eq!(server.terminate(), Some(0));
    let (code, said) = latchkey(&place, &["backup", "copy"]);
    assert!(
        code == Some(0) && said.contains("1 live sessions"),
        "{said}"
    );
    let (code, said) = latchkey(&place, &["compact"]);
    assert!(code == Some(0) && said.contains("MiB before"), "{said}");
    let (code, said) = latchkey(
        &place,
        &["backup", place.store().to_str().unwrap(), "--replace"],
    );
    assert!(
        code == Some(2) && said.contains("the store itself"),
        "{said}"
    );
    let (_, said) = latchkey(&place, &["sessions", "list"]);
    assert!(said.contains("1 live"), "{said}");

    let key = (
        "LATCHKEY_SECRETS__KEY".to_owned(),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
    );
    let (code, said) = told(run(&place, &["restore", "copy", "--check"], &[], ""));
    assert!(
        code == Some(0) && said.contains("the key in use fits"),
        "{said}"
    );
    let (code, said) = told(run(
        &place,
        &["restore", "copy", "--check"],
        std::slice::from_ref(&key),
        "",
    ));
    assert!(
        code == Some(1)
            && said.contains("sound")
            && said.contains("the key in use is not this backup's"),
        "{said}"
    );
    let (code, said) = told(run(&place, &["restore", "copy", "--replace"], &[key], ""));
    assert!(
        code == Some(0)
            && said.contains("the key in use is not this backup's")
            && said.contains("fingerprint"),
        "{said}"
    );
    std::fs::write(
        place.folder.path().join("copy"),
        "latchkey backup 1\nnot really",
    )
    .unwrap();
    let (code, said) = latchkey(&place, &["restore", "copy", "--replace"]);
    assert!(
        code == Some(2) && said.contains("the backup cannot be used") && said.contains("copy"),
        "{said}"
    );
}

#[test]
fn redis_has_means_of_its_own() {
    let place = Place::new();
    let redis = [(
        "LATCHKEY_STORE__URL".to_owned(),
        "redis://127.0.0.1:1".to_owned(),
    )];
    for arguments in [&["backup", "copy"][..], &["restore", "copy"], &["compact"]] {
        let (code, said) = told(run(&place, arguments, &redis, ""));
        assert!(code == Some(2) && said.contains("BGSAVE"), "{said}");
    }
    assert!(!place.folder.path().join("copy").exists());
}
