//! A request with a header that an application could take for an identity header is refused
//! (requirement S8).

use std::net::{IpAddr, Ipv4Addr};

use latchkey_testkit::log_capture;

use crate::forward_auth::{
    IDENTITY_HEADERS, OTHER_HOST, PROXY, SAME_HOST, app_behind_proxy, assert_identity,
    forward_auth_with_headers, forwarded_headers, sign_in_and_enter, signed_in_behind_proxy,
};
use crate::support::KNOWN_PHONE;

const UNTRUSTED_PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

#[tokio::test]
async fn s8_a_claimed_identity_is_refused_with_a_session_or_without() {
    let app = app_behind_proxy(|_| {}).await;
    let mut browser = app.browser();
    for signed_in in [false, true] {
        if signed_in {
            sign_in_and_enter(&mut browser, KNOWN_PHONE).await;
        }
        let names = IDENTITY_HEADERS.into_iter().flat_map(|name| {
            let dotted = name.replace('-', ".");
            [
                name.to_owned(),
                dotted,
                format!("{name}!"),
                name.replacen('-', "_", 2),
            ]
        });
        let lists = [
            ("connection", "x-auth-request-user"),
            ("trailer", "a, X_Auth_Request_User"),
        ];
        let claims = names
            .map(|name| (name, "root"))
            .chain([("x-auth-request-email".to_owned(), "")])
            .chain(lists.map(|(list, named)| (list.to_owned(), named)));
        for (name, value) in claims {
            for (peer, path) in [
                (PROXY, "/forward-auth"),
                (
                    PROXY,
                    "/forward-auth?redirect=true&origin=http://127.0.0.1:8081",
                ),
                (UNTRUSTED_PEER, "/forward-auth"),
            ] {
                let headers = [&forwarded_headers(SAME_HOST, "/")[..], &[(&name, value)]].concat();
                let response = forward_auth_with_headers(&browser, peer, path, &headers).await;
                response.assert_forbidden();
                for name in IDENTITY_HEADERS {
                    assert_eq!(response.header(name), None, "{name}");
                }
            }
        }
    }
    let logs = log_capture::process_logs().text();
    assert!(
        logs.contains("can be read as an identity header"),
        "the log says why"
    );
}

#[tokio::test]
async fn headers_that_fold_to_other_names_pass() {
    let app = app_behind_proxy(|_| {}).await;
    let browser = signed_in_behind_proxy(&app).await;
    let own = [
        ("x-auth-token", "x-auth-request-user"),
        ("x_request.id", "1"),
        ("connection", "keep-alive, upgrade"),
        ("te", "trailers"),
    ];
    let headers = [&forwarded_headers(OTHER_HOST, "/")[..], &own].concat();
    assert_identity(&forward_auth_with_headers(&browser, PROXY, "/forward-auth", &headers).await);
}
