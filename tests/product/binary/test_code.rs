//! `latchkey test-code`, asked by the real binary of the real binary.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use latchkey::server::system::clock::Clock;
use serde_json::{Value, json};

use crate::binary::process::{Person, Place, Process, run};
use crate::sms_gateway::{Twilio, register_process, variables};
use crate::support::{KNOWN, minutes, wait_until};
use latchkey_testkit::redis_server::RedisServer;

const OTHER: &str = "+447400123457";

/// A gateway's variables, and a list of test numbers.
fn listing(place: &Place, twilio: &Twilio, numbers: &str) -> Vec<(String, String)> {
    let mut all = variables(place, twilio);
    all.extend(place.upstream_variables());
    all.push(("LATCHKEY_TEST_NUMBERS".to_owned(), numbers.to_owned()));
    all
}

/// The day in so many days, as people write it.
fn day(ahead: u64) -> String {
    let moment = Clock::system().now() + minutes(ahead * 24 * 60);
    moment.to_rfc3339().split('T').next().unwrap().to_owned()
}

/// Exit code, what it printed, and what it said besides.
fn test_code(
    place: &Place,
    variables: &[(String, String)],
    arguments: &[&str],
    phone: &str,
) -> (i32, String, String) {
    let told = run(
        place,
        &[&["test-code"][..], arguments].concat(),
        variables,
        &format!("{phone}\n"),
    );
    let [out, err] =
        [told.stdout, told.stderr].map(|bytes| String::from_utf8(bytes).unwrap().trim().to_owned());
    (told.status.code().unwrap(), out, err)
}

#[tokio::test]
async fn the_binary_shows_a_code_that_signs_in_and_no_message_left_the_machine() {
    let twilio = Twilio::start().await;
    let place = Place::new();
    let variables = listing(&place, &twilio, &format!("{KNOWN}={}", day(30)));
    let mut server = Process::begin(&place, &["serve", "--sandbox"], &variables);
    wait_until("the server", async || place.is_up().await).await;
    register_process(&place).await;

    let socket = std::fs::metadata(place.folder.path().join("data/control.sock")).unwrap();
    let folder = std::fs::metadata(place.folder.path().join("data")).unwrap();
    assert_eq!(
        (
            socket.permissions().mode() & 0o777,
            folder.permissions().mode() & 0o777
        ),
        (0o600, 0o700)
    );
    let (exit, out, err) = test_code(&place, &variables, &[], KNOWN);
    assert!(
        exit == 1 && out.is_empty() && err.contains("no message"),
        "{out} {err}"
    );
    let mut person = Person::new(&place);
    assert_eq!(person.post("sign-up", &[("phone", KNOWN)]).await.0, 200);
    person.read_code(KNOWN).await;
    let expected = person.code.clone();

    let (exit, out, err) = test_code(&place, &variables, &[], "+44 7400 123456");
    assert_eq!((exit, &*out), (0, &*expected), "{err}");
    assert!(err.contains("more seconds"), "{err}");
    assert_eq!(person.post("verify-code", &[("code", &out)]).await.0, 200);
    assert_eq!(person.get("/api/session").await.0, 200);
    let mut other = Person::new(&place);
    other.sign_in(OTHER).await;
    let (exit, _, err) = test_code(&place, &variables, &[], OTHER);
    assert!(exit == 2 && err.contains("no test number"), "{exit} {err}");
    assert_eq!(
        (twilio.texts(KNOWN).len(), twilio.texts(OTHER).len()),
        (0, 1)
    );
    for nonsense in ["", "nonsense"] {
        let (exit, out, err) = test_code(&place, &variables, &[], nonsense);
        assert!(
            exit == 2 && out.is_empty() && !err.is_empty(),
            "{nonsense}: {exit} {err}"
        );
    }
    let (exit, out, err) = test_code(&place, &variables, &["--json"], KNOWN);
    assert!(
        exit == 1 && out.is_empty() && err.contains("no message"),
        "it was read: {exit} {err}"
    );

    let check = run(&place, &["check"], &variables, "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert!(
        table.contains("ok    test numbers 1 until") && !table.contains("7400"),
        "{table}"
    );
    let (_, metrics) = place.operations("/metrics").await;
    assert!(
        metrics.contains(r#"event="test_code_read""#) && metrics.contains(r#"outcome="kept""#),
        "{metrics}"
    );
    assert_eq!(server.terminate(), Some(0));
    let events: Vec<Value> = server
        .output()
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
    let written = server.output() + &server.complaints() + &metrics;
    assert!(!written.contains(&expected) && !written.contains("7400123456"));
}

#[tokio::test]
async fn a_message_survives_a_kill_and_can_be_read_of_a_stopped_server() {
    let twilio = Twilio::start().await;
    let place = Place::new();
    let variables = listing(
        &place,
        &twilio,
        &format!("{KNOWN}={0},{OTHER}={0}", day(89)),
    );
    let mut server = Process::begin(&place, &["serve", "--sandbox"], &variables);
    wait_until("the server", async || place.is_up().await).await;
    register_process(&place).await;
    let mut codes = Vec::new();
    for phone in [KNOWN, OTHER] {
        let mut person = Person::new(&place);
        assert_eq!(person.post("sign-up", &[("phone", phone)]).await.0, 200);
        person.read_code(phone).await;
        codes.push(person.code);
    }
    // The phone may show a message before the gateway has it.
    wait_until("both messages", async || {
        server.output().matches(r#""outcome":"kept""#).count() == 2
    })
    .await;
    server.kill();
    server.wait();
    let (exit, out, err) = test_code(&place, &variables, &[], KNOWN);
    assert_eq!((exit, &out), (0, &codes[0]), "{err}");
    let mut server = Process::begin(&place, &["serve", "--sandbox"], &variables);
    wait_until("the server", async || place.is_up().await).await;
    let (exit, out, err) = test_code(&place, &variables, &["--json"], OTHER);
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
async fn a_list_that_is_wrong_starts_nothing_and_one_that_has_ended_is_told_of() {
    let twilio = Twilio::start().await;
    let place = Place::new();
    for (numbers, word) in [
        (OTHER.to_owned(), "has no `until`"),
        (format!("{OTHER}={}", day(91)), "within 90 days"),
        (format!("{OTHER}=soon"), "write a date"),
        (format!("07400123457={}", day(1)), "has no `phone`"),
        (format!("+79123456789={}", day(1)), "guard.countries"),
        (format!("{OTHER}={0},{OTHER}={0}", day(1)), "twice"),
    ] {
        let told = run(
            &place,
            &["serve", "--sandbox"],
            &listing(&place, &twilio, &numbers),
            "",
        );
        let complaint = String::from_utf8(told.stderr).unwrap();
        assert!(
            told.status.code() == Some(2) && complaint.contains(word),
            "{numbers}: {complaint}"
        );
        assert!(
            complaint.contains("test_numbers: ")
                && !complaint.contains("7400123457")
                && !complaint.contains("79123"),
            "{complaint}"
        );
    }
    let alone = [(
        "LATCHKEY_TEST_NUMBERS".to_owned(),
        format!("{KNOWN}={}", day(1)),
    )];
    let told = run(&place, &["serve", "--sandbox"], &alone, "");
    assert!(told.status.code() == Some(2), "the sandbox is no gateway");
    assert!(String::from_utf8_lossy(&told.stderr).contains("needs the SMS gateway"));

    let variables = listing(
        &place,
        &twilio,
        &format!("{KNOWN}=2026-01-01,{OTHER}={}", day(1)),
    );
    let mut server = Process::begin(&place, &["serve", "--sandbox"], &variables);
    wait_until("the server", async || place.is_up().await).await;
    register_process(&place).await;
    Person::new(&place).sign_in(KNOWN).await;
    assert_eq!(twilio.texts(KNOWN).len(), 1, "an ordinary number");
    let check = run(&place, &["check"], &variables, "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert!(
        check.status.code() == Some(0) && table.contains("mind  test numbers 1 in force; of 1"),
        "{table}"
    );
    assert_eq!(server.terminate(), Some(0));
    assert!(
        server.complaints().contains("whose `until` has passed"),
        "{}",
        server.complaints()
    );
    assert!(server.output().contains(r#""in_force":1,"ended":1"#));
}

#[tokio::test]
async fn with_redis_a_code_is_shown_without_asking_the_node_that_got_it() {
    let twilio = Twilio::start().await;
    let place = Place::new();
    let redis = RedisServer::start();
    let mut variables = listing(&place, &twilio, &format!("{KNOWN}={}", day(1)));
    variables.push(("LATCHKEY_STORE__URL".to_owned(), redis.url()));
    variables.push((
        "LATCHKEY_SECRETS__KEY".to_owned(),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
    ));
    let mut server = Process::begin(&place, &["serve", "--sandbox"], &variables);
    wait_until("the server", async || place.is_up().await).await;
    register_process(&place).await;
    let mut person = Person::new(&place);
    assert_eq!(person.post("sign-up", &[("phone", KNOWN)]).await.0, 200);
    person.read_code(KNOWN).await;
    let (exit, out, err) = test_code(&place, &variables, &[], KNOWN);
    assert_eq!((exit, &out), (0, &person.code), "{err}");
    assert!(err.contains(r#""event":"test_code_read""#), "{err}");
    assert_eq!(
        test_code(&place, &variables, &[], KNOWN).0,
        1,
        "once, of all nodes"
    );
    assert_eq!(server.terminate(), Some(0));
}
