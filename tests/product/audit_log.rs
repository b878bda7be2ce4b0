//! What is audit-logged, and what must never be written (requirements L1 to L3, C11).

use std::collections::BTreeSet;
use std::time::Duration;

use http::header::USER_AGENT;
use http::{HeaderValue, Method};

use axum::body::Body;
use serde_json::Value;

use crate::support::{KNOWN_PHONE, TestApp, UNKNOWN_PHONE, different_code, minutes, seconds};
use latchkey_testkit::log_capture;

/// The events by name, with the fields that distinguish events of one name.
fn event_summaries(app: &TestApp) -> Vec<String> {
    let events = app.audit.events();
    let detail = |event: &serde_json::Value| {
        let fields = ["decision", "sent", "reason", "by", "code", "limit"];
        let values = fields
            .iter()
            .filter_map(|field| event.get(*field))
            .map(|value| value.to_string().replace('"', ""));
        values.collect::<Vec<_>>().join(" ")
    };
    events
        .iter()
        .map(|event| {
            format!("{} {}", event["event"].as_str().unwrap(), detail(event))
                .trim()
                .to_owned()
        })
        .collect()
}

#[tokio::test]
async fn l1_every_step_of_a_sign_in_is_an_event() {
    let app = TestApp::start().await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    browser.post("resend-code", &[]).await;
    browser.request_code(KNOWN_PHONE).await;
    browser.submit_code(&different_code(&code)).await;
    browser.submit_code(&code).await;
    browser.post("extend-session", &[]).await;
    let replay = browser.clone();
    browser.post("sign-out", &[]).await;
    replay
        .clone()
        .get("/account")
        .await
        .assert_redirect("/sign-in");
    replay.clone().get("/sign-in").await;
    assert_eq!(
        event_summaries(&app),
        [
            "otp_requested queued",
            "otp_send_result true",
            "otp_requested refused slow_down",
            "otp_requested repeated",
            "authn_login_fail refused",
            "session_created",
            "authn_login_success",
            "session_renewed",
            "session_ended sign_out",
            "session_use_after_expire",
        ]
    );
}

#[tokio::test]
async fn l1_limits_locks_and_refusals_are_events() {
    let app = TestApp::with_settings(|settings| settings.guard.address_hourly = 3).await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    for _ in 0..3 {
        browser.submit_code(&different_code(&code)).await;
    }
    let mut second = app.browser().with_address("203.0.113.7");
    second.request_code(KNOWN_PHONE).await;
    app.advance(seconds(31)).await;
    second.cookies.clear();
    second.request_code(KNOWN_PHONE).await;
    second.submit_code(&code).await;
    app.advance(minutes(6)).await;
    second.submit_code(&code).await;
    let mut third = app.browser().with_address("203.0.113.7");
    for number in 0..2 {
        third.request_code(&format!("+4474001{number:05}")).await;
    }
    let summaries: BTreeSet<String> = event_summaries(&app).into_iter().collect();
    for event in [
        "authn_login_fail refused",
        "authn_login_fail tries_spent",
        "authn_login_fail limited",
        "authn_login_fail expired",
        "authn_login_lock tries",
        "otp_requested withheld cool_down",
        "otp_requested refused slow_down",
        "excess_rate_limit_exceeded sends_address_hour",
        "otp_send_result false",
    ] {
        assert!(
            summaries.contains(event),
            "{event} is missing in {summaries:#?}"
        );
    }
}

#[tokio::test]
async fn l1_l2_every_event_has_a_time_a_request_id_and_a_subject() {
    let app = TestApp::start().await;
    let mut browser = app.browser().with_address("203.0.113.7");
    browser.sign_in(KNOWN_PHONE).await;
    let mut subjects = BTreeSet::new();
    for event in app.audit.events() {
        assert!(
            event["time"]
                .as_str()
                .is_some_and(|time| time.ends_with('Z')),
            "{event}"
        );
        assert!(
            event["request_id"]
                .as_str()
                .is_some_and(|id| id.len() == 16),
            "{event}"
        );
        assert_eq!(event["address"], "203.0.113.7");
        if let Some(subject) = event.get("subject") {
            assert_eq!(
                (
                    subject["country"].as_str(),
                    subject["identifier_type"].as_str()
                ),
                (Some("GB"), Some("phone_number"))
            );
            subjects.insert(subject["identifier"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(subjects.len(), 1, "one person, one pseudonym");
}

#[tokio::test]
async fn l2_c11_no_number_code_token_or_cookie_is_written() {
    let app = TestApp::start().await;
    let (phone, new) = ("+447400918273", "+447400918274");
    let mut secrets = vec![
        "7400918273".to_owned(),
        "7400918274".to_owned(),
        "Lovelace".to_owned(),
    ];
    let mut responses = String::new();
    app.upstream.set_user_status(phone, "Active").await;
    let mut browser = app.browser();
    for (endpoint, number) in [("send-code", phone), ("sign-up", new)] {
        let fields = [
            ("phone", number),
            ("name", "Ada Lovelace"),
            ("return_to", "/planted"),
        ];
        responses += &browser.post(endpoint, &fields).await.body;
        app.wait_for_sends().await;
        responses += &browser.get("/code").await.body;
        secrets.extend(browser.cookies.values().cloned());
        let code = app.upstream.newest_code(number).await;
        responses += &browser.submit_code(&different_code(&code)).await.body;
        responses += &browser.get("/code").await.body;
        responses += &browser.submit_code(&code).await.body;
        secrets.push(code);
        secrets.extend(browser.cookies.values().cloned());
        responses += &browser.get("/account").await.body;
        responses += &browser.get("/api/session").await.body;
    }
    browser.post("sign-out", &[]).await;
    // Failures have details of their own.
    app.advance(minutes(20)).await;
    for kind in ["reset", "garbage", "status"] {
        app.upstream.inject_fault("otp_send", kind, None).await;
        app.upstream
            .inject_fault("otp_authenticate", kind, None)
            .await;
        browser.request_code(phone).await;
        browser.submit_code("918273").await;
        app.advance(minutes(16)).await;
    }
    secrets.push("918273".to_owned());
    app.product.close().await;
    let (audit, logs) = (app.audit.text(), log_capture::process_logs().text());
    assert!(audit.lines().count() > 10 && logs.contains("answered"));
    for secret in &secrets {
        for (place, text) in [
            ("audit", &audit),
            ("logs", &logs),
            ("responses", &responses),
        ] {
            // A person may be shown their own name; no other secret is returned.
            assert!(!contains_word(text, secret), "{secret} is in the {place}");
        }
    }
    for text in [&audit, &logs, &responses] {
        assert!(
            !text.contains("eyJ") && !text.contains("latchkey-sandbox-secret"),
            "a token or secret was written"
        );
    }
}

/// Whether `secret` occurs in the text, other than inside a longer word or number.
fn contains_word(text: &str, secret: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.match_indices(secret).any(|(at, _)| {
        secret.len() > 8
            || (!inside(text[..at].chars().next_back())
                && !inside(text[at + secret.len()..].chars().next()))
    })
}

#[tokio::test]
async fn l3_input_cannot_forge_a_log_line() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let forged = "x\u{1b}[2J {\"event\":\"authn_login_success\"}";
    let mut request = browser.form(
        "send-code",
        &[
            ("phone", KNOWN_PHONE),
            ("name", "a\nb"),
            ("country", "x\r\ny"),
        ],
    );
    request.headers_mut().insert(
        USER_AGENT,
        HeaderValue::from_bytes(b"x\tforged {\"event\":1}").unwrap(),
    );
    app.call_and_advance(request).await;
    let mut cross = browser.form("send-code", &[("phone", KNOWN_PHONE)]);
    *cross.uri_mut() = "/api/send-code?%0a%0d%7B%22event%22%3A%22forged%22%7D"
        .parse()
        .unwrap();
    cross
        .headers_mut()
        .insert("origin", HeaderValue::from_static("https://evil.example"));
    app.call(cross).await;
    let odd = browser
        .request(Method::POST, "/api/%0aforged")
        .body(Body::empty())
        .unwrap();
    app.call(odd).await;
    let fault = serde_json::json!({ "operation": "otp_send", "kind": "status", "status": 400,
        "body": { "error_code": forged, "message": forged, "error": forged } });
    app.upstream.put_fault(fault).await;
    app.advance(seconds(40)).await;
    app.browser().request_code(KNOWN_PHONE).await;
    // Every line is one event of ours: `events` parses each of them.
    let names: BTreeSet<String> = app
        .audit
        .events()
        .iter()
        .map(|event| event["event"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        names.into_iter().collect::<Vec<_>>(),
        ["malicious_cors", "otp_requested", "otp_send_result"]
    );
    assert!(!app.audit.text().contains('\u{1b}'));
}

#[tokio::test]
async fn a_client_that_disconnects_loses_no_event() {
    let app = TestApp::start_with_user().await;
    let browser = app.browser();
    let leaving = app.spawn_call(browser.form("send-code", &[("phone", KNOWN_PHONE)]));
    app.audit.wait_for("otp_requested", 1).await;
    leaving.abort();
    app.wait_for_sends().await;
    assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 1);

    // The same at the other step: the session is created although the client has left.
    app.advance(seconds(60)).await;
    let (browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    app.upstream
        .set_latency("otp_authenticate", "correct", 100)
        .await;
    let leaving = app.spawn_call(browser.form("verify-code", &[("code", &code)]));
    app.upstream.wait_for_calls("otp_authenticate", 1).await;
    leaving.abort();
    app.audit.wait_for("session_created", 1).await;
    browser.clone().submit_code(&code).await.assert_no_flow();
}

/// Refusals must not fill the operator's disk, and a queued send must be found in the audit log
/// whatever others do.
#[tokio::test]
async fn l1_refusals_in_a_flood_are_sampled_and_hide_no_send_or_wrong_code() {
    const POSTS: usize = 200;
    let app = TestApp::with_settings(|settings| settings.guard.address_hourly = 1).await;
    for phone in [KNOWN_PHONE, UNKNOWN_PHONE] {
        app.upstream.set_user_status(phone, "Active").await;
    }
    let mut flood = app.browser();
    flood.start(KNOWN_PHONE).await;
    for _ in 0..2 {
        flood.fail(KNOWN_PHONE).await;
    }
    let start = app.now();
    for number in 0..POSTS {
        let phone = format!("+44740{number:07}");
        for (endpoint, field) in [
            ("send-code", ("phone", &*phone)),
            ("verify-code", ("code", "123456")),
        ] {
            app.call(flood.form(endpoint, &[field]))
                .await
                .assert_slow_down();
            app.advance_app_clock(Duration::from_millis(110));
        }
    }
    assert!(app.now().since(start) < minutes(1));
    let refused = |event: &Value| event["decision"] == "refused";
    let spent = |event: &Value| event["reason"] == "tries_spent";
    assert_eq!(
        [
            app.audit.count_matching(refused),
            app.audit.count_matching(spent)
        ],
        [60, 60]
    );
    assert_eq!(app.audit.count("excess_rate_limit_exceeded"), 60);

    // Another person's send and wrong code are logged, and left-out events are counted.
    let mut person = app.browser();
    let queued = app
        .audit
        .count_matching(|event| event["decision"] == "queued");
    person.start(UNKNOWN_PHONE).await;
    person.fail(UNKNOWN_PHONE).await;
    assert_eq!(
        app.audit
            .count_matching(|event| event["decision"] == "queued"),
        queued + 1
    );
    assert_eq!(
        app.audit.events_named("authn_login_fail").last().unwrap()["reason"],
        "refused"
    );
    app.advance(minutes(1)).await;
    flood.request_code("+447400999999").await.assert_slow_down();
    let last = app.audit.events().into_iter().rfind(refused).unwrap();
    assert_eq!(last["left_out"], POSTS - 60);
    assert_eq!(
        app.count_events(|kind| kind.outcome == "refused_slow_down"),
        POSTS + 1
    );
}
