//! Hostile input at every endpoint gets a clear 4xx, and nothing panics.

use http::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use http::{HeaderValue, Method};

use axum::body::Body;

use crate::support::{ENDPOINTS, KNOWN_PHONE, TestApp, UNKNOWN_PHONE};
use latchkey_testkit::log_capture;

#[tokio::test]
async fn h9_hostile_fields_get_a_4xx_at_every_endpoint() {
    let app = TestApp::start().await;
    let (mut browser, _) = app.start_sign_in(KNOWN_PHONE).await;
    let long = "1".repeat(300);
    let hostile = [
        "",
        " ",
        "abc",
        long.as_str(),
        "\u{0}",
        "+44\r\nX-Injected: 1",
        "\u{202e}+447400123456\u{0}",
        "'; DROP TABLE users; --",
        "<script>alert(1)</script>",
        "${jndi:ldap://x}",
        "../../etc/passwd",
        "\u{1f600}\u{1f600}",
        "+44 7400 123456 ext. 1",
        "%00%0a",
    ];
    for text in hostile {
        for endpoint in ENDPOINTS {
            let fields = [
                "phone",
                "identifier",
                "country",
                "name",
                "stay",
                "code",
                "return_to",
                "id",
            ]
            .map(|name| (name, text));
            for html in [false, true] {
                let mut visitor = browser.clone();
                visitor.html = html;
                let response = visitor.post(endpoint, &fields).await;
                let status = response.status.as_u16();
                assert!(
                    status == 200 || status == 303 || (400..500).contains(&status),
                    "{endpoint} {text:?}: {status}"
                );
                assert!(response.header("x-injected").is_none());
            }
        }
        // Sign-out ended the flow.
        browser.cookies.clear();
    }
    let broken = log_capture::process_logs()
        .text()
        .lines()
        .filter(|line| line.contains("a request was aborted"))
        .count();
    assert_eq!(broken, 0, "a request panicked");
}

#[tokio::test]
async fn repeated_fields_never_send_to_two_numbers() {
    let app = TestApp::start_with_user().await;
    app.upstream.set_user_status(UNKNOWN_PHONE, "Active").await;
    let mut browser = app.browser();
    let response = browser
        .post(
            "send-code",
            &[("phone", KNOWN_PHONE), ("phone", UNKNOWN_PHONE)],
        )
        .await;
    app.wait_for_sends().await;
    let sent = app.upstream.messages(KNOWN_PHONE).await.len()
        + app.upstream.messages(UNKNOWN_PHONE).await.len();
    match response.status.as_u16() {
        422 => assert_eq!(sent, 0),
        200 => assert_eq!(sent, 1),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let app = TestApp::start_with_user().await;
    let mut browser = app.browser();
    let extra = [
        ("utm_source", "x"),
        ("phone", KNOWN_PHONE),
        ("__proto__", "1"),
        ("x[y]", "2"),
        ("", ""),
    ];
    browser.post("send-code", &extra).await.assert_next("/code");
    app.wait_for_sends().await;
    let code = app.upstream.newest_code(KNOWN_PHONE).await;
    browser
        .post("verify-code", &[("code", &code), ("role", "admin")])
        .await
        .assert_next("/account");
}

#[tokio::test]
async fn k5_invalid_cookies_are_ignored() {
    let app = TestApp::start().await;
    let zeros = "A".repeat(43);
    for value in [
        "",
        "x",
        "null",
        "../..",
        zeros.as_str(),
        &"A".repeat(3000),
        "%00",
        "\"quoted\"",
        "a=b=c",
    ] {
        let mut browser = app.browser();
        for name in [
            "latchkey",
            "latchkey-flow",
            "latchkey-browser",
            "latchkey-flash",
        ] {
            browser.cookies.insert(name.to_owned(), value.to_owned());
        }
        assert_eq!(
            browser.clone().get("/sign-in").await.status,
            200,
            "{value:?}"
        );
        browser
            .clone()
            .get("/account")
            .await
            .assert_redirect("/sign-in");
        browser
            .clone()
            .get("/code")
            .await
            .assert_redirect("/sign-in");
        browser
            .clone()
            .get("/api/session")
            .await
            .assert_not_signed_in();
        browser.clone().submit_code("123456").await.assert_no_flow();
        browser
            .clone()
            .post("resend-code", &[])
            .await
            .assert_no_flow();
        browser.post("sign-out", &[]).await.assert_next("/sign-in");
    }
}

#[tokio::test]
async fn h9_binary_header_values_cause_no_error() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let bytes = HeaderValue::from_bytes(b"\xff\xfe\x80").unwrap();
    for name in [
        "accept",
        "accept-language",
        "user-agent",
        "cookie",
        "host",
        "x-forwarded-for",
        "referer",
    ] {
        for path in ["/sign-in", "/account", "/code", "/api/session", "/nowhere"] {
            let mut request = browser
                .request(Method::GET, path)
                .body(Body::empty())
                .unwrap();
            request
                .headers_mut()
                .insert(http::HeaderName::from_static(name), bytes.clone());
            let status = app.call(request).await.status.as_u16();
            assert!(status < 500, "{name} {path}: {status}");
        }
        let mut request = browser.form("verify-code", &[("code", "123456")]);
        request
            .headers_mut()
            .insert(http::HeaderName::from_static(name), bytes.clone());
        assert!(app.call(request).await.status.as_u16() < 500, "{name}");
    }
    for name in [ORIGIN, CONTENT_TYPE] {
        let mut request = browser.form("verify-code", &[("code", "123456")]);
        request.headers_mut().insert(name.clone(), bytes.clone());
        let status = app.call(request).await.status.as_u16();
        assert!((400..500).contains(&status), "{name}: {status}");
    }
}

#[tokio::test]
async fn h9_path_and_header_sizes_are_limited() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let long = format!("/sign-in?return_to=/{}", "a".repeat(9000));
    assert_eq!(browser.get(&long).await.status, 414);
    let request = browser
        .request(Method::GET, "/sign-in")
        .header(COOKIE, "x=".to_owned() + &"y".repeat(40_000));
    assert_eq!(
        app.call(request.body(Body::empty()).unwrap()).await.status,
        431
    );
}

#[tokio::test]
async fn h3_h10_endpoints_refuse_other_methods() {
    let app = TestApp::start_with_user().await;
    let endpoints = ENDPOINTS;
    for method in [
        "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW",
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        for endpoint in endpoints {
            let path = format!("/api/{endpoint}?phone=%2B447400123456&code=123456");
            let request = app
                .browser()
                .request(method.clone(), &path)
                .header(ORIGIN, app.origin());
            let status = app
                .call(request.body(Body::empty()).unwrap())
                .await
                .status
                .as_u16();
            assert!(
                (400..500).contains(&status),
                "{method} {endpoint}: {status}"
            );
        }
        if method != Method::GET && method != Method::HEAD {
            let request = app
                .browser()
                .request(method.clone(), "/sign-in")
                .header(ORIGIN, app.origin());
            let status = app
                .call(request.body(Body::empty()).unwrap())
                .await
                .status
                .as_u16();
            assert!((400..500).contains(&status), "{method} /sign-in: {status}");
        }
    }
    assert_eq!(app.upstream.call_count("otp_send").await, 0);
}
