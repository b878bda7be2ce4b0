//! Operator commands on the store's file: `latchkey backup`, `restore`, `compact`.

use std::process::Output;

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::support::KNOWN_PHONE;

/// Exit code and all output.
fn told(output: Output) -> (Option<i32>, String) {
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

fn latchkey(env: &TestEnvironment, arguments: &[&str]) -> (Option<i32>, String) {
    told(run_command(env, arguments, &env.upstream_variables(), ""))
}

#[tokio::test]
async fn what_was_backed_up_live_is_there_after_the_restore_and_the_operator_reads_what_that_means()
{
    let env = TestEnvironment::new();
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    let mut early = NetworkBrowser::new(&env);
    early.sign_in(KNOWN_PHONE).await;
    // The name is relative to the working directory of the command.
    let (code, said) = latchkey(&env, &["backup", "copy"]);
    assert!(
        code == Some(0)
            && said.contains("1 live sessions")
            && said.contains("secrets.key is not in it"),
        "{said}"
    );
    let (code, said) = latchkey(&env, &["backup", "copy"]);
    assert!(code == Some(1) && said.contains("--replace"), "{said}");

    let mut late = NetworkBrowser::new(&env);
    late.sign_in("+447400123457").await;
    let mut ended = early.clone();
    assert_eq!(early.post("sign-out", &[]).await.0, 200);
    assert_eq!(ended.get("/api/session").await.0, 401);
    let (code, said) = latchkey(&env, &["restore", "copy", "--replace"]);
    assert!(
        code == Some(2) && said.contains("stop that first"),
        "{said}"
    );
    assert_eq!(server.terminate(), Some(0));

    let (code, said) = latchkey(&env, &["restore", "copy"]);
    assert!(code == Some(2) && said.contains("--replace"), "{said}");
    let (code, said) = latchkey(&env, &["restore", "copy", "--check"]);
    assert!(
        code == Some(0) && said.contains("sound, 1 live sessions") && !said.contains("fingerprint"),
        "{said}"
    );
    let (code, said) = latchkey(&env, &["restore", "copy", "--replace"]);
    assert_eq!(code, Some(0), "{said}");
    for part in [
        "ALIVE AGAIN",
        "forgotten",
        "sessions revoke --all",
        "latchkey.redb.replaced-",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    assert_eq!(ended.get("/api/session").await.0, 200, "alive again");
    assert_eq!(late.get("/api/session").await.0, 401);
    let (code, said) = latchkey(&env, &["sessions", "revoke", "--all"]);
    assert!(code == Some(0) && said.contains("1 ended"), "{said}");
    assert_eq!(ended.get("/api/session").await.0, 401);
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test]
async fn a_stopped_server_is_backed_up_and_compacted_by_the_command_itself() {
    let env = TestEnvironment::new();
    let (code, said) = latchkey(&env, &["backup", "copy"]);
    assert!(code == Some(2) && said.contains("latchkey.redb"), "{said}");
    assert!(!env.store_path().exists(), "a backup makes no store");
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    NetworkBrowser::new(&env).sign_in(KNOWN_PHONE).await;
    let (code, said) = latchkey(&env, &["compact"]);
    assert!(
        code == Some(2) && said.contains("another process"),
        "{said}"
    );
    assert_eq!(server.terminate(), Some(0));
    let (code, said) = latchkey(&env, &["backup", "copy"]);
    assert!(
        code == Some(0) && said.contains("1 live sessions"),
        "{said}"
    );
    let (code, said) = latchkey(&env, &["compact"]);
    assert!(code == Some(0) && said.contains("MiB before"), "{said}");
    let (code, said) = latchkey(
        &env,
        &["backup", env.store_path().to_str().unwrap(), "--replace"],
    );
    assert!(
        code == Some(2) && said.contains("the store itself"),
        "{said}"
    );
    let (_, said) = latchkey(&env, &["sessions", "list"]);
    assert!(said.contains("1 live"), "{said}");

    let key = (
        "LATCHKEY_SECRETS__KEY".to_owned(),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
    );
    let (code, said) = told(run_command(&env, &["restore", "copy", "--check"], &[], ""));
    assert!(
        code == Some(0) && said.contains("the key in use fits"),
        "{said}"
    );
    let (code, said) = told(run_command(
        &env,
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
    let (code, said) = told(run_command(
        &env,
        &["restore", "copy", "--replace"],
        &[key],
        "",
    ));
    assert!(
        code == Some(0)
            && said.contains("the key in use is not this backup's")
            && said.contains("fingerprint"),
        "{said}"
    );
    std::fs::write(
        env.folder.path().join("copy"),
        "latchkey backup 1\nnot really",
    )
    .unwrap();
    let (code, said) = latchkey(&env, &["restore", "copy", "--replace"]);
    assert!(
        code == Some(2) && said.contains("the backup cannot be used") && said.contains("copy"),
        "{said}"
    );
}

#[test]
fn redis_has_means_of_its_own() {
    let env = TestEnvironment::new();
    let redis = [(
        "LATCHKEY_STORE__URL".to_owned(),
        "redis://127.0.0.1:1".to_owned(),
    )];
    for arguments in [&["backup", "copy"][..], &["restore", "copy"], &["compact"]] {
        let (code, said) = told(run_command(&env, arguments, &redis, ""));
        assert!(code == Some(2) && said.contains("BGSAVE"), "{said}");
    }
    assert!(!env.folder.path().join("copy").exists());
}
