//! The application of a request is taken from the trusted proxy's headers alone (requirement S8).

use std::net::IpAddr;

use crate::forward_auth::{
    OTHER_HOST, PROXY, SAME_HOST, app_behind_proxy, assert_identity, forward_auth,
    forward_auth_with_headers, forwarded_headers, sign_in_and_enter, signed_in_behind_proxy,
};
use crate::support::{KNOWN_PHONE, TestApp};
use latchkey_testkit::log_capture;

const UNTRUSTED_PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7));

#[tokio::test]
async fn s8_forwarded_headers_of_untrusted_peers_are_ignored() {
    let app = app_behind_proxy(|_| {}).await;
    let mut browser = app.browser();
    for headers in [
        &forwarded_headers(OTHER_HOST, "/secret")[..],
        &forwarded_headers("https://evil.example", "/"),
        &[],
    ] {
        let response =
            forward_auth_with_headers(&browser, UNTRUSTED_PEER, "/forward-auth", headers).await;
        response.assert_not_signed_in();
        assert_eq!(
            response.location(),
            format!("{}/sign-in", app.origin()),
            "{headers:?}"
        );
    }
    assert!(
        log_capture::process_logs()
            .text()
            .contains("?origin= and X-Forwarded-* are ignored at /forward-auth"),
        "the log says so"
    );
    sign_in_and_enter(&mut browser, KNOWN_PHONE).await;
    assert_identity(
        &forward_auth_with_headers(
            &browser,
            UNTRUSTED_PEER,
            "/forward-auth",
            &forwarded_headers("https://evil.example", "/"),
        )
        .await,
    );
}

#[tokio::test]
async fn s8_forwarded_headers_of_untrusted_peers_are_refused_with_required_roles() {
    let app = app_behind_proxy(|settings| {
        settings.forward_auth.require = required_roles(OTHER_HOST, &["admin"])
    })
    .await;
    let browser = signed_in_behind_proxy(&app).await;
    for header in forwarded_headers(SAME_HOST, "/") {
        let response =
            forward_auth_with_headers(&browser, UNTRUSTED_PEER, "/forward-auth", &[header]).await;
        response.assert_forbidden();
        assert!(
            crate::forward_auth::IDENTITY_HEADERS
                .iter()
                .all(|name| response.header(name).is_none())
        );
    }
    // Without these headers the request concerns our own origin, which requires no role.
    assert_identity(
        &forward_auth_with_headers(&browser, UNTRUSTED_PEER, "/forward-auth", &[]).await,
    );
    let logs = log_capture::process_logs().text();
    assert!(
        logs.contains("198.51.100.7 is none of server.trusted_proxies"),
        "the log says why"
    );
}

#[tokio::test]
async fn an_unconfigured_origin_is_refused() {
    let app = app_behind_proxy(|_| {}).await;
    let mut browser = app.browser();
    for signed_in in [false, true] {
        if signed_in {
            sign_in_and_enter(&mut browser, KNOWN_PHONE).await;
        }
        for origin in [
            "https://evil.example",
            "https://app.localhost:8080",
            "http://app.localhost",
            "http://app.localhost:8080.evil.example",
            "http://x.app.localhost:8080",
            "http://app.localhost.:8080",
            "http://localhost:3000",
        ] {
            forward_auth(&browser, origin, "/").await.assert_forbidden();
        }
    }
    let logs = log_capture::process_logs().text();
    assert!(
        logs.contains("https://evil.example is none of forward_auth.origins"),
        "the log says why"
    );
}

#[tokio::test]
async fn ambiguous_or_incomplete_forwarded_headers_are_refused() {
    let app = app_behind_proxy(|_| {}).await;
    let browser = signed_in_behind_proxy(&app).await;
    let [proto, host, uri] = forwarded_headers(OTHER_HOST, "/");
    for headers in [
        &[proto, uri][..],
        &[host, uri],
        &[proto, host, ("x-forwarded-host", "evil.example")],
        &[proto, host, host],
        &[proto, proto, host],
        &[proto, host, uri, ("x-forwarded-uri", "/other")],
        &[
            proto,
            host,
            ("x-forwarded-method", "GET"),
            ("x-forwarded-method", "POST"),
        ],
        &[("x-forwarded-proto", "http, https"), host],
        &[
            proto,
            ("x-forwarded-host", "app.localhost:8080, evil.example"),
        ],
        &[proto, ("x-forwarded-host", "")],
        &[proto, ("x-forwarded-host", "é.localhost")],
    ] {
        let response = forward_auth_with_headers(&browser, PROXY, "/forward-auth", headers).await;
        assert_eq!(response.status, 403, "{headers:?}");
    }
    assert_identity(
        &forward_auth_with_headers(&browser, PROXY, "/forward-auth", &[proto, host]).await,
    );
}

/// A proxy may send any `Host`: an address in its own network, or the application's.
#[tokio::test]
async fn the_host_header_of_a_proxy_is_ignored() {
    let app = app_behind_proxy(|_| {}).await;
    let browser = signed_in_behind_proxy(&app).await;
    for name in [
        "app.localhost:8080",
        "localhost:3000",
        "latchkey.internal",
        "10.1.2.3:3000",
    ] {
        let mut headers = forwarded_headers(OTHER_HOST, "/").to_vec();
        headers.push(("host", name));
        assert_identity(
            &forward_auth_with_headers(&browser, PROXY, "/forward-auth", &headers).await,
        );
    }
}

/// HSTS of the sign-in's host must not reach the hosts of applications, for which proxies forward
/// responses.
#[tokio::test]
async fn h5_hsts_is_not_sent_by_forward_auth() {
    let app = TestApp::with_settings(|settings| {
        settings.server.public_url = Some("https://id.example.com".parse().unwrap())
    })
    .await;
    let browser = app.browser();
    let response = forward_auth_with_headers(&browser, UNTRUSTED_PEER, "/forward-auth", &[]).await;
    assert_eq!(
        (
            response.status.as_u16(),
            response.header("strict-transport-security")
        ),
        (401, None)
    );
    let page = forward_auth_with_headers(&browser, UNTRUSTED_PEER, "/sign-in", &[]).await;
    assert!(page.header("strict-transport-security").is_some());
}

pub fn required_roles(
    origin: &str,
    roles: &[&str],
) -> latchkey::server::settings::forward_auth::RequiredRoles {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    latchkey::server::settings::forward_auth::RequiredRoles(vec![(origin.parse().unwrap(), roles)])
}
