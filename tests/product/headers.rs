//! What every answer carries (requirements H4 to H7, M6, L4).

use std::collections::BTreeSet;

use http::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use http::{HeaderMap, Method};

use axum::body::Body;

use super::support::{Answer, KNOWN, World};

/// Every kind of answer that there is, with a name.
async fn every_kind(world: &std::sync::Arc<World>) -> Vec<(&'static str, Answer)> {
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
    let get = browser.request(Method::GET, "/api/send-code").body(Body::empty()).unwrap();
    all.push(("method not allowed", world.call(get).await));
    let mut foreign = browser.form("send-code", &[("phone", KNOWN)]);
    foreign.headers_mut().insert(ORIGIN, "https://evil.example".parse().unwrap());
    all.push(("cross origin", world.call(foreign).await));
    let mut kind = browser.form("send-code", &[("phone", KNOWN)]);
    kind.headers_mut().insert(CONTENT_TYPE, "text/plain".parse().unwrap());
    all.push(("wrong type", world.call(kind).await));
    all.push(("long path", browser.get(&format!("/{}", "a".repeat(9000))).await));
    let large = browser.request(Method::GET, "/").header(COOKIE, "x=".to_owned() + &"y".repeat(40_000));
    all.push(("large headers", world.call(large.body(Body::empty()).unwrap()).await));
    browser.sign_in("+447400777888").await;
    all.push(("account", browser.get("/account").await));
    all.push(("session", browser.get("/api/session").await));
    all
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
    let (mut nonces, mut ids) = (BTreeSet::new(), BTreeSet::new());
    let all = every_kind(&world).await;
    for (name, answer) in &all {
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
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'") && !policy.contains('*'));
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        assert!(nonce.len() >= 22 && nonces.insert(nonce.to_owned()), "{name}: a nonce is used once");
        for script in answer.body.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{name}: <script{tag}>");
        }
        assert!(!answer.body.contains(" style=\"") && !answer.body.contains(" onclick="), "{name}: inline");

        assert_eq!(value(&answer.headers, "x-content-type-options"), "nosniff", "{name}");
        assert_eq!(value(&answer.headers, "x-frame-options"), "DENY", "{name}");
        assert_eq!(value(&answer.headers, "referrer-policy"), "same-origin", "{name}");
        assert_eq!(value(&answer.headers, "cross-origin-opener-policy"), "same-origin", "{name}");
        assert!(value(&answer.headers, "permissions-policy").contains("otp-credentials=(self)"), "{name}");
        // Over http on loopback HSTS would shut other services of the machine out.
        assert_eq!(value(&answer.headers, "strict-transport-security"), "", "{name}");
        if *name == "static file" {
            assert_ne!(value(&answer.headers, "cache-control"), "");
        } else {
            assert_eq!(value(&answer.headers, "cache-control"), "no-store", "{name}");
        }
        assert!(answer.headers.keys().all(|key| !key.as_str().starts_with("access-control-")), "{name}: CORS");
        for banner in ["server", "x-powered-by", "serverfnerror"] {
            assert!(!answer.headers.contains_key(banner), "{name}: {banner}");
        }
        assert!(ids.insert(value(&answer.headers, "x-request-id").to_owned()), "{name}: request id");
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
        let hsts = value(&answer.headers, "strict-transport-security");
        let age: u64 = hsts.strip_prefix("max-age=").unwrap().split(';').next().unwrap().parse().unwrap();
        assert!(age >= 31_536_000 && hsts.contains("includeSubDomains"), "{name}: {hsts}");
    }
}

#[tokio::test]
async fn l4_the_request_id_is_in_the_answer_and_on_record() {
    let world = World::start().await;
    let answer = world.browser().ask(KNOWN).await;
    let id = answer.header("x-request-id").unwrap();
    let events = world.audit.events();
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|event| event["request_id"] == id), "{events:?}");
}
