//! What is served under which host name (requirements S8, H8).

use crate::applications::*;
use axum::body::Body;
use http::header::HOST;
use http::{HeaderName, HeaderValue, Method, Request};

const PROXY: &str = "192.0.2.1";

async fn app_with_trusted_proxy() -> Arc<TestApp> {
    app_with_applications(|settings| {
        settings.server.trusted_proxies = vec![format!("{PROXY}/32").parse().unwrap()]
    })
    .await
}

fn forwarded_request(
    browser: &Browser,
    path: &str,
    host: &str,
    forwarded: &[(&str, &str)],
) -> Request<Body> {
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
async fn our_own_pages_are_not_served_on_an_application_host() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
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
        let response = person.get(&format!("{APP}{path}")).await;
        assert_eq!(
            (response.status.as_u16(), response.body.as_str()),
            (404, ""),
            "{path}"
        );
    }
    for endpoint in ["send-code", "sign-out", "verify-code"] {
        let response = person.post(&format!("{APP}/api/{endpoint}")).await;
        assert_eq!(response.status, 404, "{endpoint}");
    }
    assert!(person.is_signed_in_at(APP).await);
}

#[tokio::test]
async fn sign_in_flow_endpoints_are_served_only_on_their_hosts() {
    let app = app_with_applications(|_| {}).await;
    let browser = app.browser().without_javascript();
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
            let status = app
                .call(forwarded_request(&browser, path, host, &[]))
                .await
                .status
                .as_u16();
            // Another name of this machine is redirected to ours, where this path does not exist
            // either.
            let is_loopback = host.starts_with("app.localhost") && !host.contains("evil");
            assert_eq!(status, if is_loopback { 307 } else { 404 }, "{host}{path}");
        }
    }
    for path in theirs {
        assert_eq!(
            app.call(forwarded_request(&browser, path, "127.0.0.1:3000", &[]))
                .await
                .status,
            404,
            "{path}"
        );
        let status = app
            .call(forwarded_request(&browser, path, "APP.localhost:8080", &[]))
            .await
            .status
            .as_u16();
        assert_ne!(status, 404, "{path}");
    }
    // A request without a query is malformed, but the endpoint exists.
    assert_eq!(
        app.call(forwarded_request(&browser, ours[0], "127.0.0.1:3000", &[]))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn s8_forwarded_host_is_trusted_from_proxies_only() {
    let app = app_with_trusted_proxy().await;
    let browser = app.browser();
    let from = |address: &str| browser.clone().with_address(address);
    let app_host = ("x-forwarded-host", "app.localhost:8080");
    let http = ("x-forwarded-proto", "http");
    for (address, host, forwarded, status) in [
        (PROXY, "latchkey.internal", &[app_host, http][..], 303),
        (PROXY, "latchkey.internal", &[app_host], 303),
        (PROXY, "127.0.0.1:3000", &[app_host, http], 303),
        // Another scheme is another origin. This one is another name of the machine and is
        // redirected to ours.
        (
            PROXY,
            "latchkey.internal",
            &[app_host, ("x-forwarded-proto", "https")],
            307,
        ),
        (
            PROXY,
            "latchkey.internal",
            &[app_host, ("x-forwarded-proto", "http, https")],
            303,
        ),
        // A repeated header, or one that is a list, is ignored.
        (PROXY, "latchkey.internal", &[app_host, app_host], 404),
        (
            PROXY,
            "latchkey.internal",
            &[("x-forwarded-host", "app.localhost:8080, evil.example")],
            404,
        ),
        (
            PROXY,
            "app.localhost:8080",
            &[app_host, ("x-forwarded-host", "evil.example")],
            303,
        ),
        (
            PROXY,
            "app.localhost:8080",
            &[("x-forwarded-host", "127.0.0.1:3000")],
            404,
        ),
        ("203.0.113.9", "latchkey.internal", &[app_host, http], 404),
        ("203.0.113.9", "127.0.0.1:3000", &[app_host, http], 404),
        (
            "203.0.113.9",
            "app.localhost:8080",
            &[("x-forwarded-host", "127.0.0.1:3000")],
            303,
        ),
    ] {
        let response = app
            .call(forwarded_request(
                &from(address),
                "/.latchkey/start",
                host,
                forwarded,
            ))
            .await;
        assert_eq!(response.status, status, "{address} {host} {forwarded:?}");
    }
    // Our own pages behind a proxy that uses another host name.
    let own = forwarded_request(
        &from(PROXY),
        "/sign-in",
        "localhost:3000",
        &[("x-forwarded-host", "127.0.0.1:3000")],
    );
    assert_eq!(app.call(own).await.status, 200);
}

#[tokio::test]
async fn h5_hsts_is_not_sent_on_an_application_host() {
    let (app, origin) = app_with_https_application().await;
    let mut person = SiteBrowser::new(&app);
    for path in ["start", "enter?ticket=x", "session", "nothing"] {
        let response = person.get(&format!("{origin}/.latchkey/{path}")).await;
        assert_eq!(response.header("strict-transport-security"), None, "{path}");
        assert_eq!(
            response.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(response.header("x-frame-options"), Some("DENY"), "{path}");
    }
    assert!(
        person
            .at_sign_in()
            .get("/sign-in")
            .await
            .header("strict-transport-security")
            .is_some()
    );
}

#[tokio::test]
async fn an_application_on_our_host_uses_the_session_cookie() {
    let app = app_with_applications(|_| {}).await;
    let mut person = SiteBrowser::new(&app);
    let start = person
        .get(&format!("{SAME_HOST}/.latchkey/start?to=/a%3Fb"))
        .await;
    start.assert_redirect(&format!(
        "{}/sign-in?return_to={SAME_HOST}/a?b",
        app.origin()
    ));
    assert_eq!(start.cookies(), [""; 0]);
    person.sign_in(KNOWN_PHONE).await;
    // Cookies do not depend on the port.
    person.at_origin(SAME_HOST).cookies = person.clone().at_sign_in().cookies.clone();
    assert!(person.is_signed_in_at(SAME_HOST).await);
    person
        .post(&format!("{SAME_HOST}/.latchkey/extend-session"))
        .await
        .assert_redirect("/");
    // No ticket is issued to it, because it shares the sign-in's cookie.
    let nonce = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    let asked = person
        .get(&format!(
            "{}/.latchkey/ticket?origin={SAME_HOST}&nonce={nonce}",
            app.origin()
        ))
        .await;
    assert_eq!(asked.status, 400);
    let out = person
        .post(&format!("{SAME_HOST}/.latchkey/sign-out"))
        .await;
    assert!(out.cookie("latchkey").unwrap().contains("Max-Age=0"));
    assert!(!person.at_sign_in().is_signed_in().await);
}
