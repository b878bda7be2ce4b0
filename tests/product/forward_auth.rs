//! `GET /forward-auth`, as proxies call it.
//!
//! - `forwarded_request`: the application of a request, and which headers are trusted;
//!   `pinned_origin`: the application that the proxy's configuration pins; `signed_out`: redirects
//!   of signed-out users.
//! - `claimed_identity`: headers that an application could take for identity headers; `preflight`:
//!   CORS preflights.
//! - `groups`: the roles that an application is told, and the longest header.
//! - `identifier_modes`: what applications get of people who type another identifier than a number.
//! - `roles`: required roles, the upstream check, a failing store, and activity.
//! - `jwt`: the signed JWT, validated with another library; `verify_example`: the example for
//!   applications in Rust.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::body::Body;
use http::header::HOST;
use http::{HeaderValue, Method, Request};
use latchkey::server::settings::Settings;
use latchkey::server::settings::forward_auth::PhoneHeader;

use crate::support::{Browser, KNOWN_PHONE, TestApp, TestResponse, minutes};

mod claimed_identity;
mod forwarded_request;
mod groups;
mod identifier_modes;
mod jwt;
mod pinned_origin;
mod preflight;
mod roles;
mod signed_out;
mod verify_example;

/// The identity headers of every 200.
const IDENTITY_HEADERS: [&str; 7] = [
    "x-auth-request-user",
    "x-auth-request-phone",
    "x-auth-request-groups",
    "x-auth-request-amr",
    "x-auth-request-session-expires",
    "x-auth-request-jwt",
    "x-auth-request-auth-age",
];

/// The only trusted proxy.
const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
/// An application on another host, and one on the host of the sign-in.
const OTHER_HOST: &str = "http://app.localhost:8080";
const SAME_HOST: &str = "http://127.0.0.1:8081";
/// The `Accept` header of a navigation.
const HTML_ACCEPT: (&str, &str) = ("accept", "text/html,*/*;q=0.8");

/// Two applications behind a proxy.
async fn app_behind_proxy(change: impl FnOnce(&mut Settings)) -> Arc<TestApp> {
    TestApp::with_settings(|settings| {
        settings.server.trusted_proxies = vec!["192.0.2.1/32".parse().unwrap()];
        settings.forward_auth.origins = [OTHER_HOST, SAME_HOST]
            .map(|origin| origin.parse().unwrap())
            .to_vec();
        change(settings);
    })
    .await
}

/// A browser that has signed in with the known number, and entered the application on the other
/// host.
async fn signed_in_behind_proxy(app: &Arc<TestApp>) -> Browser {
    let mut browser = app.browser();
    sign_in_and_enter(&mut browser, KNOWN_PHONE).await;
    browser
}

/// Signs in, and enters the application on the other host, where only its own cookie counts.
async fn sign_in_and_enter(browser: &mut Browser, phone: &str) {
    browser.sign_in(phone).await;
    enter(browser, OTHER_HOST).await;
}

/// Enters an application on another host, and stores its cookie in place of another application's.
async fn enter(browser: &mut Browser, origin: &str) {
    let app = browser.app.clone();
    let mut url = format!("{origin}/.latchkey/start?to=/");
    while url != format!("{origin}/") {
        let parsed = url::Url::parse(&url).unwrap();
        let path = &parsed[url::Position::BeforePath..];
        let mut request = browser
            .request(Method::GET, path)
            .body(Body::empty())
            .unwrap();
        let host = &parsed[url::Position::BeforeHost..url::Position::AfterPort];
        request.headers_mut().insert(HOST, host.parse().unwrap());
        let response = app.call(request).await;
        browser.store_cookies(&response);
        assert_eq!(response.status, 303, "{url}");
        url = response.location().to_owned();
    }
    assert!(browser.cookie("latchkey-app").is_some());
}

/// Sends a forward-auth request with additional headers.
async fn forward_auth_with_headers(
    browser: &Browser,
    from: IpAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> TestResponse {
    browser
        .app
        .call(forward_auth_request(
            browser,
            from,
            Method::GET,
            path,
            headers,
        ))
        .await
}

fn forward_auth_request(
    browser: &Browser,
    from: IpAddr,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> Request<Body> {
    let browser = Browser {
        address: from,
        ..browser.clone()
    };
    let mut request = browser.request(method, path).body(Body::empty()).unwrap();
    for name in headers.iter().map(|(name, _)| *name) {
        request.headers_mut().remove(name);
    }
    for (name, value) in headers {
        let name = http::HeaderName::try_from(*name).unwrap();
        request
            .headers_mut()
            .append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    request
}

/// The headers with which a proxy forwards a request for an application's URL.
fn forwarded_headers<'a>(origin: &'a str, uri: &'a str) -> [(&'static str, &'a str); 3] {
    let (scheme, host) = origin.split_once("://").unwrap();
    [
        ("x-forwarded-proto", scheme),
        ("x-forwarded-host", host),
        ("x-forwarded-uri", uri),
    ]
}

/// A proxy's request for a browser that navigates to a page.
async fn forward_auth(browser: &Browser, origin: &str, uri: &str) -> TestResponse {
    forward_auth_with_headers(
        browser,
        PROXY,
        "/forward-auth",
        &forwarded_headers(origin, uri),
    )
    .await
}

#[track_caller]
fn assert_identity(response: &TestResponse) -> [&str; 7] {
    assert_eq!(response.status, 200, "{}", response.body);
    IDENTITY_HEADERS.map(|name| {
        assert_eq!(response.headers.get_all(name).iter().count(), 1, "{name}");
        response.header(name).unwrap()
    })
}

/// A browser never sends the session cookie to another host. One that comes from there was copied.
#[tokio::test]
async fn k1_the_session_cookie_does_not_count_at_an_application_on_another_host() {
    let app = app_behind_proxy(|_| {}).await;
    let browser = app.signed_in().await;
    let refused = forward_auth(&browser, OTHER_HOST, "/").await;
    refused.assert_not_signed_in();
    assert_identity(&forward_auth(&browser, SAME_HOST, "/").await);

    let mut person = signed_in_behind_proxy(&app).await;
    person.cookies.remove("latchkey");
    assert_identity(&forward_auth(&person, OTHER_HOST, "/").await);
    let refused = forward_auth(&person, SAME_HOST, "/").await;
    refused.assert_not_signed_in();
}

#[tokio::test]
async fn every_200_carries_exactly_the_identity_headers() {
    let app = app_behind_proxy(|_| {}).await;
    app.upstream
        .set_roles(KNOWN_PHONE, &["admin", "on call"])
        .await;
    let mut browser = signed_in_behind_proxy(&app).await;
    let session = browser.get("/api/session").await.json();
    for origin in [OTHER_HOST, SAME_HOST, &app.origin()] {
        let response = forward_auth(&browser, origin, "/orders?id=1").await;
        let [user, phone, groups, amr, expires, jwt, age] = assert_identity(&response);
        assert!(age.parse::<u64>().unwrap() < 60, "{age}");
        assert_eq!(user, session["sub"].as_str().unwrap());
        assert_eq!(phone, "+44 *** *** 56");
        assert_eq!(groups, "admin,on call");
        assert_eq!(
            amr,
            session["amr"]
                .as_array()
                .unwrap()
                .iter()
                .map(|amr| amr.as_str().unwrap())
                .collect::<Vec<_>>()
                .join(",")
        );
        assert_eq!(expires, session["idle_expires_at"].as_str().unwrap());
        assert_eq!(jwt.split('.').count(), 3, "the JWT is on by default");
        assert_eq!(response.body, "");
        assert_eq!(response.cookies(), [""; 0]);
        assert_eq!(response.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn an_identity_header_without_a_value_is_empty() {
    let app = app_behind_proxy(|settings| settings.forward_auth.jwt = false).await;
    let browser = signed_in_behind_proxy(&app).await;
    let response = forward_auth(&browser, OTHER_HOST, "/").await;
    let [user, _, groups, _, _, jwt, _] = assert_identity(&response);
    assert!(!user.is_empty());
    assert_eq!((groups, jwt), ("", ""));
}

#[tokio::test]
async fn role_names_are_escaped_in_headers() {
    let app = app_behind_proxy(|_| {}).await;
    app.upstream
        .set_roles(
            KNOWN_PHONE,
            &["a,b", "Zoë", " x ", "a\r\nX-Auth-Request-User: root"],
        )
        .await;
    let browser = signed_in_behind_proxy(&app).await;
    let response = forward_auth(&browser, OTHER_HOST, "/").await;
    assert_eq!(
        assert_identity(&response)[2],
        "a%2Cb,Zo%C3%AB,%20x%20,a%0D%0AX-Auth-Request-User: root"
    );
}

#[tokio::test]
async fn head_equals_get_and_other_methods_are_refused() {
    let app = app_behind_proxy(|_| {}).await;
    let mut browser = app.browser();
    let head = |browser: &Browser| {
        forward_auth_request(
            browser,
            PROXY,
            Method::HEAD,
            "/forward-auth",
            &forwarded_headers(OTHER_HOST, "/x"),
        )
    };
    let out = app.call(head(&browser)).await;
    assert_eq!((out.status.as_u16(), out.body.as_str()), (401, ""));
    assert_eq!(
        out.location(),
        format!("{OTHER_HOST}/.latchkey/start?to=/x")
    );
    sign_in_and_enter(&mut browser, KNOWN_PHONE).await;
    let get = forward_auth(&browser, OTHER_HOST, "/x").await;
    let head = app.call(head(&browser)).await;
    assert_eq!(assert_identity(&head), assert_identity(&get));
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let response = app
            .call(forward_auth_request(
                &browser,
                PROXY,
                method.clone(),
                "/forward-auth",
                &[],
            ))
            .await;
        assert_eq!(response.status, 405, "{method}");
    }
}

#[tokio::test]
async fn the_full_number_is_sent_and_stored_only_when_configured() {
    let app = app_behind_proxy(|settings| settings.forward_auth.phone = PhoneHeader::Full).await;
    let mut browser = signed_in_behind_proxy(&app).await;
    assert_eq!(
        assert_identity(&forward_auth(&browser, OTHER_HOST, "/").await)[1],
        KNOWN_PHONE
    );
    assert_eq!(
        browser.get("/api/session").await.json()["phone"],
        "+44 ••• ••• 56"
    );

    // The same store with the other setting: the number is masked, and the stored one is dropped at
    // the next write.
    let store = app.product.store.clone();
    let masked = |browser: &Browser, app: &Arc<TestApp>| Browser {
        app: app.clone(),
        ..browser.clone()
    };
    let settings = app.settings.clone();
    let other = TestApp::with_store(store.clone(), app.upstream.clone(), |new| {
        new.server = settings.server.clone();
        new.forward_auth = settings.forward_auth.clone();
        new.forward_auth.phone = PhoneHeader::Masked;
    });
    let mut elsewhere = masked(&browser, &other);
    assert_eq!(
        assert_identity(&forward_auth(&elsewhere, OTHER_HOST, "/").await)[1],
        "+44 *** *** 56"
    );
    other.advance(minutes(1)).await;
    elsewhere
        .post("extend-session", &[])
        .await
        .assert_next("/account");
    app.catch_up_with(&other);
    let phone = forward_auth(&browser, OTHER_HOST, "/").await;
    assert_eq!(
        assert_identity(&phone)[1],
        "+44 *** *** 56",
        "the full number was dropped from the session"
    );
}
