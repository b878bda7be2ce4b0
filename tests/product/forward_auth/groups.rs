//! Which roles an application is told, and how long an identity header may be.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use latchkey::server::settings::Settings;
use latchkey::server::settings::forward_auth::GroupPatterns;
use latchkey_testkit::log_capture;
use serde_json::{Value, json};

use crate::forward_auth::forwarded_request::required_roles;
use crate::forward_auth::{
    IDENTITY_HEADERS, OTHER_HOST, SAME_HOST, app_behind_proxy, assert_identity, forward_auth,
    signed_in_behind_proxy,
};
use crate::support::{Browser, KNOWN_PHONE, TestApp};

async fn signed_in_with(
    roles: &[&str],
    change: impl FnOnce(&mut Settings),
) -> (Arc<TestApp>, Browser) {
    let app = app_behind_proxy(change).await;
    app.upstream.set_roles(KNOWN_PHONE, roles).await;
    let browser = signed_in_behind_proxy(&app).await;
    (app, browser)
}

fn patterns(table: Value) -> GroupPatterns {
    serde_json::from_value(table).unwrap()
}

/// The groups in the header, and those in the JWT.
async fn groups(browser: &Browser, origin: &str) -> (String, Value) {
    let response = forward_auth(browser, origin, "/").await;
    let [_, _, groups, _, _, jwt, _] = assert_identity(&response);
    let body = jwt.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&BASE64URL.decode(body).unwrap()).unwrap();
    (groups.to_owned(), claims["groups"].clone())
}

#[tokio::test]
async fn an_application_is_told_the_roles_of_its_patterns_alone() {
    let roles = ["app-admin", "shop-clerk", "staff", "app-reader"];
    let (_, mut browser) = signed_in_with(&roles, |settings| {
        settings.forward_auth.groups =
            patterns(json!({ OTHER_HOST: ["app-*"], "*": ["staff", "*-clerk"] }));
    })
    .await;
    assert_eq!(
        groups(&browser, OTHER_HOST).await,
        (
            "app-admin,app-reader".to_owned(),
            json!(["app-admin", "app-reader"])
        )
    );
    assert_eq!(
        groups(&browser, SAME_HOST).await,
        (
            "shop-clerk,staff".to_owned(),
            json!(["shop-clerk", "staff"])
        )
    );
    let session = browser.get("/api/session").await.json();
    assert_eq!(session["roles"], json!(["shop-clerk", "staff"]));
}

#[tokio::test]
async fn a_role_that_an_application_is_not_told_still_gives_access() {
    let (_, browser) = signed_in_with(&["admin", "app-reader"], |settings| {
        settings.forward_auth.require = required_roles(OTHER_HOST, &["admin"]);
        settings.forward_auth.groups = patterns(json!({ OTHER_HOST: ["app-*"], SAME_HOST: [] }));
    })
    .await;
    assert_eq!(groups(&browser, OTHER_HOST).await.0, "app-reader");
    assert_eq!(
        groups(&browser, SAME_HOST).await,
        (String::new(), json!([]))
    );
}

#[tokio::test]
async fn a_header_up_to_the_limit_is_sent_and_a_longer_one_is_refused() {
    for (length, jwt, enters) in [
        (1024, false, true),
        (1025, false, false),
        (1024, true, false),
    ] {
        let role = "r".repeat(length);
        let (app, browser) = signed_in_with(&[&role], |settings| {
            settings.forward_auth.header_limit = 1024;
            settings.forward_auth.jwt = jwt;
        })
        .await;
        let response = forward_auth(&browser, OTHER_HOST, "/").await;
        if enters {
            assert_eq!(assert_identity(&response)[2], role);
            continue;
        }
        response.assert_forbidden();
        assert_eq!(response.location(), "", "signing in again would not help");
        for name in IDENTITY_HEADERS {
            assert_eq!(response.header(name), None, "{name}");
        }
        assert!(!response.body.contains(&role));
        drop(app);
    }
    let logs = log_capture::process_logs().text();
    assert!(
        logs.contains("x-auth-request-groups would have 1025 bytes")
            && logs.contains("x-auth-request-jwt would have"),
        "the log says which header and how long"
    );
}

#[tokio::test]
async fn patterns_make_the_headers_of_a_person_with_many_roles_fit() {
    let names: Vec<String> = (0..400)
        .map(|number| format!("team-{number:03}-member"))
        .collect();
    let mut roles: Vec<&str> = names.iter().map(String::as_str).collect();
    roles.push("app-admin");
    let (_, browser) = signed_in_with(&roles, |settings| {
        settings.forward_auth.groups = patterns(json!({ OTHER_HOST: ["app-*"] }));
    })
    .await;
    assert_eq!(groups(&browser, OTHER_HOST).await.0, "app-admin");
    let response = forward_auth(&browser, SAME_HOST, "/").await;
    response.assert_forbidden();
}
