//! Operator commands on the store's file: `latchkey backup`, `restore`, `compact`.

use std::process::Output;

use latchkey::server::crypto::hash::sha256;

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::support::KNOWN_PHONE;

/// The length of the authentication code at the end of a backup.
const CODE: usize = "hmac 1\n".len() + 16 + 32;
/// The length of the checksum before it.
const CHECKSUM: usize = 32;

/// Exit code and all output.
fn output_of(output: Output) -> (Option<i32>, String) {
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

fn latchkey(env: &TestEnvironment, arguments: &[&str]) -> (Option<i32>, String) {
    output_of(run_command(env, arguments, &env.upstream_variables(), ""))
}

#[tokio::test]
async fn a_live_backup_is_restored_with_a_warning_about_its_effects() {
    let env = TestEnvironment::new();
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    let mut early = NetworkBrowser::new(&env);
    early.sign_in(KNOWN_PHONE).await;
    // The name is relative to the working directory of the command.
    let (code, text) = latchkey(&env, &["backup", "copy"]);
    assert!(
        code == Some(0)
            && text.contains("1 live sessions")
            && text.contains("secrets.key is not in it"),
        "{text}"
    );
    let (code, text) = latchkey(&env, &["backup", "copy"]);
    assert!(code == Some(2) && text.contains("--replace"), "{text}");

    let mut late = NetworkBrowser::new(&env);
    late.sign_in("+447400123457").await;
    let mut ended = early.clone();
    assert_eq!(early.post("sign-out", &[]).await.0, 200);
    assert_eq!(ended.get("/api/session").await.0, 401);
    let (code, text) = latchkey(&env, &["restore", "copy", "--replace"]);
    assert!(
        code == Some(3) && text.contains("stop that first"),
        "{text}"
    );
    assert_eq!(server.terminate(), Some(0));

    let (code, text) = latchkey(&env, &["restore", "copy"]);
    assert!(code == Some(2) && text.contains("--replace"), "{text}");
    let (code, text) = latchkey(&env, &["restore", "copy", "--check"]);
    assert!(
        code == Some(0)
            && text.contains("sound, authentic, 1 live sessions")
            && !text.contains("fingerprint"),
        "{text}"
    );
    let (code, text) = latchkey(&env, &["restore", "copy", "--replace"]);
    assert_eq!(code, Some(0), "{text}");
    for part in [
        "ACTIVE AGAIN",
        "forgotten",
        "sessions revoke --all",
        "latchkey.redb.replaced-",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    assert_eq!(ended.get("/api/session").await.0, 200, "alive again");
    assert_eq!(late.get("/api/session").await.0, 401);
    let (code, text) = latchkey(&env, &["sessions", "revoke", "--all"]);
    assert!(code == Some(0) && text.contains("1 ended"), "{text}");
    assert_eq!(ended.get("/api/session").await.0, 401);
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test]
async fn backup_and_compact_work_with_a_stopped_server() {
    let env = TestEnvironment::new();
    let (code, text) = latchkey(&env, &["backup", "copy"]);
    assert!(code == Some(2) && text.contains("latchkey.redb"), "{text}");
    assert!(!env.store_path().exists(), "a backup makes no store");
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    NetworkBrowser::new(&env).sign_in(KNOWN_PHONE).await;
    let (code, text) = latchkey(&env, &["compact"]);
    assert!(
        code == Some(3) && text.contains("another process"),
        "{text}"
    );
    assert_eq!(server.terminate(), Some(0));
    let (code, text) = latchkey(&env, &["backup", "copy"]);
    assert!(
        code == Some(0) && text.contains("1 live sessions"),
        "{text}"
    );
    let (code, text) = latchkey(&env, &["compact"]);
    assert!(code == Some(0) && text.contains("MiB before"), "{text}");
    let (code, text) = latchkey(
        &env,
        &["backup", env.store_path().to_str().unwrap(), "--replace"],
    );
    assert!(
        code == Some(2) && text.contains("the store itself"),
        "{text}"
    );
    let (_, text) = latchkey(&env, &["sessions", "list"]);
    assert!(text.contains("1 live"), "{text}");

    let key = (
        "LATCHKEY_SECRETS__KEY".to_owned(),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
    );
    let (code, text) = output_of(run_command(&env, &["restore", "copy", "--check"], &[], ""));
    assert!(
        code == Some(0) && text.contains("the key in use fits"),
        "{text}"
    );
    let (code, text) = output_of(run_command(
        &env,
        &["restore", "copy", "--check"],
        std::slice::from_ref(&key),
        "",
    ));
    assert!(
        code == Some(1)
            && text.contains("sound, with a code by another key")
            && text.contains("the key in use is not this backup's"),
        "{text}"
    );
    let restore = ["restore", "copy", "--replace"];
    let (code, text) = output_of(run_command(&env, &restore, std::slice::from_ref(&key), ""));
    assert!(
        code == Some(2) && text.contains("--accept-unauthenticated"),
        "{text}"
    );
    let restore = [&restore[..], &["--accept-unauthenticated"]].concat();
    let (code, text) = output_of(run_command(&env, &restore, &[key], ""));
    assert!(
        code == Some(0)
            && text.contains("nothing proves that this backup was not forged")
            && text.contains("the key in use is not this backup's")
            && text.contains("fingerprint"),
        "{text}"
    );
    std::fs::write(
        env.folder.path().join("copy"),
        "latchkey backup 1\nnot really",
    )
    .unwrap();
    let (code, text) = latchkey(&env, &["restore", "copy", "--replace"]);
    assert!(
        code == Some(2) && text.contains("the backup cannot be used") && text.contains("copy"),
        "{text}"
    );
}

#[tokio::test]
async fn a_forged_backup_and_one_without_a_code_are_refused_in_words() {
    let env = TestEnvironment::new();
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    NetworkBrowser::new(&env).sign_in(KNOWN_PHONE).await;
    assert_eq!(latchkey(&env, &["backup", "copy"]).0, Some(0));
    assert_eq!(server.terminate(), Some(0));
    let copy = env.folder.path().join("copy");
    let sound = std::fs::read(&copy).unwrap();
    // The time of the backup, with a checksum that fits.
    let (rows, code) = sound.split_at(sound.len() - CODE);
    let mut rows = rows[..rows.len() - CHECKSUM].to_vec();
    rows["latchkey backup 1\n".len() + 8 + 7] ^= 1;
    let forged = [&rows[..], &sha256(&rows), code].concat();
    std::fs::write(&copy, forged).unwrap();
    for arguments in [
        &["restore", "copy", "--check"][..],
        &["restore", "copy", "--check", "--accept-unauthenticated"],
        &["restore", "copy", "--replace"],
        &["restore", "copy", "--replace", "--accept-unauthenticated"],
    ] {
        let (code, text) = latchkey(&env, arguments);
        assert!(
            code == Some(2) && text.contains("copy is forged or damaged"),
            "{arguments:?}: {text}"
        );
    }
    // As a version without codes wrote it.
    std::fs::write(&copy, &sound[..sound.len() - CODE]).unwrap();
    let (code, text) = latchkey(&env, &["restore", "copy", "--check"]);
    assert!(
        code == Some(1) && text.contains("sound, without an authentication code, 1 live sessions"),
        "{text}"
    );
    let (code, text) = latchkey(&env, &["restore", "copy", "--replace"]);
    assert!(
        code == Some(2) && text.contains("no authentication code"),
        "{text}"
    );
    let accept = "--accept-unauthenticated";
    let (code, text) = latchkey(&env, &["restore", "copy", "--check", accept]);
    assert!(
        code == Some(0) && text.contains("the key in use fits"),
        "{text}"
    );
    let (code, text) = latchkey(&env, &["restore", "copy", "--replace", accept]);
    assert!(
        code == Some(0) && text.contains("restored, 1 live sessions"),
        "{text}"
    );
}

#[test]
fn backup_commands_refer_to_redis_own_tools() {
    let env = TestEnvironment::new();
    let redis = [(
        "LATCHKEY_STORE__URL".to_owned(),
        "redis://127.0.0.1:1".to_owned(),
    )];
    for arguments in [&["backup", "copy"][..], &["restore", "copy"], &["compact"]] {
        let (code, text) = output_of(run_command(&env, arguments, &redis, ""));
        assert!(code == Some(2) && text.contains("BGSAVE"), "{text}");
    }
    assert!(!env.folder.path().join("copy").exists());
}
