//! Tries and the process: one is on disk before anything is compared, and the operator gives them
//! back.

use std::time::Duration;

use latchkey::server::system::clock::Clock;
use serde_json::{Value, json};

use crate::binary::process::{Person, Place, Process, run};
use crate::support::{KNOWN, different_code, wait_until};

/// A sandbox of its own, which lives on when the server is killed.
struct House {
    place: Place,
    variables: Vec<(String, String)>,
    _sandbox: Process,
}

impl House {
    async fn with(own: &[(&str, &str)]) -> Self {
        let place = Place::new();
        let sandbox = Process::begin(&place, &["sandbox"], &[]);
        wait_until("the sandbox", async || {
            place.sandbox("/control/calls").await.is_some()
        })
        .await;
        let mut variables = place.upstream_variables();
        variables.extend(
            own.iter()
                .map(|(name, value)| (format!("LATCHKEY_{name}"), (*value).to_owned())),
        );
        Self {
            place,
            variables,
            _sandbox: sandbox,
        }
    }

    async fn serve(&self) -> Process {
        let server = Process::begin(&self.place, &["serve"], &self.variables);
        wait_until("the server", async || self.place.is_up().await).await;
        server
    }

    /// Somebody who asked for a code and has it: asks until the cool-down of the number is over.
    async fn asked(&self) -> Person {
        let messages = async || {
            let inbox = self.place.sandbox("/inbox.json").await.unwrap();
            inbox.as_array().unwrap().len()
        };
        let before = messages().await;
        let mut person = Person::new(&self.place);
        wait_until("a code", async || {
            // A flow of its own each time: one that was withheld would wait for its own cool-down.
            person = Person::new(&self.place);
            assert_eq!(person.post("sign-up", &[("phone", KNOWN)]).await.0, 200);
            Clock::system().sleep(Duration::from_millis(100)).await;
            messages().await > before
        })
        .await;
        person.read_code(KNOWN).await;
        person
    }

    fn unlock(&self) {
        let unlock = run(&self.place, &["unlock"], &self.variables, KNOWN);
        assert!(
            unlock.status.success(),
            "{}",
            String::from_utf8_lossy(&unlock.stderr)
        );
    }
}

async fn verify(person: &mut Person, code: &str) -> (u16, Value) {
    let (status, body) = person.post("verify-code", &[("code", code)]).await;
    (status, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn c5_a_try_is_on_disk_before_the_code_is_compared() {
    let house = House::with(&[("GUARD__COOL_DOWN", "1s")]).await;
    let mut server = house.serve().await;
    let mut person = house.asked().await;
    let (code, wrong) = (person.code.clone(), different_code(&person.code));
    house
        .place
        .control(
            "fault",
            json!({ "operation": "otp_authenticate", "kind": "hang" }),
        )
        .await;
    let mut waiting = person.clone();
    let trying = {
        let wrong = wrong.clone();
        tokio::spawn(async move { waiting.try_post("verify-code", &[("code", &wrong)]).await })
    };
    wait_until("the call", async || {
        house.place.calls("otp_authenticate").await == 1
    })
    .await;
    server.kill();
    server.wait();
    assert_eq!(trying.await.unwrap(), None, "killed before it answered");
    house
        .place
        .control(
            "fault",
            json!({ "operation": "otp_authenticate", "kind": "hang", "times": 0 }),
        )
        .await;

    let mut server = house.serve().await;
    let (status, problem) = verify(&mut person, &wrong).await;
    assert_eq!(
        (status, &problem["tries_left"]),
        (401, &json!(0)),
        "the try of the server that was killed counts: {problem}"
    );
    assert_eq!(verify(&mut person, &code).await.0, 429);
    assert_eq!(house.place.calls("otp_authenticate").await, 2);
    // With the number, too: another flow with a code of its own is refused, and upstream is not
    // asked.
    let mut other = house.asked().await;
    let code = other.code.clone();
    assert_eq!(verify(&mut other, &code).await.0, 401);
    assert_eq!(house.place.calls("otp_authenticate").await, 2);
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test]
async fn c7_the_operator_unlocks_a_number_on_a_running_and_on_a_stopped_server() {
    let limits = [
        ("TRANSMIT__OTP_MAX_FAILURES", "6"),
        ("GUARD__STRANGER_FAILURES", "1"),
        ("GUARD__MAX_FAILURES", "1"),
        ("GUARD__ALERT_FAILURES", "1"),
        ("GUARD__COOL_DOWN", "1s"),
    ];
    let house = House::with(&limits).await;
    let mut server = house.serve().await;
    for stops in [false, true] {
        let mut person = house.asked().await;
        let (code, wrong) = (person.code.clone(), different_code(&person.code));
        let before = house.place.calls("otp_authenticate").await;
        assert_eq!(verify(&mut person, &wrong).await.0, 401);
        assert_eq!(
            verify(&mut person, &code).await.0,
            401,
            "one failure is the limit"
        );
        assert_eq!(house.place.calls("otp_authenticate").await, before + 1);
        if stops {
            assert_eq!(server.terminate(), Some(0));
            house.unlock();
            server = house.serve().await;
        } else {
            house.unlock();
        }
        let (status, answer) = verify(&mut person, &code).await;
        assert_eq!(status, 200, "{answer}");
        if !stops {
            let output = server.output();
            let count = |event: &str| output.matches(&format!("\"event\":\"{event}\"")).count();
            assert_eq!(
                (count("authn_login_fail_max"), count("authn_login_unlock")),
                (1, 1),
                "{output}"
            );
        }
    }
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn s9_check_says_what_strangers_can_do_under_the_tenant_s_policy() {
    let place = Place::new();
    let says = |settings: &[(&str, &str)]| {
        let own = settings.iter().map(|(name, value)| {
            (
                format!("LATCHKEY_TRANSMIT__OTP_{name}"),
                (*value).to_owned(),
            )
        });
        let output = run(&place, &["check"], &own.collect::<Vec<_>>(), "");
        String::from_utf8(output.stdout).unwrap()
    };
    for (settings, mark, parts) in [
        (
            &[][..],
            "mind",
            &[
                "2 failures",
                "until 15m",
                "7 or more",
                "transmit.otp_failure_memory",
            ][..],
        ),
        (
            &[("FAILURE_MEMORY", "2d")],
            "mind",
            &["2 failures", "until 2d", "on a new phone"],
        ),
        (&[("MAX_FAILURES", "2")], "mind", &["1 failure at"]),
        (
            &[("MAX_FAILURES", "20")],
            "ok",
            &["19 failures", "until 1d"],
        ),
        (
            &[("MAX_FAILURES", "20"), ("FAILURE_MEMORY", "10m")],
            "FAIL",
            &["transmit.otp_failure_memory", "15m"],
        ),
    ] {
        let table = says(settings);
        let told =
            |line: &&str| line.starts_with(mark) && parts.iter().all(|part| line.contains(part));
        assert!(
            table.lines().any(|line| told(&line)),
            "{settings:?}: {table}"
        );
    }
    for settings in [
        [("MAX_FAILURES", "20"), ("FAILURE_MEMORY", "15m")],
        [("MAX_FAILURES", "7"), ("LOCKOUT", "2d")],
    ] {
        let table = says(&settings);
        let advice = table
            .lines()
            .find(|line| line.contains("by a stranger who waits"))
            .unwrap_or(&table);
        assert!(
            advice.ends_with("waits: set transmit.otp_failure_memory"),
            "its maximum is high enough: {advice}"
        );
    }
}
