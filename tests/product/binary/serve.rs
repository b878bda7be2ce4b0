//! `latchkey serve`: what it listens on, what it refuses, and what it never logs.

use serde_json::Value;

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::support::{KNOWN_PHONE, wait_until};

#[tokio::test]
async fn l6_serve_with_a_sandbox_listens_and_stops_cleanly() {
    let env = TestEnvironment::new();
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    let mut person = NetworkBrowser::new(&env);
    assert_eq!(person.get("/sign-in").await.0, 200);
    for (path, part) in [
        ("/livez", "ok"),
        ("/readyz", "store: ok"),
        ("/metrics", "latchkey_http_requests_total"),
    ] {
        let (status, body) = env.get_operations(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        assert!(body.contains(part), "{path}: {body}");
    }
    // Never on the public port.
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(person.get(path).await.0, 404);
    }
    assert_eq!(
        env.get_operations_as_host("evil.example", "/metrics").await,
        421
    );

    person.sign_in(KNOWN_PHONE).await;
    assert_eq!(person.get("/api/session").await.0, 200);
    let (_, metrics) = env.get_operations("/metrics").await;
    for listener in ["public", "operations"] {
        let limit = format!("latchkey_connections_limit{{listener=\"{listener}\"}} 4096\n");
        assert!(metrics.contains(&limit), "{metrics}");
    }
    assert!(
        metrics.contains("authn_login_success") && !metrics.contains("7400123456"),
        "{metrics}"
    );

    assert_eq!(server.terminate(), Some(0));
    let events: Vec<Value> = server
        .stdout()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.first().unwrap()["event"], "sys_startup");
    assert_eq!(events.last().unwrap()["event"], "sys_shutdown");
    let written = server.stdout() + &server.stderr();
    for secret in ["7400123456", &person.code, "eyJ", "latchkey-sandbox-secret"]
        .into_iter()
        .chain(person.cookie_values())
    {
        assert!(!written.contains(secret), "{secret} was written");
    }
    assert!(!env.folder.path().join("data/control.sock").exists());

    // The sessions of the store are counted at the start. This store is of one node.
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    wait_until("the count of the sessions", async || {
        let (_, metrics) = env.get_operations("/metrics").await;
        metrics.contains("latchkey_sessions_active{scope=\"node\"} 1\n")
    })
    .await;
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test]
async fn a_second_server_with_the_same_store_or_port_is_refused() {
    let env = TestEnvironment::new();
    let server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    let second = TestEnvironment::new();
    let store = format!(
        "redb:{}",
        env.folder.path().join("data/latchkey.redb").display()
    );
    let output = run_command(
        &second,
        &["serve", "--sandbox"],
        &[("LATCHKEY_STORE__URL".to_owned(), store)],
        "",
    );
    assert_eq!(output.status.code(), Some(3), "a later start may succeed");
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("store"),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let address = (
        "LATCHKEY_SERVER__ADDRESS".to_owned(),
        env.application.to_string(),
    );
    let output = run_command(&second, &["serve", "--sandbox"], &[address], "");
    assert_eq!(output.status.code(), Some(3), "a later start may succeed");
    assert!(String::from_utf8_lossy(&output.stderr).contains("server.address"));
    let mut person = NetworkBrowser::new(&env);
    assert_eq!(
        person.get("/sign-in").await.0,
        200,
        "the first server is not affected"
    );
    drop(server);
}

#[tokio::test]
async fn l3_no_log_level_contains_phone_numbers() {
    let env = TestEnvironment::new();
    let log = (
        "LATCHKEY_TELEMETRY__LOG".to_owned(),
        "trace,rlibphonenumber=trace".to_owned(),
    );
    let mut server = ChildProcess::spawn_command(
        &env,
        "serve",
        &mut env.command(&["serve", "--sandbox"], &[log]),
    );
    env.wait_until_up().await;
    let mut person = NetworkBrowser::new(&env);
    person.sign_in(KNOWN_PHONE).await;
    assert_eq!(server.terminate(), Some(0));
    let output = server.stderr();
    assert!(output.contains("TRACE"), "the log level is applied");
    let national = &KNOWN_PHONE[3..];
    assert!(
        !output.contains(national),
        "{}",
        output
            .lines()
            .find(|line| line.contains(national))
            .unwrap_or_default()
    );
}

#[tokio::test]
async fn a_development_build_without_settings_starts_the_sandbox() {
    let env = TestEnvironment::new();
    let mut server = ChildProcess::start_server(&env, &[]).await;
    wait_until("the log message", async || {
        server.stderr().contains("starting the sandbox")
    })
    .await;
    let mut person = NetworkBrowser::new(&env);
    person.sign_in(KNOWN_PHONE).await;
    server.send_signal("INT");
    assert_eq!(server.wait(), Some(0));
}

#[test]
fn a_start_without_the_style_sheet_and_scripts_is_refused_and_says_what_builds_them() {
    let env = TestEnvironment::new();
    let elsewhere = ("LEPTOS_SITE_ROOT".to_owned(), "no/such/folder".to_owned());
    let refused = run_command(&env, &["serve", "--sandbox"], &[elsewhere], "");
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        said.contains("no/such/folder") && said.contains("cargo xtask run"),
        "{said}"
    );
}
