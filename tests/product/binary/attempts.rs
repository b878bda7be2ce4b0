//! Attempts and the process: an attempt is on disk before the code is compared, and the operator
//! can reset the count.

use std::time::Duration;

use latchkey::server::system::clock::Clock;
use serde_json::{Value, json};

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::support::{KNOWN_PHONE, different_code, wait_until};

/// A server with a separate sandbox, which keeps running when the server is killed.
struct ServerWithSandbox {
    env: TestEnvironment,
    variables: Vec<(String, String)>,
    _sandbox: ChildProcess,
}

impl ServerWithSandbox {
    async fn start(own: &[(&str, &str)]) -> Self {
        let env = TestEnvironment::new();
        let sandbox = ChildProcess::start_sandbox(&env).await;
        Self {
            variables: env.upstream_variables_with(own),
            env,
            _sandbox: sandbox,
        }
    }

    async fn start_server(&self) -> ChildProcess {
        ChildProcess::start_server_with(&self.env, &["serve"], &self.variables).await
    }

    /// A browser with a flow and a code. Requests codes until the cool-down of the number is over.
    async fn request_code(&self) -> NetworkBrowser {
        let messages = async || {
            let inbox = self.env.get_sandbox("/inbox.json").await.unwrap();
            inbox.as_array().unwrap().len()
        };
        let before = messages().await;
        let mut person = NetworkBrowser::new(&self.env);
        wait_until("a code", async || {
            // A new flow each time, because a withheld send would start the flow's own cool-down.
            person = NetworkBrowser::new(&self.env);
            assert_eq!(
                person.post("sign-up", &[("phone", KNOWN_PHONE)]).await.0,
                200
            );
            Clock::system().sleep(Duration::from_millis(100)).await;
            messages().await > before
        })
        .await;
        person.read_code(KNOWN_PHONE).await;
        person
    }

    fn unlock(&self) {
        let unlock = run_command(&self.env, &["unlock"], &self.variables, KNOWN_PHONE);
        assert!(
            unlock.status.success(),
            "{}",
            String::from_utf8_lossy(&unlock.stderr)
        );
    }
}

async fn submit_code(person: &mut NetworkBrowser, code: &str) -> (u16, Value) {
    let (status, body) = person.post("verify-code", &[("code", code)]).await;
    (status, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn c5_an_attempt_is_on_disk_before_the_code_is_compared() {
    let setup = ServerWithSandbox::start(&[("GUARD__COOL_DOWN", "1s")]).await;
    let mut server = setup.start_server().await;
    let mut person = setup.request_code().await;
    let (code, wrong) = (person.code.clone(), different_code(&person.code));
    setup
        .env
        .put_control(
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
        setup.env.call_count("otp_authenticate").await == 1
    })
    .await;
    server.kill();
    server.wait();
    assert_eq!(trying.await.unwrap(), None, "killed before it answered");
    setup
        .env
        .put_control(
            "fault",
            json!({ "operation": "otp_authenticate", "kind": "hang", "times": 0 }),
        )
        .await;

    let mut server = setup.start_server().await;
    let (status, problem) = submit_code(&mut person, &wrong).await;
    assert_eq!(
        (status, &problem["tries_left"]),
        (401, &json!(0)),
        "the try of the server that was killed counts: {problem}"
    );
    assert_eq!(submit_code(&mut person, &code).await.0, 429);
    assert_eq!(setup.env.call_count("otp_authenticate").await, 2);
    // The attempt also counts for the number: another flow with its own code is refused without a
    // call upstream.
    let mut other = setup.request_code().await;
    let code = other.code.clone();
    assert_eq!(submit_code(&mut other, &code).await.0, 401);
    assert_eq!(setup.env.call_count("otp_authenticate").await, 2);
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test]
async fn c7_unlock_works_with_a_running_and_a_stopped_server() {
    let limits = [
        ("TRANSMIT__OTP_MAX_FAILURES", "6"),
        ("GUARD__STRANGER_FAILURES", "1"),
        ("GUARD__MAX_FAILURES", "1"),
        ("GUARD__ALERT_FAILURES", "1"),
        ("GUARD__COOL_DOWN", "1s"),
    ];
    let setup = ServerWithSandbox::start(&limits).await;
    let mut server = setup.start_server().await;
    for stops in [false, true] {
        let mut person = setup.request_code().await;
        let (code, wrong) = (person.code.clone(), different_code(&person.code));
        let before = setup.env.call_count("otp_authenticate").await;
        assert_eq!(submit_code(&mut person, &wrong).await.0, 401);
        assert_eq!(
            submit_code(&mut person, &code).await.0,
            401,
            "one failure is the limit"
        );
        assert_eq!(setup.env.call_count("otp_authenticate").await, before + 1);
        if stops {
            assert_eq!(server.terminate(), Some(0));
            setup.unlock();
            server = setup.start_server().await;
        } else {
            setup.unlock();
        }
        let (status, response) = submit_code(&mut person, &code).await;
        assert_eq!(status, 200, "{response}");
        if !stops {
            let output = server.stdout();
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
fn s9_check_reports_what_attackers_can_do_under_the_tenant_policy() {
    let env = TestEnvironment::new();
    let run_check = |settings: &[(&str, &str)]| {
        let own = settings.iter().map(|(name, value)| {
            (
                format!("LATCHKEY_TRANSMIT__OTP_{name}"),
                (*value).to_owned(),
            )
        });
        let output = run_command(&env, &["check"], &own.collect::<Vec<_>>(), "");
        String::from_utf8(output.stdout).unwrap()
    };
    for (settings, mark, parts) in [
        (
            &[][..],
            "WARN",
            &[
                "2 failures",
                "until 15m",
                "7 or more",
                "transmit.otp_failure_memory",
            ][..],
        ),
        (
            &[("FAILURE_MEMORY", "2d")],
            "WARN",
            &["2 failures", "until 2d", "on a new phone"],
        ),
        (&[("MAX_FAILURES", "2")], "WARN", &["1 failure at"]),
        (
            &[("MAX_FAILURES", "20")],
            "OK",
            &["19 failures", "until 1d"],
        ),
        (
            &[("MAX_FAILURES", "20"), ("FAILURE_MEMORY", "10m")],
            "FAIL",
            &["transmit.otp_failure_memory", "15m"],
        ),
    ] {
        let table = run_check(settings);
        let matches =
            |line: &&str| line.starts_with(mark) && parts.iter().all(|part| line.contains(part));
        assert!(
            table.lines().any(|line| matches(&line)),
            "{settings:?}: {table}"
        );
    }
    for settings in [
        [("MAX_FAILURES", "20"), ("FAILURE_MEMORY", "15m")],
        [("MAX_FAILURES", "7"), ("LOCKOUT", "2d")],
    ] {
        let table = run_check(&settings);
        let advice = table
            .lines()
            .find(|line| line.contains("somebody who waits"))
            .unwrap_or(&table);
        assert!(
            advice.ends_with("lock a number: set transmit.otp_failure_memory"),
            "its maximum is high enough: {advice}"
        );
    }
}
