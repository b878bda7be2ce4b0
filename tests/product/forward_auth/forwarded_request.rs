//! Which application is asked for is the trusted proxy's word alone (requirement S8).

use std::net::IpAddr;

use crate::forward_auth::{BESIDE, OTHER, PROXY, ask, ask_for, behind, forwarded, identity};
use crate::support::{KNOWN, World};
use latchkey_testkit::log_capture;

const STRANGER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7));

#[tokio::test]
async fn s8_forwarded_headers_of_others_are_ignored() {
    let world = behind(|_| {}).await;
    let mut browser = world.browser();
    for headers in [
        &forwarded(OTHER, "/secret")[..],
        &forwarded("https://evil.example", "/"),
        &[],
    ] {
        let answer = ask(&browser, STRANGER, "/forward-auth", headers).await;
        answer.problem(401, "not_signed_in");
        assert_eq!(
            answer.location(),
            format!("{}/sign-in", world.origin()),
            "{headers:?}"
        );
    }
    assert!(
        log_capture::process_logs()
            .text()
            .contains("X-Forwarded-* are ignored at /forward-auth"),
        "the operator reads so"
    );
    browser.sign_in(KNOWN).await;
    identity(
        &ask(
            &browser,
            STRANGER,
            "/forward-auth",
            &forwarded("https://evil.example", "/"),
        )
        .await,
    );
}

#[tokio::test]
async fn s8_with_roles_at_stake_forwarded_headers_of_others_are_refused() {
    let world = behind(|settings| settings.forward_auth.require = roles(OTHER, &["admin"])).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    for header in forwarded(BESIDE, "/") {
        let answer = ask(&browser, STRANGER, "/forward-auth", &[header]).await;
        answer.problem(403, "forbidden");
        assert!(
            crate::forward_auth::IDENTITY
                .iter()
                .all(|name| answer.header(name).is_none())
        );
    }
    // Without them it is a question about our own origin, which asks for no role.
    identity(&ask(&browser, STRANGER, "/forward-auth", &[]).await);
    let logs = log_capture::process_logs().text();
    assert!(
        logs.contains("198.51.100.7 is none of server.trusted_proxies"),
        "the operator reads why"
    );
}

#[tokio::test]
async fn an_origin_that_is_none_of_ours_is_refused_signed_in_or_not() {
    let world = behind(|_| {}).await;
    let mut browser = world.browser();
    for signed_in in [false, true] {
        if signed_in {
            browser.sign_in(KNOWN).await;
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
            ask_for(&browser, origin, "/")
                .await
                .problem(403, "forbidden");
        }
    }
    let logs = log_capture::process_logs().text();
    assert!(
        logs.contains("https://evil.example is none of forward_auth.origins"),
        "the operator reads why"
    );
}

#[tokio::test]
async fn headers_that_say_two_things_or_half_of_one_are_refused() {
    let world = behind(|_| {}).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let [proto, host, uri] = forwarded(OTHER, "/");
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
        let answer = ask(&browser, PROXY, "/forward-auth", headers).await;
        assert_eq!(answer.status, 403, "{headers:?}");
    }
    identity(&ask(&browser, PROXY, "/forward-auth", &[proto, host]).await);
}

/// A proxy may send any `Host`: an address in its own network, or the application's.
#[tokio::test]
async fn the_name_under_which_a_proxy_asks_does_not_matter() {
    let world = behind(|_| {}).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    for name in [
        "app.localhost:8080",
        "localhost:3000",
        "latchkey.internal",
        "10.1.2.3:3000",
    ] {
        let mut headers = forwarded(OTHER, "/").to_vec();
        headers.push(("host", name));
        identity(&ask(&browser, PROXY, "/forward-auth", &headers).await);
    }
}

/// HSTS of the sign-in's host is not for the hosts of applications, under which proxies pass
/// answers on.
#[tokio::test]
async fn h5_hsts_is_not_said_for_an_applications_host() {
    let world = World::with(|settings| {
        settings.server.public_url = Some("https://id.example.com".parse().unwrap())
    })
    .await;
    let browser = world.browser();
    let answer = ask(&browser, STRANGER, "/forward-auth", &[]).await;
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.header("strict-transport-security")
        ),
        (401, None)
    );
    let page = ask(&browser, STRANGER, "/sign-in", &[]).await;
    assert!(page.header("strict-transport-security").is_some());
}

pub fn roles(
    origin: &str,
    roles: &[&str],
) -> latchkey::server::settings::forward_auth::RequiredRoles {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    latchkey::server::settings::forward_auth::RequiredRoles(vec![(origin.parse().unwrap(), roles)])
}
