//! Notices to a user about sign-ins and ended sessions that may not have been theirs (requirements
//! R6, K11).

use std::sync::Arc;

use http::Method;
use http::header::USER_AGENT;
use latchkey::server::admin::commands::{AdminCommand, AdminReply, SessionOwner, run_command};

use crate::support::{Browser, KNOWN_PHONE, TestApp, minutes, seconds};

const NEW_BROWSER_NOTICE: &str = "New browser signed in";
const CHROME: &str =
    "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36";
const DAY: u64 = 24 * 60;

/// Signs in with another browser.
async fn sign_in_with_chrome(app: &Arc<TestApp>) -> Browser {
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

async fn account_page(browser: &mut Browser) -> String {
    let page = browser.get("/account").await;
    assert_eq!(page.status, 200);
    page.body
}

/// The notice that the sign-in page shows once after a session has ended.
async fn sign_out_notice(browser: &mut Browser) -> String {
    browser.get("/account").await.assert_redirect("/sign-in");
    let page = browser.get("/sign-in").await;
    assert!(page.cookie("latchkey").unwrap().contains("Max-Age=0"));
    assert!(browser.cookie("latchkey").is_none());
    let notice = page
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
        "shown once"
    );
    notice
}

#[tokio::test]
async fn r6_a_sign_in_with_a_new_browser_is_shown_in_older_sessions() {
    let app = TestApp::start().await;
    let mut owner = app.signed_in().await;
    assert!(
        !account_page(&mut owner).await.contains(NEW_BROWSER_NOTICE),
        "no other browser signed in"
    );
    app.advance(minutes(1)).await;
    let mut other_browser = sign_in_with_chrome(&app).await;
    let page = account_page(&mut owner).await;
    assert!(
        page.contains(NEW_BROWSER_NOTICE) && page.contains("Chrome on Android, "),
        "{page}"
    );
    assert!(
        !account_page(&mut other_browser)
            .await
            .contains(NEW_BROWSER_NOTICE),
        "earlier browsers are not shown"
    );
    // A session that is signed out immediately is reported as well.
    other_browser.post("sign-out", &[]).await;
    assert!(account_page(&mut owner).await.contains(NEW_BROWSER_NOTICE));
    let events = app.audit.events_named("authn_login_success");
    assert_eq!(
        events
            .iter()
            .map(|event| event["new_browser"].as_bool())
            .collect::<Vec<_>>(),
        [Some(true), Some(true)]
    );
}

#[tokio::test]
async fn r6_a_new_browser_is_shown_at_the_next_sign_in_for_a_week() {
    for (days, is_shown) in [(1, true), (6, true), (7, false)] {
        let app = TestApp::start().await;
        let mut owner = app.signed_in().await;
        owner.post("sign-out", &[]).await;
        app.advance(minutes(1)).await;
        let mut other_browser = sign_in_with_chrome(&app).await;
        other_browser.post("sign-out", &[]).await;
        app.advance(minutes(days * DAY)).await;
        owner.sign_in(KNOWN_PHONE).await;
        let page = account_page(&mut owner).await;
        assert_eq!(page.contains("Chrome on Android, "), is_shown, "{days}");
        assert!(
            !page.contains("Firefox on Linux, "),
            "the user's own first sign-in is not shown"
        );
    }
}

#[tokio::test]
async fn r6_other_users_see_no_notice() {
    let app = TestApp::start().await;
    let mut other = app.browser();
    other.sign_in("+447400777888").await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    app.advance(minutes(1)).await;
    sign_in_with_chrome(&app).await;
    assert!(!account_page(&mut other).await.contains(NEW_BROWSER_NOTICE));
}

#[tokio::test]
async fn r6_a_sign_in_after_a_long_absence_is_shown_and_audit_logged() {
    for (days, is_shown) in [(89, false), (90, true)] {
        let app = TestApp::start().await;
        let mut browser = app.signed_in().await;
        assert!(!account_page(&mut browser).await.contains("Welcome back"));
        app.advance(minutes(days * DAY)).await;
        browser.sign_in(KNOWN_PHONE).await;
        assert_eq!(
            account_page(&mut browser).await.contains("Welcome back"),
            is_shown,
            "{days}"
        );
        let events = app.audit.events_named("authn_login_success");
        assert_eq!(events[1]["long_absent"], is_shown);
    }
}

#[tokio::test]
async fn k11_the_reason_is_shown_when_the_session_limit_ended_a_session() {
    let app = TestApp::with_settings(|settings| settings.session.max_per_user = 1).await;
    let (mut first, mut second) = (app.browser(), app.browser());
    first.sign_in(KNOWN_PHONE).await;
    app.advance(minutes(1)).await;
    second.sign_in(KNOWN_PHONE).await;
    assert!(
        second.is_signed_in().await,
        "the new session is never ended"
    );
    assert!(
        sign_out_notice(&mut first)
            .await
            .contains("as many devices as you can use at once")
    );
}

#[tokio::test]
async fn k9_k10_k6_the_reason_is_shown_when_a_session_was_ended_otherwise() {
    let app = TestApp::start().await;
    let (mut one, mut other) = (app.browser(), app.browser());
    one.sign_in(KNOWN_PHONE).await;
    app.advance(minutes(1)).await;
    other.sign_in(KNOWN_PHONE).await;
    other
        .post("revoke-session", &[("id", "others")])
        .await
        .assert_next("/account");
    assert!(
        sign_out_notice(&mut one)
            .await
            .contains("from another browser")
    );

    let sub = other.user_id().await;
    let revoke = AdminCommand::SessionsRevoke {
        owner: SessionOwner::User(sub),
    };
    assert!(matches!(
        run_command(&app.product.admin_services(), &revoke).await,
        AdminReply::Revoked { count: 1 }
    ));
    assert!(
        sign_out_notice(&mut other)
            .await
            .contains("An administrator signed you out.")
    );

    app.advance(minutes(1)).await;
    one.sign_in(KNOWN_PHONE).await;
    app.advance(minutes(30)).await;
    assert!(
        sign_out_notice(&mut one)
            .await
            .contains("Your session timed out")
    );
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
        sign_out_notice(&mut one)
            .await
            .contains("You’re no longer signed in.")
    );
}

#[tokio::test]
async fn l1_use_of_ended_sessions_is_audit_logged_and_sampled_in_a_flood() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in().await;
    let stolen = browser.clone();
    browser.post("sign-out", &[]).await;
    stolen.clone().get("/sign-in").await;
    let used = app.audit.events_named("session_use_after_expire");
    assert_eq!(used.len(), 1);
    assert_eq!(
        used[0]["session"],
        app.audit.events_named("session_created")[0]["session"],
        "the event names the session"
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
