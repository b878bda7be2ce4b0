//! The table of responses, row by row, in both formats: JSON for scripts, 303 for forms.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ORIGIN};
use http::{Method, Request};

use axum::body::Body;

use crate::support::{
    Browser, ENDPOINTS, KNOWN_PHONE, TestApp, TestResponse, UNKNOWN_PHONE, different_code, minutes,
    seconds,
};

fn raw(
    browser: &Browser,
    endpoint: &str,
    kind: Option<&str>,
    body: impl Into<Body>,
) -> Request<Body> {
    let origin = browser.app.origin();
    let mut request = browser
        .request(Method::POST, &format!("/api/{endpoint}"))
        .header(ORIGIN, origin);
    if let Some(kind) = kind {
        request = request.header(CONTENT_TYPE, kind);
    }
    request.body(body.into()).unwrap()
}

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

#[tokio::test]
async fn a_success_names_the_next_page_in_json_and_html() {
    let app = TestApp::start_with_user().await;
    let mut script = app.browser();
    let response = script.request_code(KNOWN_PHONE).await;
    response.assert_next("/code");
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(response.header("vary"), Some("accept, accept-language"));
    let response = script
        .submit_code(&app.upstream.newest_code(KNOWN_PHONE).await)
        .await;
    response.assert_next("/account");
    script
        .post("extend-session", &[])
        .await
        .assert_next("/account");
    script
        .post("revoke-session", &[("id", "others")])
        .await
        .assert_next("/account");
    script.post("sign-out", &[]).await.assert_next("/sign-in");

    let mut form = app.browser().without_javascript();
    form.request_code(UNKNOWN_PHONE)
        .await
        .assert_redirect("/code");
    let mut form = app.browser().without_javascript();
    form.post("sign-up", &[("phone", "+447400111222"), ("name", "Ada")])
        .await
        .assert_redirect("/code");
    app.wait_for_sends().await;
    form.submit_code(&app.upstream.newest_code("+447400111222").await)
        .await
        .assert_redirect("/account");
    form.post("extend-session", &[])
        .await
        .assert_redirect("/account");
    form.post("revoke-session", &[("id", "others")])
        .await
        .assert_redirect("/account");
    form.post("sign-out", &[]).await.assert_redirect("/sign-in");
}

#[tokio::test]
async fn h9_only_small_utf8_forms_are_accepted() {
    let app = TestApp::start().await;
    for html in [false, true] {
        let mut browser = Browser {
            html,
            ..app.browser()
        };
        for endpoint in ENDPOINTS {
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
                let response = browser.send(raw(&browser, endpoint, kind, body)).await;
                if html {
                    assert_eq!(response.status.as_u16(), status, "{endpoint} {code}");
                    assert!(
                        response.body.starts_with("<!DOCTYPE html>"),
                        "{endpoint} {code}: no page"
                    );
                } else {
                    response.assert_problem(status, code);
                }
            }
        }
        // A declared length is checked before anything is read.
        let mut long = raw(&browser, "send-code", FORM, "phone=1");
        long.headers_mut()
            .insert(CONTENT_LENGTH, "1000000".parse().unwrap());
        assert_eq!(browser.send(long).await.status, 413);
    }
    let calls = app.upstream.call_counts().await;
    assert!(calls.values().all(|count| *count == 0), "{calls:?}");
}

#[tokio::test]
async fn a_charset_after_the_media_type_is_accepted() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let kind = Some("Application/X-WWW-Form-Urlencoded; charset=UTF-8");
    let request = raw(&browser, "send-code", kind, "phone=%2B447400123456");
    browser.send(request).await.assert_next("/code");
}

#[tokio::test]
async fn missing_fields_are_malformed() {
    let app = TestApp::start().await;
    let (mut browser, _) = app.start_sign_in(KNOWN_PHONE).await;
    for (endpoint, fields) in [
        ("send-code", &[][..]),
        ("send-code", &[("number", "+447400123456")]),
        ("send-code", &[("phone", "")]),
        ("sign-up", &[("name", "Ada")]),
        ("verify-code", &[("passcode", "123456")]),
    ] {
        browser
            .post(endpoint, fields)
            .await
            .assert_problem(422, "malformed");
    }
    browser
        .post("revoke-session", &[])
        .await
        .assert_problem(422, "malformed");
    for (endpoint, page) in [
        ("send-code", "/sign-in"),
        ("sign-up", "/sign-up"),
        ("verify-code", "/code"),
        ("revoke-session", "/account"),
    ] {
        let mut form = browser.clone().without_javascript();
        form.post(endpoint, &[]).await.assert_redirect(page);
    }
}

#[tokio::test]
async fn s5_invalid_and_unserved_numbers_are_refused_immediately() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
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
        for endpoint in ["send-code", "sign-up"] {
            let response = browser.post(endpoint, fields).await;
            response.assert_problem(422, code);
            assert_eq!(response.elapsed, seconds(0), "{fields:?}");
        }
    }
    for (endpoint, page) in [("send-code", "/sign-in"), ("sign-up", "/sign-up")] {
        let mut form = app.browser().without_javascript();
        form.post(endpoint, &[("phone", "call <me>"), ("name", "Ada")])
            .await
            .assert_redirect(page);
        let shown = form.get(page).await;
        assert!(
            shown.body.contains("call &lt;me"),
            "the input is shown again: {}",
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
    assert_eq!(app.upstream.call_count("otp_send").await, 0);
}

#[tokio::test]
async fn national_numbers_and_the_identifier_field_are_accepted() {
    let app = TestApp::start_with_user().await;
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
        // New counters: the cool-down of the number would withhold the second send.
        app.advance(minutes(61)).await;
        let before = app.upstream.messages(KNOWN_PHONE).await.len();
        app.browser()
            .post("send-code", fields)
            .await
            .assert_next("/code");
        app.wait_for_sends().await;
        assert_eq!(
            app.upstream.messages(KNOWN_PHONE).await.len(),
            before + sends,
            "{fields:?}"
        );
    }
}

#[tokio::test]
async fn c1_malformed_codes_are_refused_and_count_no_attempt() {
    let app = TestApp::start().await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    for typed in [
        " ", "12345", "1234567", "12345a", "12345\0", "abcdef", "½23456",
    ] {
        let problem = browser
            .submit_code(typed)
            .await
            .assert_problem(422, "invalid_code_format");
        assert_eq!(problem["tries_left"], serde_json::Value::Null);
    }
    assert_eq!(app.upstream.call_count("otp_authenticate").await, 0);
    let spaced = format!(" {}-{} ", &code[..3], &code[3..]);
    browser.submit_code(&spaced).await.assert_next("/account");
}

#[tokio::test]
async fn c5_a_wrong_code_shows_the_attempts_left_and_then_the_wait() {
    let app = TestApp::start().await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    let wrong = different_code(&code);
    assert_eq!(
        browser.submit_code(&wrong).await.assert_code_refused()["tries_left"],
        1
    );
    let incomplete = browser.submit_code("12").await;
    assert_eq!(
        incomplete.assert_problem(422, "invalid_code_format")["tries_left"],
        1
    );
    assert_eq!(
        browser.submit_code(&wrong).await.assert_code_refused()["tries_left"],
        0
    );
    let before = app.upstream.call_counts().await;
    // Exhausted: even the right code is not sent upstream.
    let response = browser.submit_code(&code).await;
    let problem = response.assert_slow_down();
    assert_eq!(problem["tries_left"], 0);
    let wait = problem["retry_after"].as_u64().unwrap();
    assert!((880..=900).contains(&wait), "{wait}");
    assert_eq!(response.elapsed, seconds(0));
    assert_eq!(
        browser.post("resend-code", &[]).await.assert_slow_down()["retry_after"],
        wait
    );
    assert!(app.upstream.calls_since(&before).await.is_empty());
    assert_eq!(browser.get("/code").await.status, 200);
    // After the lockout the same flow may send and submit again.
    app.advance(seconds(wait)).await;
    browser.resend_and_wait().await;
    browser.finish(KNOWN_PHONE).await;
}

#[tokio::test]
async fn c2_an_expired_code_is_410_and_a_resend_works() {
    let app = TestApp::start().await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    app.advance(minutes(5)).await;
    let before = app.upstream.call_counts().await;
    let response = browser.submit_code(&code).await;
    response.assert_problem(410, "flow_expired");
    assert_eq!(response.elapsed, seconds(0));
    assert!(
        app.upstream.calls_since(&before).await.is_empty(),
        "nothing is sent upstream"
    );
    browser
        .clone()
        .without_javascript()
        .submit_code(&code)
        .await
        .assert_redirect("/code");
    browser.resend_and_wait().await;
    browser.finish(KNOWN_PHONE).await;
}

#[tokio::test]
async fn c2_a_code_expires_after_ten_minutes_at_most() {
    let app =
        TestApp::with_settings(|settings| settings.transmit.otp_lifetime = "20m".parse().ok())
            .await;
    app.upstream
        .set_policy(serde_json::json!({ "otp_lifetime": "20m" }))
        .await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    app.advance(minutes(10)).await;
    browser
        .submit_code(&code)
        .await
        .assert_problem(410, "flow_expired");
}

#[tokio::test]
async fn without_a_flow_codes_are_409_and_forms_redirect_to_sign_in() {
    let app = TestApp::start().await;
    for endpoint in ["verify-code", "resend-code"] {
        let mut browser = app.browser();
        browser
            .post(endpoint, &[("code", "123456")])
            .await
            .assert_no_flow();
        browser
            .without_javascript()
            .post(endpoint, &[("code", "123456")])
            .await
            .assert_redirect("/sign-in");
    }
}

#[tokio::test]
async fn without_a_session_posts_are_401_and_forms_redirect_to_sign_in() {
    let app = TestApp::start().await;
    for (endpoint, fields) in [
        ("extend-session", &[][..]),
        ("revoke-session", &[("id", "others")]),
    ] {
        let mut browser = app.browser();
        browser.post(endpoint, fields).await.assert_not_signed_in();
        browser
            .without_javascript()
            .post(endpoint, fields)
            .await
            .assert_redirect("/sign-in");
    }
    app.browser()
        .get("/api/session")
        .await
        .assert_not_signed_in();
    // Signing out needs no session.
    app.browser()
        .post("sign-out", &[])
        .await
        .assert_next("/sign-in");
    app.browser()
        .without_javascript()
        .post("sign-out", &[])
        .await
        .assert_redirect("/sign-in");
}

#[tokio::test]
async fn s3_a_resend_in_the_cool_down_is_429_and_a_repeated_send_is_neutral() {
    let app = TestApp::start().await;
    let (mut browser, _) = app.start_sign_in(KNOWN_PHONE).await;
    let before = app.upstream.call_counts().await;
    let response = browser.post("resend-code", &[]).await;
    let problem = response.assert_slow_down();
    assert_eq!(problem["retry_after"], 29);
    assert_eq!(
        problem["title"],
        "You’ve already asked for a code. Please wait 29 seconds, then try again."
    );
    assert_eq!(response.elapsed, seconds(0));
    let again = browser.request_code(KNOWN_PHONE).await;
    again.assert_next("/code");
    assert_eq!(again.elapsed, seconds(1));
    browser
        .clone()
        .without_javascript()
        .post("resend-code", &[])
        .await
        .assert_redirect("/code");
    assert!(app.upstream.calls_since(&before).await.is_empty());
}

#[tokio::test]
async fn an_unavailable_upstream_is_503_in_json_and_html() {
    let app = TestApp::start().await;
    app.upstream.fail_with_status("token", 401).await;
    let response: TestResponse = app.browser().request_code(KNOWN_PHONE).await;
    response.assert_unavailable();
    assert_eq!(response.elapsed, seconds(0));
    let mut form = app.browser().without_javascript();
    form.request_code(KNOWN_PHONE)
        .await
        .assert_redirect("/sign-in");
    let page = form.get("/sign-in").await;
    assert!(
        page.body.contains(KNOWN_PHONE),
        "the number need not be typed again"
    );
}

#[tokio::test]
async fn every_refusal_has_a_sentence_in_the_language_of_the_request() {
    let app = TestApp::start().await;
    let languages: Vec<&str> = latchkey::app::Text::all().map(|text| text.lang()).collect();
    let mut titles = std::collections::BTreeSet::new();
    for language in &languages {
        let mut browser = Browser {
            language: Box::leak(language.to_string().into_boxed_str()),
            ..app.browser()
        };
        let problem = browser.submit_code("123456").await.assert_no_flow();
        titles.insert(problem["title"].as_str().unwrap().to_owned());
    }
    assert_eq!(titles.len(), languages.len());
}
