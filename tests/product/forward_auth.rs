//! `GET /forward-auth`, as proxies ask it.
//!
//! - `forwarded_request`: which application is asked for, and whose word that is; `signed_out`: where a person
//!   is sent.
//! - `roles`: roles, upstream's word, a store that fails, what counts as activity.
//! - `jwt`: the signed JWT, checked by somebody else's library.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::body::Body;
use http::{HeaderValue, Method, Request};
use latchkey::server::settings::Settings;
use latchkey::server::settings::forward_auth::PhoneHeader;

use crate::support::{Answer, Browser, KNOWN, World, minutes};

mod forwarded_request;
mod jwt;
mod roles;
mod signed_out;

/// What every 200 carries.
const IDENTITY: [&str; 6] = [
    "x-auth-request-user",
    "x-auth-request-phone",
    "x-auth-request-groups",
    "x-auth-request-amr",
    "x-auth-request-session-expires",
    "x-auth-request-jwt",
];

/// The one proxy that is believed.
const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
/// An application on another host, and one on the sign-in's own.
const OTHER: &str = "http://app.localhost:8080";
const BESIDE: &str = "http://127.0.0.1:8081";
/// A page of a browser's own.
const PAGE: (&str, &str) = ("accept", "text/html,*/*;q=0.8");

/// Two applications, behind a proxy.
async fn behind(change: impl FnOnce(&mut Settings)) -> Arc<World> {
    World::with(|settings| {
        settings.server.trusted_proxies = vec!["192.0.2.1/32".parse().unwrap()];
        settings.forward_auth.origins = [OTHER, BESIDE]
            .map(|origin| origin.parse().unwrap())
            .to_vec();
        change(settings);
    })
    .await
}

/// Asks as a proxy does, with more headers.
async fn ask(browser: &Browser, from: IpAddr, path: &str, headers: &[(&str, &str)]) -> Answer {
    browser
        .world
        .call(question(browser, from, Method::GET, path, headers))
        .await
}

fn question(
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

/// What a proxy says of a request for a URL of an application.
fn forwarded<'a>(origin: &'a str, uri: &'a str) -> [(&'static str, &'a str); 3] {
    let (scheme, host) = origin.split_once("://").unwrap();
    [
        ("x-forwarded-proto", scheme),
        ("x-forwarded-host", host),
        ("x-forwarded-uri", uri),
    ]
}

/// A proxy asks for a browser that asked for a page.
async fn ask_for(browser: &Browser, origin: &str, uri: &str) -> Answer {
    ask(browser, PROXY, "/forward-auth", &forwarded(origin, uri)).await
}

#[track_caller]
fn identity(answer: &Answer) -> [&str; 6] {
    assert_eq!(answer.status, 200, "{}", answer.body);
    IDENTITY.map(|name| {
        assert_eq!(answer.headers.get_all(name).iter().count(), 1, "{name}");
        answer.header(name).unwrap()
    })
}

#[tokio::test]
async fn every_header_is_on_every_200_and_nothing_else_is() {
    let world = behind(|_| {}).await;
    world.upstream.roles(KNOWN, &["admin", "on call"]).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let session = browser.get("/api/session").await.json();
    for origin in [OTHER, BESIDE, &world.origin()] {
        let answer = ask_for(&browser, origin, "/orders?id=1").await;
        let [user, phone, groups, amr, expires, jwt] = identity(&answer);
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
        assert_eq!(jwt, "", "it is off");
        assert_eq!(answer.body, "");
        assert_eq!(answer.cookies(), [""; 0]);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn a_header_without_anything_to_say_is_there_and_empty() {
    let world = behind(|_| {}).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let answer = ask_for(&browser, OTHER, "/").await;
    let [user, _, groups, _, _, jwt] = identity(&answer);
    assert!(!user.is_empty());
    assert_eq!((groups, jwt), ("", ""));
}

#[tokio::test]
async fn what_names_hold_breaks_no_header() {
    let world = behind(|_| {}).await;
    world
        .upstream
        .roles(
            KNOWN,
            &["a,b", "Zoë", " x ", "a\r\nX-Auth-Request-User: root"],
        )
        .await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let answer = ask_for(&browser, OTHER, "/").await;
    assert_eq!(
        identity(&answer)[2],
        "a%2Cb,Zo%C3%AB,%20x%20,a%0D%0AX-Auth-Request-User: root"
    );
}

#[tokio::test]
async fn head_is_answered_like_get_and_nothing_else_is_answered() {
    let world = behind(|_| {}).await;
    let mut browser = world.browser();
    let head = |browser: &Browser| {
        question(
            browser,
            PROXY,
            Method::HEAD,
            "/forward-auth",
            &forwarded(OTHER, "/x"),
        )
    };
    let out = world.call(head(&browser)).await;
    assert_eq!((out.status.as_u16(), out.body.as_str()), (401, ""));
    assert_eq!(out.location(), format!("{OTHER}/.latchkey/start?to=/x"));
    browser.sign_in(KNOWN).await;
    let get = ask_for(&browser, OTHER, "/x").await;
    let head = world.call(head(&browser)).await;
    assert_eq!(identity(&head), identity(&get));
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = world
            .call(question(
                &browser,
                PROXY,
                method.clone(),
                "/forward-auth",
                &[],
            ))
            .await;
        assert_eq!(answer.status, 405, "{method}");
    }
}

#[tokio::test]
async fn a_full_number_is_told_and_kept_only_while_the_setting_says_so() {
    let world = behind(|settings| settings.forward_auth.phone = PhoneHeader::Full).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    assert_eq!(identity(&ask_for(&browser, OTHER, "/").await)[1], KNOWN);
    assert_eq!(
        browser.get("/api/session").await.json()["phone"],
        "+44 ••• ••• 56"
    );

    // The same store under the other setting: masked, and what was kept goes with the next write.
    let store = world.product.store.clone();
    let masked = |browser: &Browser, world: &Arc<World>| Browser {
        world: world.clone(),
        ..browser.clone()
    };
    let settings = world.settings.clone();
    let other = World::over(store.clone(), world.upstream.clone(), |new| {
        new.server = settings.server.clone();
        new.forward_auth = settings.forward_auth.clone();
        new.forward_auth.phone = PhoneHeader::Masked;
    });
    let mut elsewhere = masked(&browser, &other);
    assert_eq!(
        identity(&ask_for(&elsewhere, OTHER, "/").await)[1],
        "+44 *** *** 56"
    );
    other.advance(minutes(1)).await;
    elsewhere.post("extend-session", &[]).await.next("/account");
    world.catch_up(&other);
    let phone = ask_for(&browser, OTHER, "/").await;
    assert_eq!(
        identity(&phone)[1],
        "+44 *** *** 56",
        "an old session has no full number to tell"
    );
}
