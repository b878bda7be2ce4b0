//! `?origin=` pins the application, whatever host the client names (requirement S8).

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use latchkey::server::settings::Settings;
use latchkey_testkit::log_capture;

use crate::forward_auth::forwarded_request::required_roles;
use crate::forward_auth::{
    HTML_ACCEPT, IDENTITY_HEADERS, OTHER_HOST, PROXY, SAME_HOST, app_behind_proxy, assert_identity,
    enter, forward_auth_with_headers, forwarded_headers, signed_in_behind_proxy,
};
use crate::support::{Browser, TestApp, TestResponse};

const UNTRUSTED_PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
/// Listed as well, without required roles.
const OPEN: &str = "http://open.localhost:8080";

/// `OTHER_HOST` requires a role that the user does not have.
async fn app_with_closed_application() -> (Arc<TestApp>, Browser) {
    let app = app_behind_proxy(|settings: &mut Settings| {
        settings.forward_auth.require = required_roles(OTHER_HOST, &["admin"]);
        settings.forward_auth.origins.push(OPEN.parse().unwrap());
    })
    .await;
    let mut browser = signed_in_behind_proxy(&app).await;
    let mut at_open = browser.clone();
    enter(&mut at_open, OPEN).await;
    let token = at_open.cookie("latchkey-app").unwrap().to_owned();
    browser.cookies.insert(AT_OPEN.to_owned(), token);
    (app, browser)
}

/// Where the test keeps the cookie of `OPEN`, which a browser sends to that host alone.
const AT_OPEN: &str = "at-open";

async fn pinned(browser: &Browser, pin: &str, headers: &[(&str, &str)]) -> TestResponse {
    let path = format!("/forward-auth?redirect=true&origin={pin}");
    let mut browser = browser.clone();
    let at_open = browser.cookies.remove(AT_OPEN);
    if let Some(token) = at_open.filter(|_| pin.eq_ignore_ascii_case(OPEN)) {
        browser.cookies.insert("latchkey-app".to_owned(), token);
    }
    forward_auth_with_headers(&browser, PROXY, &path, headers).await
}

#[track_caller]
fn assert_refused(response: &TestResponse) {
    response.assert_forbidden();
    for name in IDENTITY_HEADERS {
        assert_eq!(response.header(name), None, "{name}");
    }
}

#[tokio::test]
async fn s8_the_pin_decides_which_roles_are_required() {
    let (_, browser) = app_with_closed_application().await;
    for headers in [
        &[][..],
        &forwarded_headers(OTHER_HOST, "/"),
        &[("x-forwarded-uri", "/")],
        &[("x-forwarded-proto", "https")],
    ] {
        assert_refused(&pinned(&browser, OTHER_HOST, headers).await);
    }
    for pin in [SAME_HOST, OPEN, "http://OPEN.localhost:8080"] {
        assert_identity(&pinned(&browser, pin, &[]).await);
    }
    assert_identity(&pinned(&browser, OPEN, &forwarded_headers(OPEN, "/")).await);
    // A proxy behind another one that terminates TLS does not know the scheme.
    let headers = forwarded_headers("https://open.localhost:8080", "/");
    assert_identity(&pinned(&browser, OPEN, &headers).await);
}

#[tokio::test]
async fn s8_a_forwarded_host_that_disagrees_with_the_pin_is_refused() {
    let (app, browser) = app_with_closed_application().await;
    let own = app.origin();
    for (pin, host) in [
        (OTHER_HOST, "open.localhost:8080"),
        (OPEN, "app.localhost:8080"),
        (OPEN, "open.localhost"),
        (OPEN, "open.localhost:80"),
        (OPEN, "open.localhost:8081"),
        (OPEN, "open.localhost.:8080"),
        (OPEN, "evil.example"),
        (OPEN, "open.localhost:8080, open.localhost:8080"),
        (OPEN, ""),
        (SAME_HOST, "127.0.0.1:3000"),
        (SAME_HOST, "127.0.0.1"),
        (&own, "127.0.0.1:8081"),
    ] {
        for headers in [
            &[("x-forwarded-proto", "http"), ("x-forwarded-host", host)][..],
            &[("x-forwarded-host", host)],
        ] {
            assert_refused(&pinned(&browser, pin, headers).await);
        }
    }
    let logs = log_capture::process_logs().text();
    assert!(
        logs.contains("X-Forwarded-Host is http://open.localhost:8080, but ?origin= pins"),
        "the log says why"
    );
    for (pin, host) in [
        (OPEN, "OPEN.localhost:8080"),
        (SAME_HOST, "127.0.0.1:8081"),
        (&own, "127.0.0.1:3000"),
    ] {
        assert_identity(&pinned(&browser, pin, &[("x-forwarded-host", host)]).await);
    }
}

#[tokio::test]
async fn s8_an_unlisted_pin_is_refused_and_never_replaced_by_a_header() {
    let (_, mut browser) = app_with_closed_application().await;
    for signed_in in [true, false] {
        if !signed_in {
            browser.cookies.clear();
        }
        for pin in [
            "",
            "https://evil.example",
            "http://open.localhost",
            "https://open.localhost:8080",
            "http://open.localhost:8080/",
            "http://open.localhost:8080/path",
            "http://user@open.localhost:8080",
            "http://open.localhost:8080%00",
            "http://open.localhost:8080,http://app.localhost:8080",
            "http://open.localhost:8080%20",
            "http://*.localhost:8080",
            "open.localhost:8080",
            "null",
            "$latchkey_origin",
        ] {
            for headers in [&[][..], &forwarded_headers(OPEN, "/")] {
                assert_refused(&pinned(&browser, pin, headers).await);
            }
        }
        let twice = format!("{OPEN}&origin={OTHER_HOST}");
        assert_refused(&pinned(&browser, &twice, &[]).await);
        let same_twice = format!("{OPEN}&origin={OPEN}");
        assert_refused(&pinned(&browser, &same_twice, &[]).await);
    }
}

#[tokio::test]
async fn a_signed_out_person_returns_to_the_pinned_application() {
    let app = app_behind_proxy(|_| {}).await;
    let browser = app.browser();
    for (pin, headers, location) in [
        (
            OTHER_HOST,
            &[("x-forwarded-uri", "/orders?id=1")][..],
            format!("{OTHER_HOST}/.latchkey/start?to=/orders?id=1"),
        ),
        (
            SAME_HOST,
            &[("x-forwarded-uri", "/a?b=c")],
            format!("{}/sign-in?return_to={SAME_HOST}/a?b=c", app.origin()),
        ),
        (
            OTHER_HOST,
            &[],
            format!("{OTHER_HOST}/.latchkey/start?to=/"),
        ),
    ] {
        let headers = [headers, &[HTML_ACCEPT]].concat();
        let response = pinned(&browser, pin, &headers).await;
        assert_eq!(
            (response.status.as_u16(), response.location()),
            (302, &*location)
        );
    }
}

#[tokio::test]
async fn s8_the_pin_of_an_untrusted_peer_is_no_more_than_its_headers() {
    let path = |pin: &str| format!("/forward-auth?origin={pin}");
    let (_, browser) = app_with_closed_application().await;
    for pin in [OTHER_HOST, OPEN, SAME_HOST, "https://evil.example"] {
        let response = forward_auth_with_headers(&browser, UNTRUSTED_PEER, &path(pin), &[]).await;
        assert_refused(&response);
    }

    // Without required roles it is ignored, like the headers.
    let app = app_behind_proxy(|_| {}).await;
    let browser = app.browser();
    let response =
        forward_auth_with_headers(&browser, UNTRUSTED_PEER, &path(OTHER_HOST), &[]).await;
    response.assert_not_signed_in();
    assert_eq!(response.location(), format!("{}/sign-in", app.origin()));
}
