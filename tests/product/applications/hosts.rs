//! What is served under whose name (requirements S8, H8).

use crate::applications::*;
use axum::body::Body;
use http::header::HOST;
use http::{HeaderName, HeaderValue, Method, Request};

const PROXY: &str = "192.0.2.1";

async fn trusting() -> Arc<World> {
    behind(|settings| {
        settings.server.trusted_proxies = vec![format!("{PROXY}/32").parse().unwrap()]
    })
    .await
}

fn ask(browser: &Browser, path: &str, host: &str, forwarded: &[(&str, &str)]) -> Request<Body> {
    let mut request = browser
        .request(Method::GET, path)
        .body(Body::empty())
        .unwrap();
    request
        .headers_mut()
        .insert(HOST, HeaderValue::from_str(host).unwrap());
    for (name, value) in forwarded {
        let name = HeaderName::try_from(*name).unwrap();
        request
            .headers_mut()
            .append(name, HeaderValue::from_str(value).unwrap());
    }
    request
}

#[tokio::test]
async fn nothing_of_ours_is_served_on_the_host_of_an_application() {
    let world = behind(|_| {}).await;
    let mut person = entered(&world, APP).await;
    let paths = [
        "/",
        "/sign-in",
        "/sign-up",
        "/code",
        "/account",
        "/sign-out",
        "/api/session",
        "/robots.txt",
        "/favicon.svg",
        "/.well-known/security.txt",
        "/pkg/latchkey.css",
        "/.latchkey",
        "/.latchkey/",
        "/.latchkey/ticket",
        "/.latchkey/nothing",
        "/.latchkey/start/",
        "/.LATCHKEY/start",
        "//.latchkey/start",
        "/.latchkey//start",
        "/nowhere",
    ];
    for path in paths {
        let answer = person.get(&format!("{APP}{path}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.as_str()),
            (404, ""),
            "{path}"
        );
    }
    for door in ["send-code", "sign-out", "verify-code"] {
        let answer = person.post(&format!("{APP}/api/{door}")).await;
        assert_eq!(answer.status, 404, "{door}");
    }
    assert!(person.is_in(APP).await);
}

#[tokio::test]
async fn the_way_is_served_where_it_belongs() {
    let world = behind(|_| {}).await;
    let browser = world.browser().without_script();
    let ours = ["/.latchkey/ticket"];
    let theirs = [
        "/.latchkey/start",
        "/.latchkey/enter",
        "/.latchkey/sign-out",
        "/.latchkey/session",
    ];
    for path in ours.iter().chain(&theirs) {
        for host in [
            "id.example.com",
            "app.localhost",
            "app.localhost:8081",
            "app.localhost.evil.example:8080",
            "",
            "a b",
        ] {
            let status = world
                .call(ask(&browser, path, host, &[]))
                .await
                .status
                .as_u16();
            // Another name of this machine leads to ours, where there is nothing either.
            let is_loopback = host.starts_with("app.localhost") && !host.contains("evil");
            assert_eq!(status, if is_loopback { 307 } else { 404 }, "{host}{path}");
        }
    }
    for path in theirs {
        assert_eq!(
            world
                .call(ask(&browser, path, "127.0.0.1:3000", &[]))
                .await
                .status,
            404,
            "{path}"
        );
        let status = world
            .call(ask(&browser, path, "APP.localhost:8080", &[]))
            .await
            .status
            .as_u16();
        assert_ne!(status, 404, "{path}");
    }
    // What is asked for without a query is unreadable, and still there.
    assert_eq!(
        world
            .call(ask(&browser, ours[0], "127.0.0.1:3000", &[]))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn s8_a_trusted_proxy_says_for_whom_it_asks_and_nobody_else_does() {
    let world = trusting().await;
    let browser = world.browser();
    let from = |address: &str| browser.clone().at(address);
    let app = ("x-forwarded-host", "app.localhost:8080");
    let http = ("x-forwarded-proto", "http");
    for (address, host, forwarded, status) in [
        (PROXY, "latchkey.internal", &[app, http][..], 303),
        (PROXY, "latchkey.internal", &[app], 303),
        (PROXY, "127.0.0.1:3000", &[app, http], 303),
        // Another scheme is another origin; this one is another name of the machine, and leads to
        // ours.
        (
            PROXY,
            "latchkey.internal",
            &[app, ("x-forwarded-proto", "https")],
            307,
        ),
        (
            PROXY,
            "latchkey.internal",
            &[app, ("x-forwarded-proto", "http, https")],
            303,
        ),
        // What is there twice, or is a list, is not believed.
        (PROXY, "latchkey.internal", &[app, app], 404),
        (
            PROXY,
            "latchkey.internal",
            &[("x-forwarded-host", "app.localhost:8080, evil.example")],
            404,
        ),
        (
            PROXY,
            "app.localhost:8080",
            &[app, ("x-forwarded-host", "evil.example")],
            303,
        ),
        (
            PROXY,
            "app.localhost:8080",
            &[("x-forwarded-host", "127.0.0.1:3000")],
            404,
        ),
        ("203.0.113.9", "latchkey.internal", &[app, http], 404),
        ("203.0.113.9", "127.0.0.1:3000", &[app, http], 404),
        (
            "203.0.113.9",
            "app.localhost:8080",
            &[("x-forwarded-host", "127.0.0.1:3000")],
            303,
        ),
    ] {
        let answer = world
            .call(ask(&from(address), "/.latchkey/start", host, forwarded))
            .await;
        assert_eq!(answer.status, status, "{address} {host} {forwarded:?}");
    }
    // Our own pages behind a proxy that calls us by another name.
    let own = ask(
        &from(PROXY),
        "/sign-in",
        "localhost:3000",
        &[("x-forwarded-host", "127.0.0.1:3000")],
    );
    assert_eq!(world.call(own).await.status, 200);
}

#[tokio::test]
async fn h5_hsts_is_for_the_owner_of_a_host_to_say() {
    let (world, origin) = behind_tls().await;
    let mut person = Person::new(&world);
    for path in ["start", "enter?ticket=x", "session", "nothing"] {
        let answer = person.get(&format!("{origin}/.latchkey/{path}")).await;
        assert_eq!(answer.header("strict-transport-security"), None, "{path}");
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
    }
    assert!(
        person
            .id()
            .get("/sign-in")
            .await
            .header("strict-transport-security")
            .is_some()
    );
}

#[tokio::test]
async fn an_application_beside_the_sign_in_has_the_sessions_own_cookie() {
    let world = behind(|_| {}).await;
    let mut person = Person::new(&world);
    let start = person
        .get(&format!("{BESIDE}/.latchkey/start?to=/a%3Fb"))
        .await;
    start.leads_to(&format!(
        "{}/sign-in?return_to={BESIDE}/a?b",
        world.origin()
    ));
    assert_eq!(start.cookies(), [""; 0]);
    person.sign_in(KNOWN).await;
    // Cookies know no ports.
    person.on(BESIDE).cookies = person.clone().id().cookies.clone();
    assert!(person.is_in(BESIDE).await);
    person
        .post(&format!("{BESIDE}/.latchkey/extend-session"))
        .await
        .leads_to("/");
    // No ticket is made for it: there is nothing to carry over.
    let nonce = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    let asked = person
        .get(&format!(
            "{}/.latchkey/ticket?origin={BESIDE}&nonce={nonce}",
            world.origin()
        ))
        .await;
    assert_eq!(asked.status, 400);
    let out = person.post(&format!("{BESIDE}/.latchkey/sign-out")).await;
    assert!(out.cookie("latchkey").unwrap().contains("Max-Age=0"));
    assert!(!person.id().is_signed_in().await);
}
