//! CORS preflights pass only where the proxy's configuration says so, and carry no identity.

use std::net::{IpAddr, Ipv4Addr};

use crate::forward_auth::{
    OTHER_HOST, PROXY, app_behind_proxy, assert_identity, forward_auth_with_headers,
    sign_in_and_enter,
};
use crate::support::KNOWN_PHONE;

const UNTRUSTED_PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
const METHOD: (&str, &str) = ("x-forwarded-method", "OPTIONS");
const ORIGIN: (&str, &str) = ("origin", "https://shop.example.com");
const REQUESTED: (&str, &str) = ("access-control-request-method", "PUT");

fn path(more: &str) -> String {
    format!("/forward-auth?origin={OTHER_HOST}{more}")
}

#[tokio::test]
async fn a_preflight_passes_without_an_identity_where_the_proxy_lets_it() {
    let app = app_behind_proxy(|_| {}).await;
    let mut browser = app.browser();
    for signed_in in [false, true] {
        if signed_in {
            sign_in_and_enter(&mut browser, KNOWN_PHONE).await;
        }
        let headers = [METHOD, ORIGIN, REQUESTED];
        let response =
            forward_auth_with_headers(&browser, PROXY, &path("&preflight=true"), &headers).await;
        assert_eq!(assert_identity(&response), [""; 7]);
        assert_eq!(response.cookies(), [""; 0]);
    }
}

#[tokio::test]
async fn nothing_else_passes_as_a_preflight() {
    let app = app_behind_proxy(|_| {}).await;
    let browser = app.browser();
    let on = path("&preflight=true");
    for (peer, path, headers) in [
        (PROXY, &path(""), &[METHOD, ORIGIN, REQUESTED][..]),
        (
            PROXY,
            &path("&preflight=false"),
            &[METHOD, ORIGIN, REQUESTED],
        ),
        (PROXY, &on, &[METHOD, ORIGIN]),
        (PROXY, &on, &[METHOD, REQUESTED]),
        (PROXY, &on, &[ORIGIN, REQUESTED]),
        (
            PROXY,
            &on,
            &[("x-forwarded-method", "GET"), ORIGIN, REQUESTED],
        ),
        (
            PROXY,
            &on,
            &[("x-forwarded-method", "options"), ORIGIN, REQUESTED],
        ),
        (
            PROXY,
            &on,
            &[("x-forwarded-method", "OPT IONS"), ORIGIN, REQUESTED],
        ),
        (UNTRUSTED_PEER, &on, &[METHOD, ORIGIN, REQUESTED]),
    ] {
        let response = forward_auth_with_headers(&browser, peer, path, headers).await;
        assert_eq!(response.status, 401, "{path} {headers:?}");
    }
}

#[tokio::test]
async fn a_preflight_with_a_claimed_identity_or_an_unlisted_pin_is_refused() {
    let app = app_behind_proxy(|_| {}).await;
    let browser = app.browser();
    let claimed = [METHOD, ORIGIN, REQUESTED, ("x.auth.request.user", "root")];
    let on = path("&preflight=true");
    let response = forward_auth_with_headers(&browser, PROXY, &on, &claimed).await;
    response.assert_forbidden();
    let elsewhere = "/forward-auth?origin=https://evil.example&preflight=true";
    let headers = [METHOD, ORIGIN, REQUESTED];
    let response = forward_auth_with_headers(&browser, PROXY, elsewhere, &headers).await;
    response.assert_forbidden();
}

#[tokio::test]
async fn a_preflight_that_does_not_pass_is_not_redirected() {
    let app = app_behind_proxy(|_| {}).await;
    let browser = app.browser();
    let redirecting = path("&redirect=true");
    let page = ("accept", "text/html,*/*;q=0.8");
    let navigate = ("sec-fetch-mode", "navigate");
    for method in ["OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "odd method"] {
        for mode in [page, navigate] {
            let headers = [("x-forwarded-method", method), ORIGIN, REQUESTED, mode];
            let response = forward_auth_with_headers(&browser, PROXY, &redirecting, &headers).await;
            assert_eq!(response.status, 401, "{headers:?}");
        }
    }
    for method in ["GET", "HEAD", "POST"] {
        let headers = [("x-forwarded-method", method), page];
        let response = forward_auth_with_headers(&browser, PROXY, &redirecting, &headers).await;
        assert_eq!(response.status, 302, "{method}");
    }
}
