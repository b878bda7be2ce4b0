//! The form of the application log: no colours outside a terminal, JSON in every line, and one line
//! a request without personal data (requirements L2, L3).

use std::process::Stdio;

use serde_json::Value;

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::support::KNOWN_PHONE;

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| (format!("LATCHKEY_{name}"), (*value).to_owned()))
        .collect()
}

/// Every line as JSON.
fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

#[tokio::test]
async fn l3_json_means_every_line_and_each_request_is_one_line_without_personal_data() {
    let env = TestEnvironment::new();
    let settings = variables(&[("TELEMETRY__LOG_FORMAT", "json")]);
    let mut server =
        ChildProcess::start_server_with(&env, &["serve", "--sandbox"], &settings).await;
    let mut person = NetworkBrowser::new(&env);
    person.sign_in(KNOWN_PHONE).await;
    assert_eq!(person.get("/sign-in?return_to=/7400123456").await.0, 303);
    assert_eq!(person.get("/+447400123456").await.0, 404);
    assert_eq!(server.terminate(), Some(0));
    let text = server.stderr();
    // The greeting of the sandbox names a number to try.
    let is_greeting = |line: &&str| line.contains("Any mobile number");
    let others: String = text.lines().filter(|line| !is_greeting(line)).collect();
    assert!(
        !text.contains('\u{1b}') && !others.contains("7400"),
        "{text}"
    );
    let lines = lines(&text);
    let messages: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["fields"]["message"].as_str())
        .collect();
    for part in ["with a sandbox", "latchkey: stopping"] {
        assert!(
            messages.iter().any(|message| message.contains(part)),
            "{messages:?}"
        );
    }
    let answered: Vec<&Value> = lines
        .iter()
        .filter(|line| line["fields"]["message"] == "answered")
        .collect();
    let routes: Vec<String> = answered
        .iter()
        .map(|line| {
            let fields = &line["fields"];
            assert_eq!(line["level"], "INFO");
            assert_eq!(fields["client_network"], "127.0.0.0/24");
            assert_eq!(fields["request_id"].as_str().map(str::len), Some(16));
            assert!(
                fields["duration_ms"]
                    .as_f64()
                    .is_some_and(|time| time > 0.0),
                "{line}"
            );
            format!(
                "{} {} {}",
                fields["method"].as_str().unwrap(),
                fields["route"].as_str().unwrap(),
                fields["status"]
            )
        })
        .collect();
    assert_eq!(
        routes,
        [
            "POST /api/sign-up 200",
            "POST /api/verify-code 200",
            "GET /sign-in 303",
            "GET other 404"
        ]
    );
}

#[tokio::test]
async fn l3_a_server_that_does_not_start_says_why_in_the_format_of_its_log() {
    let env = TestEnvironment::new();
    for settings in [
        &[("SERVER__ADDRESS", "nowhere")][..],
        &[("TELEMETRY__LOG", "loud")],
        &[("TELEMETRY__LOG", "latchkey=[=")],
        &[("SERVER__PUBLIC_URL", "ftp://id.example.com")],
    ] {
        let json = [settings, &[("TELEMETRY__LOG_FORMAT", "json")]].concat();
        let output = run_command(&env, &["serve", "--sandbox"], &variables(&json), "");
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{settings:?}: {text}");
        let last = lines(&text).pop().unwrap();
        assert_eq!(last["level"], "ERROR", "{text}");
    }
}

#[tokio::test]
async fn l3_text_has_no_colours_where_nobody_sees_them() {
    let env = TestEnvironment::new();
    let settings = variables(&[("TELEMETRY__LOG", "debug")]);
    let mut server =
        ChildProcess::spawn_server_with_outputs(&env, &settings, [const { None::<Stdio> }; 2]);
    env.wait_until_up().await;
    NetworkBrowser::new(&env).get("/sign-in").await;
    assert_eq!(server.terminate(), Some(0));
    let text = server.stderr();
    assert!(
        text.contains("answered") && !text.contains('\u{1b}'),
        "{text}"
    );
}
