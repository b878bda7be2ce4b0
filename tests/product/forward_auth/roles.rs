//! Authorisation at forward-auth: roles, the upstream check, activity, and a failing store.

use std::sync::Arc;

use latchkey::server::settings::{SessionActivity, Settings};
use latchkey::server::wiring::open_store;

use crate::forward_auth::forwarded_request::required_roles;
use crate::forward_auth::{
    HTML_ACCEPT, OTHER_HOST, PROXY, SAME_HOST, app_behind_proxy, assert_identity, forward_auth,
    forward_auth_with_headers, forwarded_headers, sign_in_and_enter, signed_in_behind_proxy,
};
use crate::support::{KNOWN_PHONE, TestApp, Upstream, minutes, seconds};

const NAVIGATION: [(&str, &str); 3] = [
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-user", "?1"),
    HTML_ACCEPT,
];
const POLL: [(&str, &str); 2] = [("sec-fetch-mode", "cors"), ("accept", "application/json")];

#[tokio::test]
async fn one_of_the_required_roles_is_needed() {
    let app = app_behind_proxy(|settings| {
        settings.forward_auth.require = required_roles(OTHER_HOST, &["admin", "staff"])
    })
    .await;
    for (number, has, enters) in [
        (1, &["admin"][..], true),
        (2, &["guest", "staff"], true),
        (3, &[], false),
        (4, &["guest"], false),
        (5, &["Admin", "staff2", "admin,staff"], false),
    ] {
        let phone = format!("+4474001234{number:02}");
        app.upstream.set_roles(&phone, has).await;
        let mut browser = app.browser();
        sign_in_and_enter(&mut browser, &phone).await;
        let response = forward_auth(&browser, OTHER_HOST, "/").await;
        if enters {
            assert_eq!(assert_identity(&response)[2], has.join(","));
        } else {
            response.assert_forbidden();
            assert_eq!(response.location(), "", "signing in again would not help");
            assert!(
                crate::forward_auth::IDENTITY_HEADERS
                    .iter()
                    .all(|name| response.header(name).is_none())
            );
        }
        assert_identity(&forward_auth(&browser, SAME_HOST, "/").await);
        // 401 takes precedence over 403.
        forward_auth(&app.browser(), OTHER_HOST, "/")
            .await
            .assert_not_signed_in();
    }
    let refused = app.audit.events_named("authz_fail");
    assert_eq!(refused.len(), 3);
    assert_eq!(refused[0]["application"], OTHER_HOST);
}

#[tokio::test]
async fn a_user_without_the_role_sees_an_explanation() {
    let app = app_behind_proxy(|settings| {
        settings.forward_auth.require = required_roles(OTHER_HOST, &["admin"])
    })
    .await;
    let browser = signed_in_behind_proxy(&app).await;
    let headers = [&forwarded_headers(OTHER_HOST, "/")[..], &NAVIGATION].concat();
    let response =
        forward_auth_with_headers(&browser, PROXY, "/forward-auth?redirect=true", &headers).await;
    assert_eq!(response.status, 403);
    assert!(
        response
            .body
            .contains("Your account doesn’t have access to this page."),
        "{}",
        response.body
    );
}

#[tokio::test]
async fn role_changes_upstream_take_effect_at_the_check() {
    let app = app_behind_proxy(|settings| {
        settings.forward_auth.require = required_roles(OTHER_HOST, &["admin"]);
        settings.session.idle_timeout = "12h".parse().unwrap();
    })
    .await;
    app.upstream.set_roles(KNOWN_PHONE, &["admin"]).await;
    let browser = signed_in_behind_proxy(&app).await;
    assert_identity(&forward_auth(&browser, OTHER_HOST, "/").await);
    app.upstream.set_roles(KNOWN_PHONE, &["guest"]).await;
    app.advance(minutes(60)).await;
    forward_auth(&browser, OTHER_HOST, "/")
        .await
        .assert_forbidden();
}

#[tokio::test]
async fn k14_a_disabled_user_is_signed_out_after_the_check_interval() {
    let app =
        app_behind_proxy(|settings| settings.session.idle_timeout = "12h".parse().unwrap()).await;
    let browser = signed_in_behind_proxy(&app).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Disabled").await;
    // The check may be made up to a fifth of the hour early.
    app.advance(minutes(47)).await;
    assert_identity(&forward_auth(&browser, OTHER_HOST, "/").await);
    app.advance(minutes(13)).await;
    forward_auth(&browser, OTHER_HOST, "/")
        .await
        .assert_not_signed_in();
    assert_eq!(app.upstream.call_count("session_authenticate").await, 1);
}

#[tokio::test]
async fn k6_polling_does_not_extend_a_session_and_navigation_does() {
    let app = app_behind_proxy(|_| {}).await;
    let browser = signed_in_behind_proxy(&app).await;
    let expires = |app: &TestApp| (app.now() + minutes(30)).to_rfc3339();
    let at_first = expires(&app);
    for _ in 0..4 {
        let headers = [&forwarded_headers(OTHER_HOST, "/poll")[..], &POLL].concat();
        let response = forward_auth_with_headers(&browser, PROXY, "/forward-auth", &headers).await;
        assert_eq!(assert_identity(&response)[4], at_first);
        app.advance(minutes(7)).await;
    }
    let headers = [&forwarded_headers(OTHER_HOST, "/page")[..], &NAVIGATION].concat();
    let response = forward_auth_with_headers(&browser, PROXY, "/forward-auth", &headers).await;
    assert_eq!(
        assert_identity(&response)[4],
        expires(&app),
        "the navigation itself counts"
    );
    wait_for_activity(&app, &browser, &expires(&app)).await;
    for _ in 0..4 {
        app.advance(minutes(7)).await;
        assert_identity(
            &forward_auth_with_headers(
                &browser,
                PROXY,
                "/forward-auth",
                &[&forwarded_headers(OTHER_HOST, "/poll")[..], &POLL].concat(),
            )
            .await,
        );
    }
    app.advance(minutes(2)).await;
    forward_auth(&browser, OTHER_HOST, "/")
        .await
        .assert_not_signed_in();
}

/// What Safari sends with a link: never `Sec-Fetch-User`.
const SAFARI_NAVIGATION: [(&str, &str); 5] = [
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
    HTML_ACCEPT,
    (
        "user-agent",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
         Version/18.5 Safari/605.1.15",
    ),
];

#[tokio::test]
async fn k6_a_person_in_safari_stays_signed_in_at_an_application_while_active() {
    let app = app_behind_proxy(|_| {}).await;
    let browser = signed_in_behind_proxy(&app).await;
    for _ in 0..4 {
        app.advance(minutes(20)).await;
        let expires = (app.now() + minutes(30)).to_rfc3339();
        let headers = [
            &forwarded_headers(OTHER_HOST, "/orders")[..],
            &SAFARI_NAVIGATION,
        ]
        .concat();
        let response = forward_auth_with_headers(&browser, PROXY, "/forward-auth", &headers).await;
        assert_eq!(assert_identity(&response)[4], expires);
        wait_for_activity(&app, &browser, &expires).await;
    }
}

#[tokio::test]
async fn k6_every_forwarded_request_counts_as_activity_when_configured() {
    let app =
        app_behind_proxy(|settings| settings.session.activity = SessionActivity::Request).await;
    let browser = signed_in_behind_proxy(&app).await;
    for _ in 0..4 {
        app.advance(minutes(20)).await;
        let expires = (app.now() + minutes(30)).to_rfc3339();
        let headers = [&forwarded_headers(OTHER_HOST, "/poll")[..], &POLL].concat();
        assert_eq!(
            assert_identity(
                &forward_auth_with_headers(&browser, PROXY, "/forward-auth", &headers).await
            )[4],
            expires
        );
        wait_for_activity(&app, &browser, &expires).await;
    }
}

/// Activity is written after the response.
async fn wait_for_activity(
    app: &Arc<TestApp>,
    browser: &crate::forward_auth::Browser,
    expires: &str,
) {
    let headers = [&forwarded_headers(OTHER_HOST, "/poll")[..], &POLL].concat();
    crate::support::wait_until("the activity to be stored", async || {
        let mut browser = browser.clone();
        browser.app = app.clone();
        let session = browser.get("/api/session").await;
        session.status == 200 && session.json()["idle_expires_at"] == expires
    })
    .await;
    assert_eq!(
        assert_identity(
            &forward_auth_with_headers(browser, PROXY, "/forward-auth", &headers).await
        )[4],
        expires
    );
}

/// A server that refuses connections, with a cookie that may be valid.
#[tokio::test]
async fn an_unavailable_store_is_503_and_never_401() {
    let mut nowhere = Settings::default();
    nowhere.store.url = "redis://127.0.0.1:1".to_owned();
    let app = TestApp::with_store(
        open_store(&nowhere).unwrap(),
        Arc::new(Upstream::start().await),
        |settings| {
            settings.server.trusted_proxies = vec!["192.0.2.1/32".parse().unwrap()];
            settings.forward_auth.origins = vec![OTHER_HOST.parse().unwrap()];
        },
    );
    let mut browser = app.browser();
    browser
        .cookies
        .insert("latchkey-app".to_owned(), "A".repeat(43));
    for more in [&[][..], &NAVIGATION, &POLL] {
        let headers = [&forwarded_headers(OTHER_HOST, "/")[..], more].concat();
        let response =
            forward_auth_with_headers(&browser, PROXY, "/forward-auth?redirect=true", &headers)
                .await;
        assert_eq!((response.status.as_u16(), response.location()), (503, ""));
        assert!(
            crate::forward_auth::IDENTITY_HEADERS
                .iter()
                .all(|name| response.header(name).is_none())
        );
    }
    app.advance(seconds(1)).await;
    forward_auth(&app.browser(), OTHER_HOST, "/")
        .await
        .assert_not_signed_in();
}
