//! The server process: its listeners, its commands and its shutdown.

mod admin_socket;
mod attempts;
mod audit_rotation;
mod audited_commands;
mod backup;
mod check;
mod client_key;
mod command_line;
mod disk;
mod drain;
mod full_disk;
mod health;
mod keys;
mod kill_restart;
mod log_lines;
pub mod process;
mod raw_requests;
mod read_only;
mod readiness;
mod redis;
mod rolling_restarts;
mod service_manager;
mod stalled_output;
mod test_code;
mod unwritable_output;

use latchkey::server::session::ListedSession;
use serde_json::Value;

use self::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
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
}

#[tokio::test]
async fn k10_operator_commands_work_with_a_running_and_a_stopped_server() {
    let env = TestEnvironment::new();
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    let mut person = NetworkBrowser::new(&env);
    person.sign_in(KNOWN_PHONE).await;
    let sandboxed = env.upstream_variables();

    let list = run_command(&env, &["sessions", "list"], &sandboxed, "");
    assert_eq!(list.status.code(), Some(0));
    let listed = String::from_utf8(list.stdout).unwrap();
    assert!(
        listed.contains("+44 ••• ••• 56") && listed.contains("1 live") && !listed.contains("7400"),
        "{listed}"
    );
    let json = run_command(&env, &["sessions", "list", "--json"], &sandboxed, "").stdout;
    let sessions: Vec<ListedSession> = serde_json::from_slice(&json).unwrap();
    assert!(
        sessions.len() == 1 && listed.contains(&sessions[0].id),
        "{listed}"
    );
    let mut second = NetworkBrowser::new(&env);
    second.sign_in("+447400777888").await;
    let mine = run_command(
        &env,
        &["sessions", "list", "--json", "--user", &sessions[0].user],
        &sandboxed,
        "",
    )
    .stdout;
    assert_eq!(
        serde_json::from_slice::<Vec<ListedSession>>(&mine).unwrap(),
        sessions,
        "of one user"
    );
    let id = sessions[0].id.as_str();
    for (arguments, ended, code) in [
        (&["revoke", "--json", id][..], 1, 0),
        // What does not exist was not revoked.
        (&["revoke", "--json", id], 0, 1),
        (&["revoke", "--json", "no-such-id"], 0, 1),
        (&["revoke", "--json", "--user", "nobody"], 0, 1),
    ] {
        let output = run_command(
            &env,
            &[&["sessions"][..], arguments].concat(),
            &sandboxed,
            "",
        );
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            format!("{{\"ended\":{ended}}}\n")
        );
    }
    assert_eq!(
        (
            person.get("/api/session").await.0,
            second.get("/api/session").await.0
        ),
        (401, 200)
    );
    let both = run_command(
        &env,
        &["sessions", "revoke", "--all", &sessions[0].id],
        &sandboxed,
        "",
    );
    assert_eq!(
        both.status.code(),
        Some(2),
        "the arguments exclude each other"
    );

    let unlock = run_command(&env, &["unlock"], &sandboxed, "+44 7400 123456\n");
    assert_eq!(
        (
            unlock.status.code(),
            String::from_utf8(unlock.stdout).unwrap().trim()
        ),
        (Some(0), "unlocked")
    );
    let nothing = run_command(&env, &["unlock"], &sandboxed, "\n");
    assert_eq!(nothing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("standard input"));
    let nonsense = run_command(&env, &["unlock"], &sandboxed, "nonsense\n");
    assert_eq!(nonsense.status.code(), Some(2), "no number");
    let check = run_command(&env, &["check"], &sandboxed, "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert_eq!(check.status.code(), Some(0), "{table}");
    for part in [
        "settings",
        "policy",
        "store",
        "credentials",
        "keys",
        "in use by the running server",
    ] {
        assert!(table.contains(part), "{part}: {table}");
    }

    assert_eq!(server.terminate(), Some(0));
    let listed = run_command(&env, &["sessions", "list"], &sandboxed, "").stdout;
    assert!(String::from_utf8_lossy(&listed).contains("1 live"));
    let revoked = run_command(&env, &["sessions", "revoke", "--all"], &sandboxed, "");
    assert!(String::from_utf8_lossy(&revoked.stdout).contains("1 ended"));
    let none_left = run_command(&env, &["sessions", "revoke", "--all"], &sandboxed, "");
    assert_eq!(none_left.status.code(), Some(0), "all of none is done");

    let server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    assert_eq!(second.get("/api/session").await.0, 401);
    let who = run_command(&env, &["sessions", "revoke"], &sandboxed, "");
    assert_eq!(who.status.code(), Some(2), "the sessions must be named");
    drop(server);
}

#[tokio::test]
async fn kill_9_loses_no_reported_session() {
    let env = TestEnvironment::new();
    let mut people = Vec::new();
    for round in 0..2 {
        let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
        let mut person = NetworkBrowser::new(&env);
        person.sign_in(&format!("+44740012345{round}")).await;
        people.push(person);
        server.kill();
        assert_eq!(server.wait(), None, "no exit code: killed");
    }
    // The socket of the killed server does not prevent the start.
    assert!(env.folder.path().join("data/control.sock").exists());
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    for person in &mut people {
        assert_eq!(person.get("/api/session").await.0, 200);
    }
    let list = run_command(&env, &["sessions", "list"], &env.upstream_variables(), "");
    assert!(String::from_utf8_lossy(&list.stdout).contains("2 live"));
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test]
async fn shutdown_waits_for_requests_and_queued_sends() {
    let env = TestEnvironment::new();
    let mut sandbox = ChildProcess::spawn(&env, &["sandbox"], &[]);
    wait_until("the sandbox", async || {
        env.get_sandbox("/control/calls").await.is_some()
    })
    .await;
    let mut variables = env.upstream_variables();
    variables.push((
        "LATCHKEY_SIGN_IN__ANSWER_AFTER".to_owned(),
        "900ms".to_owned(),
    ));
    let mut server = ChildProcess::spawn(&env, &["serve"], &variables);
    wait_until("the server", async || env.is_up().await).await;
    env.put_control(
        "users/%2B447400123456",
        serde_json::json!({ "status": "Active" }),
    )
    .await;
    env.put_control(
        "latency",
        serde_json::json!({ "operation": "otp_send", "ms": 1200 }),
    )
    .await;
    let mut person = NetworkBrowser::new(&env);
    let pending_call =
        tokio::spawn(async move { person.post("send-code", &[("phone", KNOWN_PHONE)]).await.0 });
    wait_until("the send", async || env.call_count("otp_send").await == 1).await;
    server.send_signal("TERM");
    assert_eq!(
        pending_call.await.unwrap(),
        200,
        "a started response is completed"
    );
    assert_eq!(server.wait(), Some(0));
    assert!(
        server.stdout().contains("\"event\":\"otp_send_result\""),
        "the send was completed"
    );
    assert!(server.stdout().contains("\"sent\":true"));
    assert_eq!(sandbox.terminate(), Some(0));
}

#[tokio::test]
async fn shutdown_completes_every_accepted_send() {
    const SENDS: usize = 80;
    let env = TestEnvironment::new();
    let mut sandbox = ChildProcess::spawn(&env, &["sandbox"], &[]);
    wait_until("the sandbox", async || {
        env.get_sandbox("/control/calls").await.is_some()
    })
    .await;
    let mut variables = env.upstream_variables();
    variables.push(("LATCHKEY_GUARD__ENABLED".to_owned(), "false".to_owned()));
    let mut server = ChildProcess::spawn(&env, &["serve"], &variables);
    wait_until("the server", async || env.is_up().await).await;
    // 64 sends run at once; the others wait in the queue when the signal arrives.
    let phones: Vec<_> = (0..SENDS)
        .map(|number| format!("+44740012{number:04}"))
        .collect();
    for phone in &phones {
        env.put_control(
            &format!("users/{}", phone.replace('+', "%2B")),
            serde_json::json!({ "status": "Active" }),
        )
        .await;
    }
    env.put_control(
        "latency",
        serde_json::json!({ "operation": "otp_send", "ms": 3000 }),
    )
    .await;
    let mut pending_call = Vec::new();
    for phone in phones {
        let mut person = NetworkBrowser::new(&env);
        pending_call.push(tokio::spawn(async move {
            person.post("send-code", &[("phone", &phone)]).await.0
        }));
    }
    for response in pending_call {
        assert_eq!(response.await.unwrap(), 200);
    }
    assert!(
        env.call_count("otp_send").await < SENDS as u64,
        "some sends must still be queued"
    );
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(server.stdout().matches("\"sent\":true").count(), SENDS);
    let inbox = env.get_sandbox("/inbox.json").await.unwrap();
    let numbers: std::collections::BTreeSet<_> = inbox
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["to"].to_string())
        .collect();
    assert_eq!(
        (inbox.as_array().unwrap().len(), numbers.len()),
        (SENDS, SENDS),
        "each number once"
    );
    assert_eq!(sandbox.terminate(), Some(0));
}

#[tokio::test]
async fn t8_proxy_variables_are_ignored_unless_a_setting_names_a_proxy() {
    let env = TestEnvironment::new();
    let mut sandbox = ChildProcess::spawn(&env, &["sandbox"], &[]);
    wait_until("the sandbox", async || {
        env.get_sandbox("/control/calls").await.is_some()
    })
    .await;
    let mut variables = env.upstream_variables();
    for name in [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ] {
        // Nothing listens on port 1.
        variables.push((name.to_owned(), "http://127.0.0.1:1".to_owned()));
    }
    let check = run_command(&env, &["check"], &variables, "");
    assert_eq!(
        check.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&check.stdout)
    );
    variables.push((
        "LATCHKEY_TRANSMIT__PROXY".to_owned(),
        "http://127.0.0.1:1".to_owned(),
    ));
    let check = run_command(&env, &["check"], &variables, "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert_eq!(check.status.code(), Some(1), "{table}");
    assert!(table.contains("token: no connection"), "{table}");
    assert_eq!(sandbox.terminate(), Some(0));
}

#[tokio::test]
async fn the_sandbox_command_prints_the_settings_for_using_it() {
    let env = TestEnvironment::new();
    let mut sandbox = ChildProcess::spawn(&env, &["sandbox"], &[]);
    wait_until("the sandbox", async || {
        env.get_sandbox("/control/calls").await.is_some()
    })
    .await;
    for (name, value) in env.upstream_variables() {
        wait_until(&name, async || {
            sandbox.stderr().contains(&format!("{name}={value}"))
        })
        .await;
    }
    let check = run_command(&env, &["check"], &env.upstream_variables(), "");
    assert_eq!(
        check.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&check.stdout)
    );

    let mut wrong = env.upstream_variables();
    wrong.retain(|(name, _)| !name.ends_with("CLIENT_SECRET"));
    wrong.push((
        "LATCHKEY_TRANSMIT__CLIENT_SECRET".to_owned(),
        "wrong-secret-wrong".to_owned(),
    ));
    let check = run_command(&env, &["check"], &wrong, "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert_eq!(check.status.code(), Some(1), "{table}");
    assert!(
        table
            .lines()
            .any(|line| line.starts_with("FAIL") && line.contains("credentials")),
        "{table}"
    );
    assert!(!table.contains("wrong-secret"), "{table}");
    assert_eq!(sandbox.terminate(), Some(0));
}

#[tokio::test]
async fn invalid_settings_are_explained_and_nothing_starts() {
    let env = TestEnvironment::new();
    for (variables, part) in [
        (
            &[("LATCHKEY_SERVER__PUBLIC_URL", "https://id.example.com")][..],
            "the sandbox is for loopback only",
        ),
        (
            &[("LATCHKEY_SESSION__IDLE_TIMEOUT", "30")],
            "session.idle_timeout",
        ),
        (&[("LATCHKEY_SESION__IDLE_TIMEOUT", "30m")], "sesion"),
        (
            &[("LATCHKEY_TRANSMIT__OTP_LENGTH", "5")],
            "transmit.otp_length",
        ),
        (
            &[("LATCHKEY_SIGN_IN__REFUSE_AFTER", "5s,1s")],
            "sign_in.refuse_after",
        ),
        (&[("LATCHKEY_SECRETS__KEY", "c2hvcnQ=")], "secrets.key"),
        (&[("LATCHKEY_STORE__URL", "sqlite:x")], "store.url"),
        (
            &[("LATCHKEY_OPERATIONS__ADDRESS", "0.0.0.0:0")],
            "operations.bearer_token",
        ),
        (
            &[("LATCHKEY_SERVER_PUBLIC_URL", "http://127.0.0.1:1")],
            "LATCHKEY_SERVER__PUBLIC_URL",
        ),
        (&[("LATCHKEY_OPERATIONS__HOSTS", "ops:9464")], "write ops"),
        (
            &[("LATCHKEY_SERVER__TRUSTED_PROXIES", "proxy.internal")],
            "not resolved",
        ),
    ] {
        let variables: Vec<(String, String)> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let output = run_command(&env, &["serve", "--sandbox"], &variables, "");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{part}: {stderr}");
        assert!(stderr.contains(part), "{part}: {stderr}");
        assert!(
            !stderr.contains("panicked") && !stderr.contains("c2hvcnQ"),
            "{stderr}"
        );
        assert!(output.stdout.is_empty(), "{part}");
    }
    // An error about the file names it and the line.
    let file = env.folder.path().join("latchkey.toml");
    for (text, part) in [
        ("[session]\nidle_timeout = 30\n", "latchkey.toml line 2"),
        ("[brand]\n\nname = \" \"\n", "latchkey.toml line 3"),
        ("[sesion]\nidle_timeout = \"1m\"\n", "latchkey.toml line 1"),
        ("[session]\nidletimeout = \"1m\"\n", "session.idle_timeout"),
        ("[session\n", "latchkey.toml: line 1"),
    ] {
        std::fs::write(&file, text).unwrap();
        let output = run_command(&env, &["serve", "--sandbox"], &[], "");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{part}: {stderr}");
        assert!(stderr.contains(part), "{part}: {stderr}");
        assert!(!stderr.contains("variable"), "{stderr}");
    }
    std::fs::remove_file(&file).unwrap();
    // `check` reports all problems at once.
    let check = run_command(&env, &["check"], &[], "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert_eq!(check.status.code(), Some(1));
    for key in [
        "transmit.region",
        "transmit.client_id",
        "transmit.client_secret",
    ] {
        assert!(table.contains(key), "{key}: {table}");
    }
    let unknown = run_command(&env, &["frobnicate"], &[], "");
    assert_eq!(unknown.status.code(), Some(2));
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
    wait_until("the server", async || env.is_up().await).await;
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
