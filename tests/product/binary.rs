//! The process: its listeners, its commands, its end.

mod admin_socket;
mod attempts;
mod backup;
mod client_key;
mod disk;
mod full_disk;
mod keys;
mod kill_restart;
pub mod process;
mod read_only;
mod redis;
mod test_code;

use latchkey::server::session::ListedSession;
use serde_json::Value;

use self::process::{Person, Place, Process, run};
use crate::support::{KNOWN, wait_until};

#[tokio::test]
async fn l6_serve_with_a_sandbox_answers_on_its_listeners_and_ends_cleanly() {
    let place = Place::new();
    let mut server = Process::start(&place, &["serve", "--sandbox"]).await;
    let mut person = Person::new(&place);
    assert_eq!(person.get("/sign-in").await.0, 200);
    for (path, part) in [
        ("/livez", "ok"),
        ("/readyz", "transmit: ok"),
        ("/metrics", "latchkey_http_requests_total"),
    ] {
        let (status, body) = place.operations(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        assert!(body.contains(part), "{path}: {body}");
    }
    // Never on the public port.
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(person.get(path).await.0, 404);
    }
    assert_eq!(place.operations_as("evil.example", "/metrics").await, 421);

    person.sign_in(KNOWN).await;
    assert_eq!(person.get("/api/session").await.0, 200);
    let (_, metrics) = place.operations("/metrics").await;
    assert!(
        metrics.contains("authn_login_success") && !metrics.contains("7400123456"),
        "{metrics}"
    );

    assert_eq!(server.terminate(), Some(0));
    let events: Vec<Value> = server
        .output()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.first().unwrap()["event"], "sys_startup");
    assert_eq!(events.last().unwrap()["event"], "sys_shutdown");
    let written = server.output() + &server.complaints();
    for secret in ["7400123456", &person.code, "eyJ", "latchkey-sandbox-secret"]
        .into_iter()
        .chain(person.secrets())
    {
        assert!(!written.contains(secret), "{secret} was written");
    }
    assert!(!place.folder.path().join("data/control.sock").exists());
}

#[tokio::test]
async fn k10_the_operator_works_on_a_running_and_on_a_stopped_server() {
    let place = Place::new();
    let mut server = Process::start(&place, &["serve", "--sandbox"]).await;
    let mut person = Person::new(&place);
    person.sign_in(KNOWN).await;
    let sandboxed = place.upstream_variables();

    let list = run(&place, &["sessions", "list"], &sandboxed, "");
    assert_eq!(list.status.code(), Some(0));
    let listed = String::from_utf8(list.stdout).unwrap();
    assert!(
        listed.contains("+44 ••• ••• 56") && listed.contains("1 live") && !listed.contains("7400"),
        "{listed}"
    );
    let json = run(&place, &["sessions", "list", "--json"], &sandboxed, "").stdout;
    let sessions: Vec<ListedSession> = serde_json::from_slice(&json).unwrap();
    assert!(
        sessions.len() == 1 && listed.contains(&sessions[0].id),
        "{listed}"
    );
    let mut second = Person::new(&place);
    second.sign_in("+447400777888").await;
    let mine = run(
        &place,
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
    for (arguments, ended) in [
        (["revoke", "--json", &sessions[0].id], 1),
        (["revoke", "--json", &sessions[0].id], 0),
    ] {
        let said = run(
            &place,
            &[&["sessions"][..], &arguments].concat(),
            &sandboxed,
            "",
        );
        assert_eq!(said.status.code(), Some(0));
        assert_eq!(
            String::from_utf8(said.stdout).unwrap(),
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
    let both = run(
        &place,
        &["sessions", "revoke", "--all", &sessions[0].id],
        &sandboxed,
        "",
    );
    assert_eq!(both.status.code(), Some(2), "one or the other");

    let unlock = run(&place, &["unlock"], &sandboxed, "+44 7400 123456\n");
    assert_eq!(
        (
            unlock.status.code(),
            String::from_utf8(unlock.stdout).unwrap().trim()
        ),
        (Some(0), "unlocked")
    );
    let nothing = run(&place, &["unlock"], &sandboxed, "\n");
    assert_eq!(nothing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("standard input"));
    let nonsense = run(&place, &["unlock"], &sandboxed, "nonsense\n");
    assert_eq!(nonsense.status.code(), Some(1));
    let check = run(&place, &["check"], &sandboxed, "");
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
    let listed = run(&place, &["sessions", "list"], &sandboxed, "").stdout;
    assert!(String::from_utf8_lossy(&listed).contains("1 live"));
    let revoked = run(&place, &["sessions", "revoke", "--all"], &sandboxed, "");
    assert!(String::from_utf8_lossy(&revoked.stdout).contains("1 ended"));

    let server = Process::start(&place, &["serve", "--sandbox"]).await;
    assert_eq!(second.get("/api/session").await.0, 401);
    let who = run(&place, &["sessions", "revoke"], &sandboxed, "");
    assert_eq!(who.status.code(), Some(2), "whose is to be said");
    drop(server);
}

#[tokio::test]
async fn kill_9_loses_no_session_that_a_browser_was_told_of() {
    let place = Place::new();
    let mut people = Vec::new();
    for round in 0..2 {
        let mut server = Process::start(&place, &["serve", "--sandbox"]).await;
        let mut person = Person::new(&place);
        person.sign_in(&format!("+44740012345{round}")).await;
        people.push(person);
        server.kill();
        assert_eq!(server.wait(), None, "no exit code: killed");
    }
    // The socket that was left behind is no obstacle.
    assert!(place.folder.path().join("data/control.sock").exists());
    let mut server = Process::start(&place, &["serve", "--sandbox"]).await;
    for person in &mut people {
        assert_eq!(person.get("/api/session").await.0, 200);
    }
    let list = run(
        &place,
        &["sessions", "list"],
        &place.upstream_variables(),
        "",
    );
    assert!(String::from_utf8_lossy(&list.stdout).contains("2 live"));
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test]
async fn a_stop_waits_for_requests_and_queued_sends() {
    let place = Place::new();
    let mut alone = Process::begin(&place, &["sandbox"], &[]);
    wait_until("the sandbox", async || {
        place.sandbox("/control/calls").await.is_some()
    })
    .await;
    let mut variables = place.upstream_variables();
    variables.push((
        "LATCHKEY_SIGN_IN__ANSWER_AFTER".to_owned(),
        "900ms".to_owned(),
    ));
    let mut server = Process::begin(&place, &["serve"], &variables);
    wait_until("the server", async || place.is_up().await).await;
    place
        .control(
            "users/%2B447400123456",
            serde_json::json!({ "status": "Active" }),
        )
        .await;
    place
        .control(
            "latency",
            serde_json::json!({ "operation": "otp_send", "ms": 1200 }),
        )
        .await;
    let mut person = Person::new(&place);
    let asking = tokio::spawn(async move { person.post("send-code", &[("phone", KNOWN)]).await.0 });
    wait_until("the send", async || place.calls("otp_send").await == 1).await;
    server.signal("TERM");
    assert_eq!(
        asking.await.unwrap(),
        200,
        "the answer under way still leaves"
    );
    assert_eq!(server.wait(), Some(0));
    assert!(
        server.output().contains("\"event\":\"otp_send_result\""),
        "the send was seen to its end"
    );
    assert!(server.output().contains("\"sent\":true"));
    assert_eq!(alone.terminate(), Some(0));
}

#[tokio::test]
async fn a_stop_sees_every_accepted_send_to_its_end() {
    const SENDS: usize = 80;
    let place = Place::new();
    let mut alone = Process::begin(&place, &["sandbox"], &[]);
    wait_until("the sandbox", async || {
        place.sandbox("/control/calls").await.is_some()
    })
    .await;
    let mut variables = place.upstream_variables();
    variables.push(("LATCHKEY_GUARD__ENABLED".to_owned(), "false".to_owned()));
    let mut server = Process::begin(&place, &["serve"], &variables);
    wait_until("the server", async || place.is_up().await).await;
    // Sixty-four are under way at once; the others wait in the queue when the signal comes.
    let phones: Vec<_> = (0..SENDS)
        .map(|number| format!("+44740012{number:04}"))
        .collect();
    for phone in &phones {
        place
            .control(
                &format!("users/{}", phone.replace('+', "%2B")),
                serde_json::json!({ "status": "Active" }),
            )
            .await;
    }
    place
        .control(
            "latency",
            serde_json::json!({ "operation": "otp_send", "ms": 3000 }),
        )
        .await;
    let mut asking = Vec::new();
    for phone in phones {
        let mut person = Person::new(&place);
        asking.push(tokio::spawn(async move {
            person.post("send-code", &[("phone", &phone)]).await.0
        }));
    }
    for answer in asking {
        assert_eq!(answer.await.unwrap(), 200);
    }
    assert!(
        place.calls("otp_send").await < SENDS as u64,
        "some still wait"
    );
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(server.output().matches("\"sent\":true").count(), SENDS);
    let inbox = place.sandbox("/inbox.json").await.unwrap();
    let numbers: std::collections::BTreeSet<_> = inbox
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["to"].to_string())
        .collect();
    assert_eq!(
        (inbox.as_array().unwrap().len(), numbers.len()),
        (SENDS, SENDS),
        "each once"
    );
    assert_eq!(alone.terminate(), Some(0));
}

#[tokio::test]
async fn t8_variables_that_name_a_proxy_are_ignored_unless_a_setting_names_one() {
    let place = Place::new();
    let mut alone = Process::begin(&place, &["sandbox"], &[]);
    wait_until("the sandbox", async || {
        place.sandbox("/control/calls").await.is_some()
    })
    .await;
    let mut variables = place.upstream_variables();
    for name in [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ] {
        // Nobody listens on port 1.
        variables.push((name.to_owned(), "http://127.0.0.1:1".to_owned()));
    }
    let check = run(&place, &["check"], &variables, "");
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
    let check = run(&place, &["check"], &variables, "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert_eq!(check.status.code(), Some(1), "{table}");
    assert!(table.contains("token: no connection"), "{table}");
    assert_eq!(alone.terminate(), Some(0));
}

#[tokio::test]
async fn the_sandbox_runs_alone_and_prints_how_to_point_at_it() {
    let place = Place::new();
    let mut alone = Process::begin(&place, &["sandbox"], &[]);
    wait_until("the sandbox", async || {
        place.sandbox("/control/calls").await.is_some()
    })
    .await;
    for (name, value) in place.upstream_variables() {
        wait_until(&name, async || {
            alone.complaints().contains(&format!("{name}={value}"))
        })
        .await;
    }
    let check = run(&place, &["check"], &place.upstream_variables(), "");
    assert_eq!(
        check.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&check.stdout)
    );

    let mut wrong = place.upstream_variables();
    wrong.retain(|(name, _)| !name.ends_with("CLIENT_SECRET"));
    wrong.push((
        "LATCHKEY_TRANSMIT__CLIENT_SECRET".to_owned(),
        "wrong-secret-wrong".to_owned(),
    ));
    let check = run(&place, &["check"], &wrong, "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert_eq!(check.status.code(), Some(1), "{table}");
    assert!(
        table
            .lines()
            .any(|line| line.starts_with("FAIL") && line.contains("credentials")),
        "{table}"
    );
    assert!(!table.contains("wrong-secret"), "{table}");
    assert_eq!(alone.terminate(), Some(0));
}

#[tokio::test]
async fn wrong_settings_are_told_in_words_and_nothing_starts() {
    let place = Place::new();
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
    ] {
        let variables: Vec<(String, String)> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let told = run(&place, &["serve", "--sandbox"], &variables, "");
        let complaint = String::from_utf8(told.stderr).unwrap();
        assert_eq!(told.status.code(), Some(2), "{part}: {complaint}");
        assert!(complaint.contains(part), "{part}: {complaint}");
        assert!(
            !complaint.contains("panicked") && !complaint.contains("c2hvcnQ"),
            "{complaint}"
        );
        assert!(told.stdout.is_empty(), "{part}");
    }
    // `check` says all of it at once.
    let check = run(&place, &["check"], &[], "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert_eq!(check.status.code(), Some(1));
    for key in [
        "transmit.region",
        "transmit.client_id",
        "transmit.client_secret",
    ] {
        assert!(table.contains(key), "{key}: {table}");
    }
    let unknown = run(&place, &["frobnicate"], &[], "");
    assert_eq!(unknown.status.code(), Some(2));
}

#[tokio::test]
async fn a_second_server_on_the_same_store_or_port_is_refused_in_words() {
    let place = Place::new();
    let server = Process::start(&place, &["serve", "--sandbox"]).await;
    let second = Place::new();
    let store = format!(
        "redb:{}",
        place.folder.path().join("data/latchkey.redb").display()
    );
    let told = run(
        &second,
        &["serve", "--sandbox"],
        &[("LATCHKEY_STORE__URL".to_owned(), store)],
        "",
    );
    assert_eq!(told.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&told.stderr).contains("store"),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    let address = (
        "LATCHKEY_SERVER__ADDRESS".to_owned(),
        place.application.to_string(),
    );
    let told = run(&second, &["serve", "--sandbox"], &[address], "");
    assert_eq!(told.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&told.stderr).contains("server.address"));
    let mut person = Person::new(&place);
    assert_eq!(
        person.get("/sign-in").await.0,
        200,
        "the first one is unharmed"
    );
    drop(server);
}

#[tokio::test]
async fn l3_no_level_of_the_log_tells_numbers() {
    let place = Place::new();
    let log = (
        "LATCHKEY_TELEMETRY__LOG".to_owned(),
        "trace,rlibphonenumber=trace".to_owned(),
    );
    let mut server = Process::spawn(
        &place,
        "serve",
        &mut place.command(&["serve", "--sandbox"], &[log]),
    );
    wait_until("the server", async || place.is_up().await).await;
    let mut person = Person::new(&place);
    person.sign_in(KNOWN).await;
    assert_eq!(server.terminate(), Some(0));
    let said = server.complaints();
    assert!(said.contains("TRACE"), "the level is heard");
    let national = &KNOWN[3..];
    assert!(
        !said.contains(national),
        "{}",
        said.lines()
            .find(|line| line.contains(national))
            .unwrap_or_default()
    );
}

#[tokio::test]
async fn a_development_build_without_settings_starts_its_own_sandbox_and_says_so() {
    let place = Place::new();
    let mut server = Process::start(&place, &[]).await;
    wait_until("the word of it", async || {
        server.complaints().contains("starting the sandbox")
    })
    .await;
    let mut person = Person::new(&place);
    person.sign_in(KNOWN).await;
    server.signal("INT");
    assert_eq!(server.wait(), Some(0));
}

#[test]
fn a_start_without_the_style_sheet_and_scripts_is_refused_and_says_what_builds_them() {
    let place = Place::new();
    let elsewhere = ("LEPTOS_SITE_ROOT".to_owned(), "no/such/folder".to_owned());
    let refused = run(&place, &["serve", "--sandbox"], &[elsewhere], "");
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        said.contains("no/such/folder") && said.contains("cargo xtask run"),
        "{said}"
    );
}
