//! Notices to a user about sign-ins and ended sessions that may not have been theirs (requirements
//! R6, K11).

use std::sync::Arc;

use http::Method;
use http::header::USER_AGENT;
use latchkey::server::admin::admin_socket::{AdminCommand, AdminReply, SessionOwner, carry_out};

use crate::support::{Browser, KNOWN_PHONE, TestApp, minutes, seconds};

const NEWCOMER: &str = "Signed in with a new browser";
const CHROME: &str =
    "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36";
const DAY: u64 = 24 * 60;

/// Signs in with another browser.
async fn chrome(app: &Arc<TestApp>) -> Browser {
    let mut browser = app.browser();
    browser.request_code(KNOWN_PHONE).await;
    let code = app.upstream.newest_code(KNOWN_PHONE).await;
    let mut request = browser.form("verify-code", &[("code", &code)]);
    request
        .headers_mut()
        .insert(USER_AGENT, CHROME.parse().unwrap());
    browser.send(request).await.assert_next("/account");
    browser
}

async fn account(browser: &mut Browser) -> String {
    let page = browser.get("/account").await;
    assert_eq!(page.status, 200);
    page.body
}

/// The notice that the sign-in page shows once after a session has ended.
async fn farewell(browser: &mut Browser) -> String {
    browser.get("/account").await.assert_redirect("/sign-in");
    let page = browser.get("/sign-in").await;
    assert!(page.cookie("latchkey").unwrap().contains("Max-Age=0"));
    assert!(browser.cookie("latchkey").is_none());
    let said = page
        .body
        .split("notice info")
        .nth(1)
        .unwrap()
        .split("</p>")
        .next()
        .unwrap()
        .to_owned();
    assert!(
        !browser.get("/sign-in").await.body.contains("notice info"),
        "said once"
    );
    said
}

#[tokio::test]
async fn r6_a_new_browser_is_told_of_in_the_sessions_that_were_there_before() {
    let app = TestApp::start().await;
    let mut owner = app.browser();
    owner.sign_in(KNOWN_PHONE).await;
    assert!(!account(&mut owner).await.contains(NEWCOMER), "nobody else");
    app.advance(minutes(1)).await;
    let mut stranger = chrome(&app).await;
    let page = account(&mut owner).await;
    assert!(
        page.contains(NEWCOMER) && page.contains("Chrome on Android, "),
        "{page}"
    );
    assert!(
        !account(&mut stranger).await.contains(NEWCOMER),
        "it knows of itself, and of nobody before it"
    );
    // A session that is signed out immediately is reported as well.
    stranger.post("sign-out", &[]).await;
    assert!(account(&mut owner).await.contains(NEWCOMER));
    let told = app.audit.events_named("authn_login_success");
    assert_eq!(
        told.iter()
            .map(|event| event["new_browser"].as_bool())
            .collect::<Vec<_>>(),
        [Some(true), Some(true)]
    );
}

#[tokio::test]
async fn r6_an_owner_who_was_away_learns_of_it_at_the_next_sign_in_for_a_week() {
    for (days, told) in [(1, true), (6, true), (7, false)] {
        let app = TestApp::start().await;
        let mut owner = app.browser();
        owner.sign_in(KNOWN_PHONE).await;
        owner.post("sign-out", &[]).await;
        app.advance(minutes(1)).await;
        let mut stranger = chrome(&app).await;
        stranger.post("sign-out", &[]).await;
        app.advance(minutes(days * DAY)).await;
        owner.sign_in(KNOWN_PHONE).await;
        let page = account(&mut owner).await;
        assert_eq!(page.contains("Chrome on Android, "), told, "{days}");
        assert!(
            !page.contains("Firefox on Linux, "),
            "its own first sign-in is no news"
        );
    }
}

#[tokio::test]
async fn r6_another_user_is_told_nothing() {
    let app = TestApp::start().await;
    let mut other = app.browser();
    other.sign_in("+447400777888").await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    app.advance(minutes(1)).await;
    chrome(&app).await;
    assert!(!account(&mut other).await.contains(NEWCOMER));
}

#[tokio::test]
async fn r6_a_sign_in_after_a_long_absence_is_told_and_put_on_record() {
    for (days, told) in [(89, false), (90, true)] {
        let app = TestApp::start().await;
        let mut browser = app.browser();
        browser.sign_in(KNOWN_PHONE).await;
        assert!(!account(&mut browser).await.contains("Welcome back"));
        app.advance(minutes(days * DAY)).await;
        browser.sign_in(KNOWN_PHONE).await;
        assert_eq!(
            account(&mut browser).await.contains("Welcome back"),
            told,
            "{days}"
        );
        let events = app.audit.events_named("authn_login_success");
        assert_eq!(events[1]["long_absent"], told);
    }
}

#[tokio::test]
async fn k11_whose_session_had_to_go_is_told_why() {
    let app = TestApp::with_settings(|settings| settings.session.max_per_user = 1).await;
    let (mut first, mut second) = (app.browser(), app.browser());
    first.sign_in(KNOWN_PHONE).await;
    app.advance(minutes(1)).await;
    second.sign_in(KNOWN_PHONE).await;
    assert!(
        second.is_signed_in().await,
        "never the one that has just begun"
    );
    assert!(
        farewell(&mut first)
            .await
            .contains("more devices than you can use at once")
    );
}

#[tokio::test]
async fn k9_k10_k6_other_ends_are_told_too() {
    let app = TestApp::start().await;
    let (mut one, mut other) = (app.browser(), app.browser());
    one.sign_in(KNOWN_PHONE).await;
    app.advance(minutes(1)).await;
    other.sign_in(KNOWN_PHONE).await;
    other
        .post("revoke-session", &[("id", "others")])
        .await
        .assert_next("/account");
    assert!(farewell(&mut one).await.contains("from another browser"));

    let sub = other.get("/api/session").await.json()["sub"]
        .as_str()
        .unwrap()
        .to_owned();
    let revoke = AdminCommand::SessionsRevoke {
        whose: SessionOwner::User(sub),
    };
    assert!(matches!(
        carry_out(&app.product, &revoke).await,
        AdminReply::Revoked { count: 1 }
    ));
    assert!(
        farewell(&mut other)
            .await
            .contains("by whoever runs this service")
    );

    app.advance(minutes(1)).await;
    one.sign_in(KNOWN_PHONE).await;
    app.advance(minutes(30)).await;
    assert!(farewell(&mut one).await.contains("because you were away"));
    let ended = app.audit.events_named("session_ended");
    let ends: Vec<_> = ended
        .iter()
        .map(|event| event["by"].as_str().unwrap())
        .collect();
    assert_eq!(ends, ["revoked", "operator", "expired"]);

    // The reason is forgotten long afterwards.
    one.sign_in(KNOWN_PHONE).await;
    app.advance(minutes(30 + 60)).await;
    assert!(
        farewell(&mut one)
            .await
            .contains("You are not signed in any more.")
    );
}

#[tokio::test]
async fn l1_dead_cookies_are_put_on_record_and_a_flood_of_them_is_not() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    browser.sign_in(KNOWN_PHONE).await;
    let stolen = browser.clone();
    browser.post("sign-out", &[]).await;
    stolen.clone().get("/sign-in").await;
    let used = app.audit.events_named("session_use_after_expire");
    assert_eq!(used.len(), 1);
    assert_eq!(
        used[0]["session"],
        app.audit.events_named("session_created")[0]["session"],
        "it says whose cookie it was"
    );
    let made_up = "p".repeat(42) + "A";
    for _ in 0..200 {
        let request = browser
            .request(Method::GET, "/sign-in")
            .header("cookie", format!("latchkey={made_up}"));
        app.call(request.body(axum::body::Body::empty()).unwrap())
            .await;
    }
    assert_eq!(app.audit.count("session_use_after_expire"), 60);
    app.advance(seconds(60)).await;
    stolen.clone().get("/sign-in").await;
    assert_eq!(
        app.audit
            .events_named("session_use_after_expire")
            .last()
            .unwrap()["left_out"],
        141
    );
}
