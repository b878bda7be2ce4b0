//! `latchkey test-code` against a running server, both as processes.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use latchkey::server::system::clock::Clock;
use serde_json::{Value, json};

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::sms_gateway::{Twilio, register_process, variables};
use crate::support::{KNOWN_PHONE, minutes, wait_until};
use latchkey_testkit::redis_server::RedisServer;

const OTHER: &str = "+447400123457";

/// The variables of a gateway with a list of test numbers.
pub fn listing(env: &TestEnvironment, twilio: &Twilio, numbers: &str) -> Vec<(String, String)> {
    let mut all = variables(env, twilio);
    all.extend(env.upstream_variables());
    all.push(("LATCHKEY_TEST_NUMBERS".to_owned(), numbers.to_owned()));
    all
}

/// A server that keeps a message to a test number, and the person who asked for it.
pub async fn serve_with_message(
    env: &TestEnvironment,
    variables: &[(String, String)],
) -> (ChildProcess, NetworkBrowser) {
    let server = ChildProcess::start_server_with(env, &["serve", "--sandbox"], variables).await;
    register_process(env).await;
    let mut person = NetworkBrowser::new(env);
    let asked = person.post("sign-up", &[("phone", KNOWN_PHONE)]).await;
    assert_eq!(asked.0, 200);
    person.read_code(KNOWN_PHONE).await;
    // The phone may show a message before the gateway has stored it.
    wait_until("the message", async || {
        server.stdout().contains(r#""outcome":"kept""#)
    })
    .await;
    (server, person)
}

/// The date in so many days.
pub fn day(ahead: u64) -> String {
    let moment = Clock::system().now() + minutes(ahead * 24 * 60);
    moment.to_rfc3339().split('T').next().unwrap().to_owned()
}

/// Exit code, standard output and standard error.
fn test_code(
    env: &TestEnvironment,
    variables: &[(String, String)],
    arguments: &[&str],
    phone: &str,
) -> (i32, String, String) {
    let output = run_command(
        env,
        &[&["test-code"][..], arguments].concat(),
        variables,
        &format!("{phone}\n"),
    );
    let [out, err] = [output.stdout, output.stderr]
        .map(|bytes| String::from_utf8(bytes).unwrap().trim().to_owned());
    (output.status.code().unwrap(), out, err)
}

#[tokio::test]
async fn test_code_shows_a_valid_code_and_no_message_is_sent() {
    let twilio = Twilio::start().await;
    let env = TestEnvironment::new();
    let variables = listing(&env, &twilio, &format!("{KNOWN_PHONE}={}", day(30)));
    let mut server =
        ChildProcess::start_server_with(&env, &["serve", "--sandbox"], &variables).await;
    register_process(&env).await;

    let socket = std::fs::metadata(env.folder.path().join("data/control.sock")).unwrap();
    let folder = std::fs::metadata(env.folder.path().join("data")).unwrap();
    assert_eq!(
        (
            socket.permissions().mode() & 0o777,
            folder.permissions().mode() & 0o777
        ),
        (0o600, 0o700)
    );
    let (exit, out, err) = test_code(&env, &variables, &[], KNOWN_PHONE);
    assert!(
        exit == 1 && out.is_empty() && err.contains("no message"),
        "{out} {err}"
    );
    let mut person = NetworkBrowser::new(&env);
    assert_eq!(
        person.post("sign-up", &[("phone", KNOWN_PHONE)]).await.0,
        200
    );
    person.read_code(KNOWN_PHONE).await;
    let expected = person.code.clone();

    let (exit, out, err) = test_code(&env, &variables, &[], "+44 7400 123456");
    assert_eq!((exit, &*out), (0, &*expected), "{err}");
    assert!(err.contains("more seconds"), "{err}");
    assert_eq!(person.post("verify-code", &[("code", &out)]).await.0, 200);
    assert_eq!(person.get("/api/session").await.0, 200);
    let mut other = NetworkBrowser::new(&env);
    other.sign_in(OTHER).await;
    let (exit, _, err) = test_code(&env, &variables, &[], OTHER);
    assert!(exit == 2 && err.contains("no test number"), "{exit} {err}");
    assert_eq!(
        (twilio.texts(KNOWN_PHONE).len(), twilio.texts(OTHER).len()),
        (0, 1)
    );
    for nonsense in ["", "nonsense"] {
        let (exit, out, err) = test_code(&env, &variables, &[], nonsense);
        assert!(
            exit == 2 && out.is_empty() && !err.is_empty(),
            "{nonsense}: {exit} {err}"
        );
    }
    let (exit, out, err) = test_code(&env, &variables, &["--json"], KNOWN_PHONE);
    assert!(
        exit == 1 && out.is_empty() && err.contains("no message"),
        "it was read: {exit} {err}"
    );

    let check = run_command(&env, &["check"], &variables, "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert!(
        table.contains("OK    test numbers 1 until") && !table.contains("7400"),
        "{table}"
    );
    let (_, metrics) = env.get_operations("/metrics").await;
    assert!(
        metrics.contains(r#"event="test_code_read""#) && metrics.contains(r#"outcome="kept""#),
        "{metrics}"
    );
    assert_eq!(server.terminate(), Some(0));
    let events: Vec<Value> = server
        .stdout()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |name: &str| {
        events
            .iter()
            .find(|event| event["event"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(events[1]["event"], "test_numbers_listed");
    assert_eq!(
        (&events[1]["in_force"], &events[1]["until"]),
        (&json!(1), &json!(format!("{}T00:00:00Z", day(30))))
    );
    assert_eq!(of("test_code_read")["uid"], folder.uid());
    assert_eq!(
        of("test_code_read")["subject"],
        of("sms_delivery")["subject"]
    );
    let written = server.stdout() + &server.stderr() + &metrics;
    assert!(!written.contains(&expected) && !written.contains("7400123456"));
}

#[tokio::test]
async fn a_test_message_survives_a_kill_and_is_readable_without_a_server() {
    let twilio = Twilio::start().await;
    let env = TestEnvironment::new();
    let variables = listing(
        &env,
        &twilio,
        &format!("{KNOWN_PHONE}={0},{OTHER}={0}", day(89)),
    );
    let mut server =
        ChildProcess::start_server_with(&env, &["serve", "--sandbox"], &variables).await;
    register_process(&env).await;
    let mut codes = Vec::new();
    for phone in [KNOWN_PHONE, OTHER] {
        let mut person = NetworkBrowser::new(&env);
        assert_eq!(person.post("sign-up", &[("phone", phone)]).await.0, 200);
        person.read_code(phone).await;
        codes.push(person.code);
    }
    // The phone may show a message before the gateway has stored it.
    wait_until("both messages", async || {
        server.stdout().matches(r#""outcome":"kept""#).count() == 2
    })
    .await;
    server.kill();
    server.wait();
    let (exit, out, err) = test_code(&env, &variables, &[], KNOWN_PHONE);
    assert_eq!((exit, &out), (0, &codes[0]), "{err}");
    let mut server =
        ChildProcess::start_server_with(&env, &["serve", "--sandbox"], &variables).await;
    let (exit, out, err) = test_code(&env, &variables, &["--json"], OTHER);
    let shown: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{exit} {out} {err}"));
    assert_eq!((exit, shown["code"].as_str()), (0, Some(codes[1].as_str())));
    assert!(shown["text"].as_str().unwrap().contains(&codes[1]));
    assert!(
        shown["expires_in"]
            .as_u64()
            .is_some_and(|seconds| (1..=300).contains(&seconds)),
        "{shown}"
    );
    for time in ["received_at", "expires_at"] {
        assert!(
            shown[time].as_str().is_some_and(|time| time.ends_with('Z')),
            "{shown}"
        );
    }
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test]
async fn an_invalid_list_stops_the_start_and_an_expired_one_is_reported() {
    let twilio = Twilio::start().await;
    let env = TestEnvironment::new();
    for (numbers, word) in [
        (OTHER.to_owned(), "has no `until`"),
        (format!("{OTHER}={}", day(91)), "within 90 days"),
        (format!("{OTHER}=soon"), "write a date"),
        (format!("07400123457={}", day(1)), "has no `phone`"),
        (format!("+79123456789={}", day(1)), "guard.countries"),
        (format!("{OTHER}={0},{OTHER}={0}", day(1)), "twice"),
    ] {
        let output = run_command(
            &env,
            &["serve", "--sandbox"],
            &listing(&env, &twilio, &numbers),
            "",
        );
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.code() == Some(2) && stderr.contains(word),
            "{numbers}: {stderr}"
        );
        assert!(
            stderr.contains("test_numbers: ")
                && !stderr.contains("7400123457")
                && !stderr.contains("79123"),
            "{stderr}"
        );
    }
    let sandbox = [(
        "LATCHKEY_TEST_NUMBERS".to_owned(),
        format!("{KNOWN_PHONE}={}", day(1)),
    )];
    let output = run_command(&env, &["serve", "--sandbox"], &sandbox, "");
    assert!(output.status.code() == Some(2), "the sandbox is no gateway");
    assert!(String::from_utf8_lossy(&output.stderr).contains("needs the SMS gateway"));

    let variables = listing(
        &env,
        &twilio,
        &format!("{KNOWN_PHONE}=2026-01-01,{OTHER}={}", day(1)),
    );
    let mut server =
        ChildProcess::start_server_with(&env, &["serve", "--sandbox"], &variables).await;
    register_process(&env).await;
    NetworkBrowser::new(&env).sign_in(KNOWN_PHONE).await;
    assert_eq!(twilio.texts(KNOWN_PHONE).len(), 1, "an ordinary number");
    let check = run_command(&env, &["check"], &variables, "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert!(
        check.status.code() == Some(0) && table.contains("WARN  test numbers 1 in force; of 1"),
        "{table}"
    );
    assert_eq!(server.terminate(), Some(0));
    assert!(
        server.stderr().contains("whose `until` has passed"),
        "{}",
        server.stderr()
    );
    assert!(server.stdout().contains(r#""in_force":1,"ended":1"#));
}

#[tokio::test]
async fn with_redis_a_code_is_shown_by_any_node() {
    let twilio = Twilio::start().await;
    let env = TestEnvironment::new();
    let redis = RedisServer::start();
    let mut variables = listing(&env, &twilio, &format!("{KNOWN_PHONE}={}", day(1)));
    variables.push(("LATCHKEY_STORE__URL".to_owned(), redis.url()));
    variables.push((
        "LATCHKEY_SECRETS__KEY".to_owned(),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
    ));
    let (mut server, person) = serve_with_message(&env, &variables).await;
    let (exit, out, err) = test_code(&env, &variables, &[], KNOWN_PHONE);
    assert_eq!((exit, &out), (0, &person.code), "{err}");
    assert!(err.contains(r#""event":"test_code_read""#), "{err}");
    assert_eq!(
        test_code(&env, &variables, &[], KNOWN_PHONE).0,
        1,
        "once, of all nodes"
    );
    assert_eq!(server.terminate(), Some(0));
}
