//! What every answer carries (requirements H4 to H7, M6, L4).

use std::collections::BTreeSet;
use std::sync::Arc;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, Request};
use latchkey::server::settings::{Secret, Settings};
use metrics_exporter_prometheus::PrometheusBuilder;

use axum::body::Body;

use crate::support::browser::oneshot;
use crate::support::fault_store::Gate;
use crate::support::{Answer, Browser, KNOWN, Upstream, World, seconds};

/// Every kind of answer that there is, with a name.
async fn every_kind(world: &Arc<World>) -> Vec<(&'static str, Answer)> {
    let mut browser = world.browser().without_script();
    let mut all = vec![("page", browser.get("/sign-in").await)];
    let mut script = world.browser();
    all.push(("neutral", script.ask(KNOWN).await));
    all.push(("code page", script.get("/code").await));
    all.push(("code refused", script.verify("000000").await));
    all.push(("too early", script.post("resend-code", &[]).await));
    all.push(("malformed", script.post("send-code", &[]).await));
    all.push(("not signed in", script.get("/api/session").await));
    all.push(("redirect", browser.get("/").await));
    all.push(("303", browser.post("sign-out", &[]).await));
    all.push(("not found", browser.get("/nowhere").await));
    all.push(("static file", browser.get("/robots.txt").await));
    let get = browser
        .request(Method::GET, "/api/send-code")
        .body(Body::empty())
        .unwrap();
    all.push(("method not allowed", world.call(get).await));
    let mut foreign = browser.form("send-code", &[("phone", KNOWN)]);
    foreign
        .headers_mut()
        .insert(ORIGIN, "https://evil.example".parse().unwrap());
    all.push(("cross origin", world.call(foreign).await));
    let mut kind = browser.form("send-code", &[("phone", KNOWN)]);
    kind.headers_mut()
        .insert(CONTENT_TYPE, "text/plain".parse().unwrap());
    all.push(("wrong type", world.call(kind).await));
    all.push((
        "long path",
        browser.get(&format!("/{}", "a".repeat(9000))).await,
    ));
    let large = browser
        .request(Method::GET, "/")
        .header(COOKIE, "x=".to_owned() + &"y".repeat(40_000));
    all.push((
        "large headers",
        world.call(large.body(Body::empty()).unwrap()).await,
    ));
    let mut long = browser.form("send-code", &[("phone", KNOWN)]);
    long.headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from_static("1000000"));
    all.push(("too large", world.call(long).await));
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
            .header(ORIGIN, world.origin())
            .body(Body::empty())
            .unwrap();
        all.push((name, world.call(put).await));
    }
    let head = browser
        .request(Method::HEAD, "/sign-in")
        .body(Body::empty())
        .unwrap();
    all.push(("head", world.call(head).await));
    all.push(("not found for a script", script.get("/nowhere").await));
    all.push(("no door", script.post("nothing", &[]).await));
    all.push((
        "forward-auth without a session",
        script.get("/forward-auth").await,
    ));
    all.push(("no ticket", browser.get("/.latchkey/ticket").await));
    all.push((
        "not fetched",
        world.call(fetched(&browser, "/.latchkey/ticket")).await,
    ));
    all.extend(flooded(world).await);
    browser.sign_in("+447400777888").await;
    all.push(("forward-auth", browser.get("/forward-auth").await));
    all.push(("signed in already", browser.get("/sign-in").await));
    all.push(("account", browser.get("/account").await));
    all.push(("session", browser.get("/api/session").await));
    all
}

fn fetched(browser: &Browser, path: &str) -> Request<Body> {
    browser
        .request(Method::GET, path)
        .header("sec-fetch-mode", "no-cors")
        .body(Body::empty())
        .unwrap()
}

/// Posts that come too fast, as a page and as JSON.
async fn flooded(world: &Arc<World>) -> Vec<(&'static str, Answer)> {
    let mut script = world.browser();
    for _ in 0..world.settings.guard.address_requests_at_once {
        script.post("verify-code", &[]).await;
    }
    let page = script
        .clone()
        .without_script()
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
async fn h4_h5_h6_h7_m6_l4_every_answer_is_protected() {
    let world = World::start().await;
    let all = every_kind(&world).await;
    protected(&all);
    let statuses: BTreeSet<u16> = all
        .iter()
        .map(|(_, answer)| answer.status.as_u16())
        .collect();
    for status in [
        200, 303, 400, 401, 403, 404, 405, 413, 414, 415, 422, 429, 431,
    ] {
        assert!(statuses.contains(&status), "no kind of answer is {status}");
    }
}

#[tokio::test]
async fn h4_h5_h6_h7_what_cannot_be_served_is_protected_too() {
    let world = World::over(Gate::new(), Arc::new(Upstream::start().await), |_| {});
    world.upstream.stop().await;
    let mut all = Vec::new();
    for (name, html) in [("unavailable", false), ("unavailable as a page", true)] {
        let mut browser = Browser {
            html,
            ..world.browser()
        };
        all.push((name, browser.ask(KNOWN).await));
    }
    assert_eq!(all[0].1.status, 503);
    let browser = world.browser();
    let mut another_name = browser
        .request(Method::GET, "/sign-in")
        .body(Body::empty())
        .unwrap();
    another_name
        .headers_mut()
        .insert(HOST, HeaderValue::from_static("localhost:3000"));
    all.push(("another name of ours", world.call(another_name).await));
    protected(&all);
}

#[tokio::test]
async fn h7_static_files_alone_may_be_kept() {
    let world = World::with(|settings| settings.forward_auth.jwt = true).await;
    let mut browser = world.browser();
    let jwks = browser.get("/.well-known/jwks.json").await;
    assert_eq!(
        (jwks.status.as_u16(), value(&jwks.headers, "cache-control")),
        (200, "public, max-age=300")
    );
    // Of a file that is not there nothing is kept either.
    for path in [
        "/pkg/latchkey.0123456789ab.js",
        "/pkg/nothing.css",
        "/.well-known/nothing",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(
            (
                answer.status.as_u16(),
                value(&answer.headers, "cache-control")
            ),
            (404, "no-store"),
            "{path}"
        );
        // Without a type, a browser that asked for a style sheet is left to guess.
        assert!(!value(&answer.headers, "content-type").is_empty(), "{path}");
    }
}

/// The operator's listener, every answer of it.
#[tokio::test]
async fn h5_h7_h10_the_operations_listener_is_protected() {
    let token = |settings: &mut Settings| {
        settings.operations.bearer_token = Some(Secret::new("a-token-of-sixteen"))
    };
    let world = World::with(token).await;
    let router = world
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
        Answer::read(oneshot(router.clone(), request).await, || seconds(0)).await
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
    ] {
        let answer = ask(method, path, host, token).await;
        assert_eq!(answer.status, status, "{method} {path}");
        let policy = value(&answer.headers, "content-security-policy");
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
            assert_eq!(value(&answer.headers, name), expected, "{method} {path}");
        }
        assert!(
            !answer.headers.contains_key("server") && !answer.headers.contains_key("set-cookie")
        );
        assert!(
            !answer
                .headers
                .keys()
                .any(|name| name.as_str().starts_with("access-control-"))
        );
    }
}

#[track_caller]
fn protected(all: &[(&str, Answer)]) {
    let (mut nonces, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for (name, answer) in all {
        let policy = value(&answer.headers, "content-security-policy");
        for directive in [
            "default-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "'wasm-unsafe-eval'",
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
        for script in answer.body.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(
                tag.contains(&format!("nonce=\"{nonce}\"")),
                "{name}: <script{tag}>"
            );
        }
        assert!(
            !answer.body.contains(" style=\"") && !answer.body.contains(" onclick="),
            "{name}: inline"
        );

        assert_eq!(
            value(&answer.headers, "x-content-type-options"),
            "nosniff",
            "{name}"
        );
        assert_eq!(value(&answer.headers, "x-frame-options"), "DENY", "{name}");
        // Addresses of the way to an application are told to nobody.
        let referrer = if ["no ticket", "not fetched"].contains(name) {
            "no-referrer"
        } else {
            "same-origin"
        };
        assert_eq!(
            value(&answer.headers, "referrer-policy"),
            referrer,
            "{name}"
        );
        assert_eq!(
            value(&answer.headers, "cross-origin-opener-policy"),
            "same-origin",
            "{name}"
        );
        assert!(
            value(&answer.headers, "permissions-policy").contains("otp-credentials=(self)"),
            "{name}"
        );
        // Over http on loopback HSTS would shut other services of the machine out.
        assert_eq!(
            value(&answer.headers, "strict-transport-security"),
            "",
            "{name}"
        );
        if *name == "static file" {
            assert_ne!(value(&answer.headers, "cache-control"), "");
        } else {
            assert_eq!(
                value(&answer.headers, "cache-control"),
                "no-store",
                "{name}"
            );
        }
        assert!(
            answer
                .headers
                .keys()
                .all(|key| !key.as_str().starts_with("access-control-")),
            "{name}: CORS"
        );
        for banner in ["server", "x-powered-by", "serverfnerror"] {
            assert!(!answer.headers.contains_key(banner), "{name}: {banner}");
        }
        assert!(
            ids.insert(value(&answer.headers, "x-request-id").to_owned()),
            "{name}: request id"
        );
    }
    assert_eq!(ids.len(), all.len());
}

#[tokio::test]
async fn h5_over_https_every_answer_carries_hsts() {
    let world = World::with(|settings| {
        settings.server.public_url = Some("https://id.example.com".parse().unwrap());
    })
    .await;
    for (name, answer) in every_kind(&world).await {
        // A proxy may answer with it under an application's name.
        if name.starts_with("forward-auth") {
            assert_eq!(
                value(&answer.headers, "strict-transport-security"),
                "",
                "{name}"
            );
            continue;
        }
        let hsts = value(&answer.headers, "strict-transport-security");
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
async fn l4_the_request_id_is_in_the_answer_and_on_record() {
    let world = World::start().await;
    let answer = world.browser().ask(KNOWN).await;
    let id = answer.header("x-request-id").unwrap();
    let events = world.audit.events();
    assert_eq!(events.len(), 2);
    assert!(
        events.iter().all(|event| event["request_id"] == id),
        "{events:?}"
    );
}
