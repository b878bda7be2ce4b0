//! The table of replies, line by line, in both shapes: JSON for scripts, 303 for forms.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ORIGIN};
use http::{Method, Request};

use axum::body::Body;

use crate::support::{Answer, Browser, KNOWN, UNKNOWN, World, different_code, minutes, seconds};

fn raw(browser: &Browser, door: &str, kind: Option<&str>, body: impl Into<Body>) -> Request<Body> {
    let origin = browser.world.origin();
    let mut request = browser
        .request(Method::POST, &format!("/api/{door}"))
        .header(ORIGIN, origin);
    if let Some(kind) = kind {
        request = request.header(CONTENT_TYPE, kind);
    }
    request.body(body.into()).unwrap()
}

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

#[tokio::test]
async fn a_good_answer_names_the_next_page_in_both_shapes() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    let mut script = world.browser();
    let answer = script.ask(KNOWN).await;
    answer.next("/code");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("vary"), Some("accept, accept-language"));
    let answer = script.verify(&world.upstream.code(KNOWN).await).await;
    answer.next("/account");
    script.post("extend-session", &[]).await.next("/account");
    script
        .post("revoke-session", &[("id", "others")])
        .await
        .next("/account");
    script.post("sign-out", &[]).await.next("/sign-in");

    let mut form = world.browser().without_script();
    form.ask(UNKNOWN).await.leads_to("/code");
    let mut form = world.browser().without_script();
    form.post("sign-up", &[("phone", "+447400111222"), ("name", "Ada")])
        .await
        .leads_to("/code");
    world.settled().await;
    form.verify(&world.upstream.code("+447400111222").await)
        .await
        .leads_to("/account");
    form.post("extend-session", &[]).await.leads_to("/account");
    form.post("revoke-session", &[("id", "others")])
        .await
        .leads_to("/account");
    form.post("sign-out", &[]).await.leads_to("/sign-in");
}

#[tokio::test]
async fn h9_bodies_that_are_no_small_form_in_utf8_are_refused() {
    let world = World::start().await;
    for html in [false, true] {
        let mut browser = Browser {
            html,
            ..world.browser()
        };
        for door in [
            "send-code",
            "sign-up",
            "verify-code",
            "resend-code",
            "sign-out",
            "extend-session",
            "revoke-session",
        ] {
            for (kind, body, status, code) in [
                (FORM, b"phone=%ff".to_vec(), 400, "malformed_body"),
                (FORM, b"phone=\xff\xfe".to_vec(), 400, "malformed_body"),
                (FORM, vec![b'a'; 1 << 20], 413, "too_large"),
                (FORM, vec![b'a'; 9000], 413, "too_large"),
                (
                    Some("application/json"),
                    b"{\"phone\":\"1\"}".to_vec(),
                    415,
                    "unsupported_media_type",
                ),
                (
                    Some("multipart/form-data; boundary=x"),
                    b"--x--".to_vec(),
                    415,
                    "unsupported_media_type",
                ),
                (
                    Some("text/plain"),
                    b"phone=1".to_vec(),
                    415,
                    "unsupported_media_type",
                ),
                (None, b"phone=1".to_vec(), 415, "unsupported_media_type"),
            ] {
                let answer = browser.send(raw(&browser, door, kind, body)).await;
                if html {
                    assert_eq!(answer.status.as_u16(), status, "{door} {code}");
                    assert!(
                        answer.body.starts_with("<!DOCTYPE html>"),
                        "{door} {code}: no page"
                    );
                } else {
                    answer.problem(status, code);
                }
            }
        }
        // A length that is told is believed before anything is read.
        let mut long = raw(&browser, "send-code", FORM, "phone=1");
        long.headers_mut()
            .insert(CONTENT_LENGTH, "1000000".parse().unwrap());
        assert_eq!(browser.send(long).await.status, 413);
    }
    let calls = world.upstream.calls().await;
    assert!(calls.values().all(|count| *count == 0), "{calls:?}");
}

#[tokio::test]
async fn a_charset_after_the_media_type_is_fine() {
    let world = World::start().await;
    let mut browser = world.browser();
    let kind = Some("Application/X-WWW-Form-Urlencoded; charset=UTF-8");
    let request = raw(&browser, "send-code", kind, "phone=%2B447400123456");
    browser.send(request).await.next("/code");
}

#[tokio::test]
async fn missing_fields_are_malformed() {
    let world = World::start().await;
    let (mut browser, _) = world.asked(KNOWN).await;
    for (door, fields) in [
        ("send-code", &[][..]),
        ("send-code", &[("number", "+447400123456")]),
        ("send-code", &[("phone", "")]),
        ("sign-up", &[("name", "Ada")]),
        ("verify-code", &[("passcode", "123456")]),
    ] {
        browser.post(door, fields).await.problem(422, "malformed");
    }
    browser
        .post("revoke-session", &[])
        .await
        .problem(422, "malformed");
    for (door, page) in [
        ("send-code", "/sign-in"),
        ("sign-up", "/sign-up"),
        ("verify-code", "/code"),
        ("revoke-session", "/account"),
    ] {
        let mut form = browser.clone().without_script();
        form.post(door, &[]).await.leads_to(page);
    }
}

#[tokio::test]
async fn s5_numbers_that_public_data_refuses_are_told_at_once() {
    let world = World::start().await;
    let mut browser = world.browser();
    for (fields, code) in [
        (&[("phone", " ")][..], "invalid_phone"),
        (&[("phone", "call me")], "invalid_phone"),
        (&[("phone", "07400 123456")], "invalid_phone"),
        (&[("phone", "+1 900 555 0123")], "invalid_phone"),
        (&[("phone", "+44 909 879 0000")], "invalid_phone"),
        (&[("phone", "+7 912 345 67 89")], "country_not_served"),
        (
            &[("phone", "912 345 67 89"), ("country", "RU")],
            "country_not_served",
        ),
    ] {
        for door in ["send-code", "sign-up"] {
            let answer = browser.post(door, fields).await;
            answer.problem(422, code);
            assert_eq!(answer.took, seconds(0), "{fields:?}");
        }
    }
    for (door, page) in [("send-code", "/sign-in"), ("sign-up", "/sign-up")] {
        let mut form = world.browser().without_script();
        form.post(door, &[("phone", "call <me>"), ("name", "Ada")])
            .await
            .leads_to(page);
        let shown = form.get(page).await;
        assert!(
            shown.body.contains("call &lt;me"),
            "what was typed is shown again: {}",
            shown.body
        );
        assert!(
            shown
                .cookie("latchkey-flash")
                .unwrap()
                .contains("Max-Age=0"),
            "shown once"
        );
        assert!(!form.get(page).await.body.contains("call &lt;me"));
    }
    assert_eq!(world.upstream.count("otp_send").await, 0);
}

#[tokio::test]
async fn national_numbers_and_the_other_name_of_the_field_are_understood() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    for (fields, sends) in [
        (&[("phone", "07400 123456"), ("country", "GB")][..], 1),
        (&[("identifier", "+44 7400 123456")], 1),
        (
            &[
                ("phone", "+44 (0)7400-123456"),
                ("color", "blue"),
                ("admin", "1"),
            ],
            1,
        ),
    ] {
        // Another world of counters: the cool-down of the number would withhold the second send.
        world.advance(minutes(61)).await;
        let before = world.upstream.messages(KNOWN).await.len();
        world
            .browser()
            .post("send-code", fields)
            .await
            .next("/code");
        world.settled().await;
        assert_eq!(
            world.upstream.messages(KNOWN).await.len(),
            before + sends,
            "{fields:?}"
        );
    }
}

#[tokio::test]
async fn c1_codes_of_another_form_are_refused_and_cost_no_try() {
    let world = World::start().await;
    let (mut browser, code) = world.asked(KNOWN).await;
    for typed in [
        " ", "12345", "1234567", "12345a", "12345\0", "abcdef", "½23456",
    ] {
        let problem = browser
            .verify(typed)
            .await
            .problem(422, "invalid_code_format");
        assert_eq!(problem["tries_left"], serde_json::Value::Null);
    }
    assert_eq!(world.upstream.count("otp_authenticate").await, 0);
    let spaced = format!(" {}-{} ", &code[..3], &code[3..]);
    browser.verify(&spaced).await.next("/account");
}

#[tokio::test]
async fn c5_a_wrong_code_tells_what_this_flow_has_left_and_then_to_wait() {
    let world = World::start().await;
    let (mut browser, code) = world.asked(KNOWN).await;
    let wrong = different_code(&code);
    assert_eq!(
        browser.verify(&wrong).await.problem(401, "code_refused")["tries_left"],
        1
    );
    assert_eq!(
        browser.verify(&wrong).await.problem(401, "code_refused")["tries_left"],
        0
    );
    let before = world.upstream.calls().await;
    // Spent: even the right code is not sent on.
    let answer = browser.verify(&code).await;
    let problem = answer.problem(429, "slow_down");
    assert_eq!(problem["tries_left"], 0);
    let wait = problem["retry_after"].as_u64().unwrap();
    assert!((880..=900).contains(&wait), "{wait}");
    assert_eq!(answer.took, seconds(0));
    assert_eq!(
        browser
            .post("resend-code", &[])
            .await
            .problem(429, "slow_down")["retry_after"],
        wait
    );
    assert!(world.upstream.since(&before).await.is_empty());
    assert_eq!(browser.get("/code").await.status, 200);
    // After the lockout the same flow may send and try again.
    world.advance(seconds(wait)).await;
    browser.post("resend-code", &[]).await.next("/code");
    world.settled().await;
    browser
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .next("/account");
}

#[tokio::test]
async fn c2_a_code_past_its_deadline_is_410_and_a_resend_works() {
    let world = World::start().await;
    let (mut browser, code) = world.asked(KNOWN).await;
    world.advance(minutes(5)).await;
    let before = world.upstream.calls().await;
    let answer = browser.verify(&code).await;
    answer.problem(410, "flow_expired");
    assert_eq!(answer.took, seconds(0));
    assert!(
        world.upstream.since(&before).await.is_empty(),
        "nothing goes upstream"
    );
    browser
        .clone()
        .without_script()
        .verify(&code)
        .await
        .leads_to("/code");
    browser.post("resend-code", &[]).await.next("/code");
    world.settled().await;
    browser
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .next("/account");
}

#[tokio::test]
async fn c2_ten_minutes_is_the_most_whatever_the_tenant_allows() {
    let world =
        World::with(|settings| settings.transmit.otp_lifetime = "20m".parse().unwrap()).await;
    world
        .upstream
        .policy(serde_json::json!({ "otp_lifetime": "20m" }))
        .await;
    let (mut browser, code) = world.asked(KNOWN).await;
    world.advance(minutes(10)).await;
    browser.verify(&code).await.problem(410, "flow_expired");
}

#[tokio::test]
async fn without_a_flow_it_is_409_and_the_form_leads_to_the_start() {
    let world = World::start().await;
    for door in ["verify-code", "resend-code"] {
        let mut browser = world.browser();
        browser
            .post(door, &[("code", "123456")])
            .await
            .problem(409, "no_flow");
        browser
            .without_script()
            .post(door, &[("code", "123456")])
            .await
            .leads_to("/sign-in");
    }
}

#[tokio::test]
async fn without_a_session_it_is_401_and_the_form_leads_to_the_start() {
    let world = World::start().await;
    for (door, fields) in [
        ("extend-session", &[][..]),
        ("revoke-session", &[("id", "others")]),
    ] {
        let mut browser = world.browser();
        browser
            .post(door, fields)
            .await
            .problem(401, "not_signed_in");
        browser
            .without_script()
            .post(door, fields)
            .await
            .leads_to("/sign-in");
    }
    world
        .browser()
        .get("/api/session")
        .await
        .problem(401, "not_signed_in");
    // Signing out needs no session.
    world.browser().post("sign-out", &[]).await.next("/sign-in");
    world
        .browser()
        .without_script()
        .post("sign-out", &[])
        .await
        .leads_to("/sign-in");
}

#[tokio::test]
async fn s3_a_resend_within_the_cool_down_is_told_to_wait_and_a_second_send_is_neutral() {
    let world = World::start().await;
    let (mut browser, _) = world.asked(KNOWN).await;
    let before = world.upstream.calls().await;
    let answer = browser.post("resend-code", &[]).await;
    assert_eq!(answer.problem(429, "slow_down")["retry_after"], 29);
    assert_eq!(answer.took, seconds(0));
    let again = browser.ask(KNOWN).await;
    again.next("/code");
    assert_eq!(again.took, seconds(1));
    browser
        .clone()
        .without_script()
        .post("resend-code", &[])
        .await
        .leads_to("/code");
    assert!(world.upstream.since(&before).await.is_empty());
}

#[tokio::test]
async fn an_upstream_that_cannot_be_had_is_503_in_both_shapes() {
    let world = World::start().await;
    world.upstream.status("token", 401).await;
    let answer: Answer = world.browser().ask(KNOWN).await;
    answer.problem(503, "unavailable");
    assert_eq!(answer.took, seconds(0));
    let mut form = world.browser().without_script();
    form.ask(KNOWN).await.leads_to("/sign-in");
    let page = form.get("/sign-in").await;
    assert!(
        page.body.contains(KNOWN),
        "the number need not be typed again"
    );
}

#[tokio::test]
async fn every_refusal_has_a_sentence_in_the_language_of_the_request() {
    let world = World::start().await;
    let languages: Vec<&str> = latchkey::app::Text::all()
        .iter()
        .map(|text| text.lang())
        .collect();
    let mut titles = std::collections::BTreeSet::new();
    for language in &languages {
        let mut browser = Browser {
            language: Box::leak(language.to_string().into_boxed_str()),
            ..world.browser()
        };
        let problem = browser.verify("123456").await.problem(409, "no_flow");
        titles.insert(problem["title"].as_str().unwrap().to_owned());
    }
    assert_eq!(titles.len(), languages.len());
}
