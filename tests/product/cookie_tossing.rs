//! Cookies that a sibling host plants (cookie tossing, RFC 6265 §8.6; requirements K1, K4). A name
//! that resembles one of ours has no effect. A name of ours that comes twice is ignored and never
//! expired.

use std::sync::Arc;

use axum::body::Body;
use http::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use http::{HeaderValue, Method, Request};
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::support::{Browser, KNOWN_PHONE, TestApp, TestResponse};

const ATTACKERS_PHONE: &str = "+447400654321";

/// What stands before a name that only resembles one of ours: Unicode white space as UTF-8 and in
/// single bytes, and what other parsers strip.
const PREFIXES: [&[u8]; 9] = [
    "\u{2000}".as_bytes(),
    " \u{3000}\t".as_bytes(),
    "\u{a0}".as_bytes(),
    "\u{85}".as_bytes(),
    "\u{feff}".as_bytes(),
    b"\xa0",
    b"\x85",
    b"\"",
    b"$",
];

const NAMES: [&str; 4] = [
    "latchkey",
    "latchkey-flow",
    "latchkey-browser",
    "latchkey-flash",
];

/// A request with these `Cookie` lines, unchanged, in place of the browser's own.
fn request_with(browser: &Browser, method: Method, path: &str, lines: &[Vec<u8>]) -> Request<Body> {
    let mut bare = browser.clone();
    bare.cookies.clear();
    let mut request = bare.request(method, path);
    for line in lines {
        request = request.header(COOKIE, HeaderValue::from_bytes(line).unwrap());
    }
    request
        .header(ORIGIN, browser.app.origin())
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("code=000000"))
        .unwrap()
}

async fn send(browser: &Browser, method: Method, path: &str, lines: &[Vec<u8>]) -> TestResponse {
    let request = request_with(browser, method, path, lines);
    browser.app.call_and_advance(request).await
}

/// The browser's own cookies, as one line.
fn own_line(browser: &Browser) -> Vec<u8> {
    let pairs: Vec<String> = browser
        .cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("; ").into_bytes()
}

/// The attacker's cookies under names with a prefix.
fn planted_line(prefix: &[u8], attacker: &Browser) -> Vec<u8> {
    let pairs: Vec<Vec<u8>> = NAMES
        .iter()
        .map(|name| {
            let value = attacker.cookie(name).unwrap_or("junk");
            [prefix, name.as_bytes(), b"=", value.as_bytes()].concat()
        })
        .collect();
    pairs.join(b"; ".as_slice())
}

async fn two_people() -> (Arc<TestApp>, Browser, Browser) {
    let app = TestApp::start().await;
    let (mut owner, mut attacker) = (app.browser(), app.browser());
    owner.sign_in(KNOWN_PHONE).await;
    attacker.sign_in(ATTACKERS_PHONE).await;
    (app, owner, attacker)
}

/// Asserts that a response expires no cookie.
#[track_caller]
fn assert_expires_nothing(response: &TestResponse) {
    let expired: Vec<&str> = response
        .cookies()
        .into_iter()
        .filter(|line| line.contains("Max-Age=0"))
        .collect();
    assert!(expired.is_empty(), "{expired:?}");
}

#[tokio::test]
async fn k1_a_cookie_whose_name_resembles_ours_changes_nobodys_session() {
    let (_app, owner, attacker) = two_people().await;
    let own = own_line(&owner);
    let expected = send(
        &owner,
        Method::GET,
        "/api/session",
        std::slice::from_ref(&own),
    )
    .await;
    assert_eq!(expected.status, 200);
    for prefix in PREFIXES {
        let planted = planted_line(prefix, &attacker);
        let joined = [planted.as_slice(), &own].join(b"; ".as_slice());
        for lines in [
            vec![joined],
            vec![planted.clone(), own.clone()],
            vec![own.clone(), planted.clone()],
        ] {
            let response = send(&owner, Method::GET, "/api/session", &lines).await;
            assert_eq!(response.body, expected.body, "{prefix:?}");
            let page = send(&owner, Method::GET, "/account", &lines).await;
            assert_eq!(page.status, 200, "{prefix:?}");
            assert_expires_nothing(&page);
        }
        let alone = send(&owner, Method::GET, "/api/session", &[planted]).await;
        alone.assert_not_signed_in();
    }
}

#[tokio::test]
async fn k1_planted_lookalikes_do_not_disturb_a_sign_in() {
    let app = TestApp::start().await;
    let mut attacker = app.browser();
    attacker.request_code(ATTACKERS_PHONE).await;
    let mut owner = app.browser();
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    owner.request_code(KNOWN_PHONE).await;
    let planted = planted_line("\u{2000}".as_bytes(), &attacker);
    let lines = [planted, own_line(&owner)];
    owner.html = true;
    let page = send(&owner, Method::GET, "/code", &lines).await;
    assert_eq!(page.status, 200);
    let wrong = send(&owner, Method::POST, "/api/verify-code", &lines).await;
    wrong.assert_redirect("/code");
    assert_expires_nothing(&wrong);
    owner.html = false;
    let code = app.upstream.newest_code(KNOWN_PHONE).await;
    let mut request = owner.form("verify-code", &[("code", &code)]);
    let line = [lines[0].as_slice(), &lines[1]].join(b"; ".as_slice());
    let value = HeaderValue::from_bytes(&line).unwrap();
    request.headers_mut().insert(COOKIE, value);
    owner.send(request).await.assert_next("/account");
    assert!(owner.is_signed_in().await);
}

#[tokio::test]
async fn k1_a_session_cookie_that_comes_twice_is_ignored_and_never_expired() {
    let (_app, mut owner, attacker) = two_people().await;
    let own = own_line(&owner);
    let planted = format!("latchkey={}", attacker.cookie("latchkey").unwrap()).into_bytes();
    let again = format!("latchkey={}", owner.cookie("latchkey").unwrap()).into_bytes();
    for planted in [
        planted,
        again,
        b"latchkey=".to_vec(),
        b"latchkey=\xff".to_vec(),
    ] {
        for lines in [
            vec![[planted.as_slice(), &own].join(b"; ".as_slice())],
            vec![[own.as_slice(), &planted].join(b";".as_slice())],
            vec![planted.clone(), own.clone()],
        ] {
            let session = send(&owner, Method::GET, "/api/session", &lines).await;
            session.assert_not_signed_in();
            let account = send(&owner, Method::GET, "/account", &lines).await;
            account.assert_redirect("/sign-in");
            let sign_in = send(&owner, Method::GET, "/sign-in", &lines).await;
            assert_eq!(sign_in.status, 200);
            let extended = send(&owner, Method::POST, "/api/extend-session", &lines).await;
            extended.assert_not_signed_in();
            for response in [&session, &account, &sign_in, &extended] {
                assert_expires_nothing(response);
            }
        }
    }
    assert!(
        owner.is_signed_in().await,
        "the genuine cookie alone is valid"
    );
    let lines = [own_line(&owner), b"latchkey=x".to_vec()];
    let signed_out = send(&owner, Method::POST, "/api/sign-out", &lines).await;
    assert!(
        signed_out.cookie("latchkey").unwrap().contains("Max-Age=0"),
        "a person who signs out wants the cookie gone"
    );
}

#[tokio::test]
async fn k1_a_flow_cookie_that_comes_twice_is_ignored_without_hiding_the_session() {
    let (app, mut owner, attacker) = two_people().await;
    let mut second = app.browser();
    second.request_code("+447400111222").await;
    owner.request_code("+447400333444").await;
    let planted = format!("latchkey-flow={}", second.cookie("latchkey-flow").unwrap());
    let lines = [planted.into_bytes(), own_line(&owner)];
    let page = send(&owner, Method::GET, "/code", &lines).await;
    page.assert_redirect("/sign-in");
    let refused = send(&owner, Method::POST, "/api/verify-code", &lines).await;
    refused.assert_no_flow();
    for response in [&page, &refused] {
        assert_expires_nothing(response);
    }
    let session = send(&owner, Method::GET, "/api/session", &lines).await;
    assert_eq!(session.status, 200, "the session cookie came once");
    assert_eq!(
        owner.get("/code").await.status,
        200,
        "the genuine flow lives"
    );
    drop(attacker);
}

#[tokio::test(flavor = "current_thread")]
async fn cookies_that_come_twice_are_counted() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let app = TestApp::start().await;
    let browser = app.browser();
    let twice = b"latchkey=a; latchkey=b; latchkey=c; latchkey-flow=x; latchkey-app=a".to_vec();
    let lines = [twice, b"latchkey-app=b; theme=a; theme=b".to_vec()];
    for path in ["/sign-in", "/api/session", "/forward-auth"] {
        send(&browser, Method::GET, path, &lines).await;
    }
    let text = recorder.handle().render();
    for (cookie, count) in [("session", 3), ("application", 3)] {
        let line = format!("latchkey_repeated_cookies_total{{cookie=\"{cookie}\"}} {count}");
        assert!(text.contains(&line), "{line}: {text}");
    }
    assert!(!text.contains("cookie=\"flow\""), "it came once: {text}");
}
