//! What must never break anything: hostile input at every door (issue: bad input gets a clear 4xx;
//! nothing panics).

use http::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use http::{HeaderValue, Method};

use axum::body::Body;

use crate::support::{KNOWN, UNKNOWN, World};
use latchkey_testkit::log_capture;

#[tokio::test]
async fn h9_hostile_fields_get_a_clear_answer_at_every_door() {
    let world = World::start().await;
    let (mut browser, _) = world.asked(KNOWN).await;
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
        for door in [
            "send-code",
            "sign-up",
            "verify-code",
            "resend-code",
            "sign-out",
            "extend-session",
            "revoke-session",
        ] {
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
                let answer = visitor.post(door, &fields).await;
                let status = answer.status.as_u16();
                assert!(
                    status == 200 || status == 303 || (400..500).contains(&status),
                    "{door} {text:?}: {status}"
                );
                assert!(answer.header("x-injected").is_none());
            }
        }
        // Sign-out ended the flow.
        browser.cookies.clear();
    }
    let broken = log_capture::process_logs()
        .text()
        .lines()
        .filter(|line| line.contains("broke off"))
        .count();
    assert_eq!(broken, 0, "a request panicked");
}

#[tokio::test]
async fn doubled_fields_are_malformed_or_one_counts_but_never_two_numbers() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    world.upstream.user(UNKNOWN, "Active").await;
    let mut browser = world.browser();
    let answer = browser
        .post("send-code", &[("phone", KNOWN), ("phone", UNKNOWN)])
        .await;
    world.settled().await;
    let sent =
        world.upstream.messages(KNOWN).await.len() + world.upstream.messages(UNKNOWN).await.len();
    match answer.status.as_u16() {
        422 => assert_eq!(sent, 0),
        200 => assert_eq!(sent, 1),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    let mut browser = world.browser();
    let extra = [
        ("utm_source", "x"),
        ("phone", KNOWN),
        ("__proto__", "1"),
        ("x[y]", "2"),
        ("", ""),
    ];
    browser.post("send-code", &extra).await.next("/code");
    world.settled().await;
    let code = world.upstream.code(KNOWN).await;
    browser
        .post("verify-code", &[("code", &code), ("role", "admin")])
        .await
        .next("/account");
}

#[tokio::test]
async fn k5_cookies_that_are_not_ours_are_strangers() {
    let world = World::start().await;
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
        let mut browser = world.browser();
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
        browser.clone().get("/account").await.leads_to("/sign-in");
        browser.clone().get("/code").await.leads_to("/sign-in");
        browser
            .clone()
            .get("/api/session")
            .await
            .problem(401, "not_signed_in");
        browser
            .clone()
            .verify("123456")
            .await
            .problem(409, "no_flow");
        browser
            .clone()
            .post("resend-code", &[])
            .await
            .problem(409, "no_flow");
        browser.post("sign-out", &[]).await.next("/sign-in");
    }
}

#[tokio::test]
async fn h9_headers_that_are_no_text_are_survived() {
    let world = World::start().await;
    let browser = world.browser();
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
            let status = world.call(request).await.status.as_u16();
            assert!(status < 500, "{name} {path}: {status}");
        }
        let mut request = browser.form("verify-code", &[("code", "123456")]);
        request
            .headers_mut()
            .insert(http::HeaderName::from_static(name), bytes.clone());
        assert!(world.call(request).await.status.as_u16() < 500, "{name}");
    }
    for name in [ORIGIN, CONTENT_TYPE] {
        let mut request = browser.form("verify-code", &[("code", "123456")]);
        request.headers_mut().insert(name.clone(), bytes.clone());
        let status = world.call(request).await.status.as_u16();
        assert!((400..500).contains(&status), "{name}: {status}");
    }
}

#[tokio::test]
async fn h9_paths_and_headers_have_bounds() {
    let world = World::start().await;
    let mut browser = world.browser();
    let long = format!("/sign-in?return_to=/{}", "a".repeat(9000));
    assert_eq!(browser.get(&long).await.status, 414);
    let request = browser
        .request(Method::GET, "/sign-in")
        .header(COOKIE, "x=".to_owned() + &"y".repeat(40_000));
    assert_eq!(
        world
            .call(request.body(Body::empty()).unwrap())
            .await
            .status,
        431
    );
}

#[tokio::test]
async fn h3_h10_no_door_opens_by_another_method() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    let doors = [
        "send-code",
        "sign-up",
        "verify-code",
        "resend-code",
        "sign-out",
        "extend-session",
        "revoke-session",
    ];
    for method in [
        "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW",
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        for door in doors {
            let path = format!("/api/{door}?phone=%2B447400123456&code=123456");
            let request = world
                .browser()
                .request(method.clone(), &path)
                .header(ORIGIN, world.origin());
            let status = world
                .call(request.body(Body::empty()).unwrap())
                .await
                .status
                .as_u16();
            assert!((400..500).contains(&status), "{method} {door}: {status}");
        }
        if method != Method::GET && method != Method::HEAD {
            let request = world
                .browser()
                .request(method.clone(), "/sign-in")
                .header(ORIGIN, world.origin());
            let status = world
                .call(request.body(Body::empty()).unwrap())
                .await
                .status
                .as_u16();
            assert!((400..500).contains(&status), "{method} /sign-in: {status}");
        }
    }
    assert_eq!(world.upstream.count("otp_send").await, 0);
}
