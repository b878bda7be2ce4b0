//! Security headers of every response (requirements H4 to H7, M6, L4).

use std::collections::BTreeSet;
use std::sync::Arc;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, Request};
use latchkey::server::settings::{Secret, Settings};
use metrics_exporter_prometheus::PrometheusBuilder;

use axum::body::Body;

use crate::support::browser::oneshot;
use crate::support::{Browser, KNOWN_PHONE, TestApp, TestResponse, Upstream, seconds};
use latchkey_testkit::fault_store::FaultStore;

/// Every kind of response, with a name.
async fn every_kind_of_response(app: &Arc<TestApp>) -> Vec<(&'static str, TestResponse)> {
    let mut browser = app.browser().without_javascript();
    let mut all = vec![("page", browser.get("/sign-in").await)];
    let mut script = app.browser();
    all.push(("code sent", script.request_code(KNOWN_PHONE).await));
    all.push(("code page", script.get("/code").await));
    all.push(("code refused", script.submit_code("000000").await));
    all.push(("too early", script.post("resend-code", &[]).await));
    all.push(("malformed", script.post("send-code", &[]).await));
    all.push(("not signed in", script.get("/api/session").await));
    all.push(("redirect", browser.get("/").await));
    all.push(("303", browser.post("sign-out", &[]).await));
    all.push(("not found", browser.get("/nowhere").await));
    all.push(("static file", browser.get("/robots.txt").await));
    all.push((
        "security.txt",
        browser.get("/.well-known/security.txt").await,
    ));
    let get = browser
        .request(Method::GET, "/api/send-code")
        .body(Body::empty())
        .unwrap();
    all.push(("method not allowed", app.call(get).await));
    let mut foreign = browser.form("send-code", &[("phone", KNOWN_PHONE)]);
    foreign
        .headers_mut()
        .insert(ORIGIN, "https://evil.example".parse().unwrap());
    all.push(("cross origin", app.call(foreign).await));
    let mut kind = browser.form("send-code", &[("phone", KNOWN_PHONE)]);
    kind.headers_mut()
        .insert(CONTENT_TYPE, "text/plain".parse().unwrap());
    all.push(("wrong type", app.call(kind).await));
    all.push((
        "long path",
        browser.get(&format!("/{}", "a".repeat(9000))).await,
    ));
    let large = browser
        .request(Method::GET, "/")
        .header(COOKIE, "x=".to_owned() + &"y".repeat(40_000));
    all.push((
        "large headers",
        app.call(large.body(Body::empty()).unwrap()).await,
    ));
    let mut long = browser.form("send-code", &[("phone", KNOWN_PHONE)]);
    long.headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from_static("1000000"));
    all.push(("too large", app.call(long).await));
    for (name, html) in [
        ("no route for the method", false),
        ("no page for the method", true),
    ] {
        let browser = Browser {
            html,
            ..browser.clone()
        };
        let put = browser
            .request(Method::PUT, "/sign-in")
            .header(ORIGIN, app.origin())
            .body(Body::empty())
            .unwrap();
        all.push((name, app.call(put).await));
    }
    let head = browser
        .request(Method::HEAD, "/sign-in")
        .body(Body::empty())
        .unwrap();
    all.push(("head", app.call(head).await));
    all.push(("not found for a script", script.get("/nowhere").await));
    all.push(("no endpoint", script.post("nothing", &[]).await));
    all.push((
        "forward-auth without a session",
        script.get("/forward-auth").await,
    ));
    all.push(("no ticket", browser.get("/.latchkey/ticket").await));
    all.push((
        "not fetched",
        app.call(subresource_request(&browser, "/.latchkey/ticket"))
            .await,
    ));
    all.extend(throttled_responses(app).await);
    browser.sign_in("+447400777888").await;
    all.push(("forward-auth", browser.get("/forward-auth").await));
    all.push(("signed in already", browser.get("/sign-in").await));
    all.push(("account", browser.get("/account").await));
    all.push(("session", browser.get("/api/session").await));
    all
}

fn subresource_request(browser: &Browser, path: &str) -> Request<Body> {
    browser
        .request(Method::GET, path)
        .header("sec-fetch-mode", "no-cors")
        .body(Body::empty())
        .unwrap()
}

/// Posts that exceed the IP throttle, as a page and as JSON.
async fn throttled_responses(app: &Arc<TestApp>) -> Vec<(&'static str, TestResponse)> {
    let mut script = app.browser();
    for _ in 0..app.settings.guard.address_requests_at_once {
        script.post("verify-code", &[]).await;
    }
    let page = script
        .clone()
        .without_javascript()
        .post("verify-code", &[])
        .await;
    let problem = script.post("verify-code", &[]).await;
    assert_eq!((page.status.as_u16(), problem.status.as_u16()), (429, 429));
    vec![("flood as a page", page), ("flood", problem)]
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let mut all = headers.get_all(name).iter();
    let first = all.next().map_or("", |value| value.to_str().unwrap());
    assert_eq!(all.next(), None, "{name} is there twice");
    first
}

#[tokio::test]
async fn h4_h5_h6_h7_m6_l4_every_response_has_the_security_headers() {
    let app = TestApp::start().await;
    let all = every_kind_of_response(&app).await;
    assert_security_headers(&all);
    let statuses: BTreeSet<u16> = all
        .iter()
        .map(|(_, response)| response.status.as_u16())
        .collect();
    for status in [
        200, 303, 400, 401, 403, 404, 405, 413, 414, 415, 422, 429, 431,
    ] {
        assert!(
            statuses.contains(&status),
            "no kind of response is {status}"
        );
    }
}

#[tokio::test]
async fn h4_h5_h6_h7_error_responses_have_the_security_headers() {
    let app = TestApp::with_store(
        FaultStore::in_memory(),
        Arc::new(Upstream::start().await),
        |_| {},
    );
    app.upstream.stop().await;
    let mut all = Vec::new();
    for (name, html) in [("unavailable", false), ("unavailable as a page", true)] {
        let mut browser = Browser {
            html,
            ..app.browser()
        };
        all.push((name, browser.request_code(KNOWN_PHONE).await));
    }
    assert_eq!(all[0].1.status, 503);
    let browser = app.browser();
    let mut another_name = browser
        .request(Method::GET, "/sign-in")
        .body(Body::empty())
        .unwrap();
    another_name
        .headers_mut()
        .insert(HOST, HeaderValue::from_static("localhost:3000"));
    all.push(("another name of ours", app.call(another_name).await));
    assert_security_headers(&all);
}

#[tokio::test]
async fn h7_only_static_files_are_cacheable() {
    let app = TestApp::with_settings(|settings| settings.forward_auth.jwt = true).await;
    let mut browser = app.browser();
    let jwks = browser.get("/.well-known/jwks.json").await;
    assert_eq!(
        (jwks.status.as_u16(), value(&jwks.headers, "cache-control")),
        (200, "public, max-age=300")
    );
    // A missing file is not cached either.
    for path in [
        "/pkg/latchkey.0123456789ab.js",
        "/pkg/nothing.css",
        "/.well-known/nothing",
    ] {
        let response = browser.get(path).await;
        assert_eq!(
            (
                response.status.as_u16(),
                value(&response.headers, "cache-control")
            ),
            (404, "no-store"),
            "{path}"
        );
        // Without a type, a browser that asked for a style sheet is left to guess.
        assert!(
            !value(&response.headers, "content-type").is_empty(),
            "{path}"
        );
    }
}

/// Every response of the operations listener.
#[tokio::test]
async fn h5_h7_h10_the_operations_listener_has_the_security_headers() {
    let token = |settings: &mut Settings| {
        settings.operations.bearer_token = Some(Secret::new("a-token-of-sixteen"))
    };
    let app = TestApp::with_settings(token).await;
    let router = app
        .product
        .operations(PrometheusBuilder::new().build_recorder().handle());
    let ask = async |method: &str, path: &str, host: &str, token: &str| {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, host);
        let request = request
            .header("authorization", format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        TestResponse::read(oneshot(router.clone(), request).await, || seconds(0)).await
    };
    let (here, right) = ("127.0.0.1:9464", "a-token-of-sixteen");
    for (method, path, host, token, status) in [
        ("GET", "/livez", here, right, 200),
        ("GET", "/readyz", here, right, 200),
        ("GET", "/metrics", here, right, 200),
        ("GET", "/console", here, right, 200),
        ("HEAD", "/console", here, right, 200),
        ("GET", "/console?range=day", here, right, 200),
        ("GET", "/nowhere", here, right, 404),
        ("GET", "/sign-in", here, right, 404),
        ("POST", "/console", here, right, 405),
        ("DELETE", "/metrics", here, right, 405),
        ("GET", "/metrics", here, "wrong", 401),
        ("POST", "/metrics", here, "wrong", 401),
        ("GET", "/metrics", "evil.example", right, 421),
        ("GET", "/nowhere", "evil.example", right, 421),
        // Probes need neither.
        ("GET", "/livez", "10.0.0.7:9464", "", 200),
        ("GET", "/readyz", "10.0.0.7:9464", "wrong", 200),
    ] {
        let response = ask(method, path, host, token).await;
        assert_eq!(response.status, status, "{method} {path}");
        let policy = value(&response.headers, "content-security-policy");
        for directive in [
            "default-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(directive), "{method} {path}: {policy}");
        }
        for (name, expected) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(value(&response.headers, name), expected, "{method} {path}");
        }
        assert!(
            !response.headers.contains_key("server")
                && !response.headers.contains_key("set-cookie")
        );
        assert!(
            !response
                .headers
                .keys()
                .any(|name| name.as_str().starts_with("access-control-"))
        );
    }
}

#[track_caller]
fn assert_security_headers(all: &[(&str, TestResponse)]) {
    let (mut nonces, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for (name, response) in all {
        let policy = value(&response.headers, "content-security-policy");
        for directive in [
            "default-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "'wasm-unsafe-eval'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ] {
            assert!(policy.contains(directive), "{name}: {policy}");
        }
        assert!(
            !policy.contains("unsafe-inline")
                && !policy.contains("'unsafe-eval'")
                && !policy.contains('*')
        );
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap();
        assert!(
            nonce.len() >= 22 && nonces.insert(nonce.to_owned()),
            "{name}: a nonce is used once"
        );
        for script in response.body.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(
                tag.contains(&format!("nonce=\"{nonce}\"")),
                "{name}: <script{tag}>"
            );
        }
        assert!(
            !response.body.contains(" style=\"") && !response.body.contains(" onclick="),
            "{name}: inline"
        );

        assert_eq!(
            value(&response.headers, "x-content-type-options"),
            "nosniff",
            "{name}"
        );
        assert_eq!(
            value(&response.headers, "x-frame-options"),
            "DENY",
            "{name}"
        );
        // URLs of the sign-in flow of an application are sent to nobody as referrer.
        let referrer = if ["no ticket", "not fetched"].contains(name) {
            "no-referrer"
        } else {
            "same-origin"
        };
        assert_eq!(
            value(&response.headers, "referrer-policy"),
            referrer,
            "{name}"
        );
        assert_eq!(
            value(&response.headers, "cross-origin-opener-policy"),
            "same-origin",
            "{name}"
        );
        assert!(
            value(&response.headers, "permissions-policy").contains("otp-credentials=(self)"),
            "{name}"
        );
        // Over HTTP on loopback, HSTS would break other services of the machine.
        assert_eq!(
            value(&response.headers, "strict-transport-security"),
            "",
            "{name}"
        );
        if *name == "static file" {
            assert_ne!(value(&response.headers, "cache-control"), "");
        } else {
            assert_eq!(
                value(&response.headers, "cache-control"),
                "no-store",
                "{name}"
            );
        }
        assert!(
            response
                .headers
                .keys()
                .all(|key| !key.as_str().starts_with("access-control-")),
            "{name}: CORS"
        );
        for banner in ["server", "x-powered-by", "serverfnerror"] {
            assert!(!response.headers.contains_key(banner), "{name}: {banner}");
        }
        assert!(
            ids.insert(value(&response.headers, "x-request-id").to_owned()),
            "{name}: request id"
        );
    }
    assert_eq!(ids.len(), all.len());
}

#[tokio::test]
async fn h5_over_https_every_response_has_hsts() {
    let app = TestApp::with_settings(|settings| {
        settings.server.public_url = Some("https://id.example.com".parse().unwrap());
    })
    .await;
    for (name, response) in every_kind_of_response(&app).await {
        // A proxy may forward it under an application's host name.
        if name.starts_with("forward-auth") {
            assert_eq!(
                value(&response.headers, "strict-transport-security"),
                "",
                "{name}"
            );
            continue;
        }
        let hsts = value(&response.headers, "strict-transport-security");
        let age: u64 = hsts
            .strip_prefix("max-age=")
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert!(
            age >= 31_536_000 && hsts.contains("includeSubDomains"),
            "{name}: {hsts}"
        );
    }
}

#[tokio::test]
async fn l4_the_request_id_is_in_the_response_and_the_audit_log() {
    let app = TestApp::start().await;
    let response = app.browser().request_code(KNOWN_PHONE).await;
    let id = response.header("x-request-id").unwrap();
    let events = app.audit.events();
    assert_eq!(events.len(), 2);
    assert!(
        events.iter().all(|event| event["request_id"] == id),
        "{events:?}"
    );
}
