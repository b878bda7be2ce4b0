//! What is put on record, and what never is (requirements L1 to L3, C11).

use std::collections::BTreeSet;
use std::time::Duration;

use http::header::USER_AGENT;
use http::{HeaderValue, Method};

use axum::body::Body;
use serde_json::Value;

use crate::support::{KNOWN, UNKNOWN, World, different_code, minutes, seconds, wait_until};
use latchkey_testkit::log_capture;

/// The events of a world by name, with what tells those of one name apart.
fn told(world: &World) -> Vec<String> {
    let events = world.audit.events();
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
async fn l1_every_step_of_a_journey_is_an_event() {
    let world = World::start().await;
    let (mut browser, code) = world.asked(KNOWN).await;
    browser.post("resend-code", &[]).await;
    browser.ask(KNOWN).await;
    browser.verify(&different_code(&code)).await;
    browser.verify(&code).await;
    browser.post("extend-session", &[]).await;
    let replay = browser.clone();
    browser.post("sign-out", &[]).await;
    replay.clone().get("/account").await.leads_to("/sign-in");
    replay.clone().get("/sign-in").await;
    assert_eq!(
        told(&world),
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
async fn l1_limits_locks_and_refusals_are_events_too() {
    let world = World::with(|settings| settings.guard.address_hourly = 3).await;
    let (mut browser, code) = world.asked(KNOWN).await;
    for _ in 0..3 {
        browser.verify(&different_code(&code)).await;
    }
    let mut second = world.browser().at("203.0.113.7");
    second.ask(KNOWN).await;
    world.advance(seconds(31)).await;
    second.cookies.clear();
    second.ask(KNOWN).await;
    second.verify(&code).await;
    world.advance(minutes(6)).await;
    second.verify(&code).await;
    let mut third = world.browser().at("203.0.113.7");
    for number in 0..2 {
        third.ask(&format!("+4474001{number:05}")).await;
    }
    let told: BTreeSet<String> = told(&world).into_iter().collect();
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
        assert!(told.contains(event), "{event} is missing in {told:#?}");
    }
}

#[tokio::test]
async fn l1_l2_every_event_names_time_request_and_whom_it_is_about() {
    let world = World::start().await;
    let mut browser = world.browser().at("203.0.113.7");
    browser.sign_in(KNOWN).await;
    let mut subjects = BTreeSet::new();
    for event in world.audit.events() {
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
    assert_eq!(subjects.len(), 1, "one person, one keyed hash");
}

#[tokio::test]
async fn l2_c11_no_number_code_token_or_cookie_is_written_anywhere() {
    let world = World::start().await;
    let (phone, new) = ("+447400918273", "+447400918274");
    let mut secrets = vec![
        "7400918273".to_owned(),
        "7400918274".to_owned(),
        "Lovelace".to_owned(),
    ];
    let mut answers = String::new();
    world.upstream.user(phone, "Active").await;
    let mut browser = world.browser();
    for (door, number) in [("send-code", phone), ("sign-up", new)] {
        let fields = [
            ("phone", number),
            ("name", "Ada Lovelace"),
            ("return_to", "/planted"),
        ];
        answers += &browser.post(door, &fields).await.body;
        world.settled().await;
        answers += &browser.get("/code").await.body;
        secrets.extend(browser.cookies.values().cloned());
        let code = world.upstream.code(number).await;
        answers += &browser.verify(&different_code(&code)).await.body;
        answers += &browser.get("/code").await.body;
        answers += &browser.verify(&code).await.body;
        secrets.push(code);
        secrets.extend(browser.cookies.values().cloned());
        answers += &browser.get("/account").await.body;
        answers += &browser.get("/api/session").await.body;
    }
    browser.post("sign-out", &[]).await;
    // Failures have details of their own.
    world.advance(minutes(20)).await;
    for kind in ["reset", "garbage", "status"] {
        world.upstream.fault("otp_send", kind, None).await;
        world.upstream.fault("otp_authenticate", kind, None).await;
        browser.ask(phone).await;
        browser.verify("918273").await;
        world.advance(minutes(16)).await;
    }
    secrets.push("918273".to_owned());
    world.product.close().await;
    let (audit, logs) = (world.audit.text(), log_capture::process_logs().text());
    assert!(audit.lines().count() > 10 && logs.contains("answered"));
    for secret in &secrets {
        for (place, text) in [("audit", &audit), ("logs", &logs), ("answers", &answers)] {
            // A person may be shown their own name; nothing else comes back.
            assert!(!stands_alone(text, secret), "{secret} is in the {place}");
        }
    }
    for text in [&audit, &logs, &answers] {
        assert!(
            !text.contains("eyJ") && !text.contains("latchkey-sandbox-secret"),
            "a token or secret was written"
        );
    }
}

/// Whether `secret` is in the text, not as a part of a longer word or number.
fn stands_alone(text: &str, secret: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.match_indices(secret).any(|(at, _)| {
        secret.len() > 8
            || (!inside(text[..at].chars().next_back())
                && !inside(text[at + secret.len()..].chars().next()))
    })
}

#[tokio::test]
async fn l3_nothing_that_is_sent_can_forge_a_line() {
    let world = World::start().await;
    let browser = world.browser();
    let forged = "x\u{1b}[2J {\"event\":\"authn_login_success\"}";
    let mut request = browser.form(
        "send-code",
        &[("phone", KNOWN), ("name", "a\nb"), ("country", "x\r\ny")],
    );
    request.headers_mut().insert(
        USER_AGENT,
        HeaderValue::from_bytes(b"x\tforged {\"event\":1}").unwrap(),
    );
    world.drive(request).await;
    let mut cross = browser.form("send-code", &[("phone", KNOWN)]);
    *cross.uri_mut() = "/api/send-code?%0a%0d%7B%22event%22%3A%22forged%22%7D"
        .parse()
        .unwrap();
    cross
        .headers_mut()
        .insert("origin", HeaderValue::from_static("https://evil.example"));
    world.call(cross).await;
    let odd = browser
        .request(Method::POST, "/api/%0aforged")
        .body(Body::empty())
        .unwrap();
    world.call(odd).await;
    let fault = serde_json::json!({ "operation": "otp_send", "kind": "status", "status": 400,
        "body": { "error_code": forged, "message": forged, "error": forged } });
    world.upstream.set_fault(fault).await;
    world.advance(seconds(40)).await;
    world.browser().ask(KNOWN).await;
    // Every line is one event of ours: `events` insists on it.
    let names: BTreeSet<String> = world
        .audit
        .events()
        .iter()
        .map(|event| event["event"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        names.into_iter().collect::<Vec<_>>(),
        ["malicious_cors", "otp_requested", "otp_send_result"]
    );
    assert!(!world.audit.text().contains('\u{1b}'));
}

#[tokio::test]
async fn metrics_and_events_cannot_be_lost_with_a_client_that_leaves() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    let browser = world.browser();
    let leaving = world.begin(browser.form("send-code", &[("phone", KNOWN)]));
    wait_until("the decision", async || {
        world.audit.count("otp_requested") == 1
    })
    .await;
    leaving.abort();
    world.settled().await;
    assert_eq!(world.upstream.messages(KNOWN).await.len(), 1);

    // The same at the other step: the session is begun, though nobody hears of it.
    world.advance(seconds(60)).await;
    let (browser, code) = world.asked(KNOWN).await;
    world
        .upstream
        .latency("otp_authenticate", "correct", 100)
        .await;
    let leaving = world.begin(browser.form("verify-code", &[("code", &code)]));
    wait_until("the call", async || {
        world.upstream.count("otp_authenticate").await == 1
    })
    .await;
    leaving.abort();
    wait_until("the session", async || {
        world.audit.count("session_created") == 1
    })
    .await;
    browser.clone().verify(&code).await.problem(409, "no_flow");
}

/// The disk is the operator's, and a send that was queued must be found on record whatever
/// strangers do.
#[tokio::test]
async fn l1_what_limits_refuse_fills_no_disk_and_hides_no_send_and_no_wrong_code() {
    const POSTS: usize = 200;
    let world = World::with(|settings| settings.guard.address_hourly = 1).await;
    for phone in [KNOWN, UNKNOWN] {
        world.upstream.user(phone, "Active").await;
    }
    let mut flood = world.browser();
    flood.ask(KNOWN).await.next("/code");
    for _ in 0..2 {
        flood.guess(KNOWN).await.problem(401, "code_refused");
    }
    let begun = world.now();
    for number in 0..POSTS {
        let phone = format!("+44740{number:07}");
        for (door, field) in [
            ("send-code", ("phone", &*phone)),
            ("verify-code", ("code", "123456")),
        ] {
            world
                .call(flood.form(door, &[field]))
                .await
                .problem(429, "slow_down");
            world.run_ahead(Duration::from_millis(110));
        }
    }
    assert!(world.now().since(begun) < minutes(1));
    let refused = |event: &Value| event["decision"] == "refused";
    let spent = |event: &Value| event["reason"] == "tries_spent";
    assert_eq!(
        [
            world.audit.count_matching(refused),
            world.audit.count_matching(spent)
        ],
        [60, 60]
    );
    assert_eq!(world.audit.count("excess_rate_limit_exceeded"), 60);

    // Somebody else's send and wrong code are there, and what was left out is told and counted.
    let mut person = world.browser();
    let queued = world
        .audit
        .count_matching(|event| event["decision"] == "queued");
    person.ask(UNKNOWN).await.next("/code");
    person.guess(UNKNOWN).await.problem(401, "code_refused");
    assert_eq!(
        world
            .audit
            .count_matching(|event| event["decision"] == "queued"),
        queued + 1
    );
    assert_eq!(
        world.audit.events_named("authn_login_fail").last().unwrap()["reason"],
        "refused"
    );
    world.advance(minutes(1)).await;
    flood.ask("+447400999999").await.problem(429, "slow_down");
    let last = world.audit.events().into_iter().rfind(refused).unwrap();
    assert_eq!(last["left_out"], POSTS - 60);
    assert_eq!(
        world.counted(|kind| kind.outcome == "refused_slow_down"),
        POSTS + 1
    );
}
