//! `sign_in.recycled_after`: devices and sessions of before do not carry over after an absence in
//! which the number may have changed hands.

use std::sync::Arc;

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::settings::HumanDuration;
use serde_json::json;

use crate::support::{Browser, KNOWN_PHONE, TestApp, minutes};

const OTHER_PHONE: &str = "+447400777888";
const DAY: u64 = 24 * 60;

async fn app_with(recycled_after: HumanDuration) -> Arc<TestApp> {
    TestApp::with_settings(|settings| {
        settings.sign_in.recycled_after = recycled_after;
        settings.session.stay_idle_timeout = HumanDuration::days(30);
        settings.session.stay_absolute_timeout = HumanDuration::days(30);
    })
    .await
}

/// Signs in and out, as a device that is then recognised.
async fn visit(browser: &mut Browser, phone: &str) {
    browser.sign_in(phone).await;
    browser.post("sign-out", &[]).await;
}

/// Whether the newest sign-in was with a device that was not recognised.
fn was_unrecognised(app: &TestApp) -> bool {
    let events = app.audit.events_named("authn_login_success");
    events.last().unwrap()["new_browser"].as_bool().unwrap()
}

#[tokio::test]
async fn a_device_of_before_the_absence_is_no_longer_recognised() {
    for (days, setting, is_recycled) in [
        (179, HumanDuration::days(180), false),
        (180, HumanDuration::days(180), true),
        (399, HumanDuration::seconds(0), false),
        (2, HumanDuration::days(2), true),
    ] {
        let app = app_with(setting).await;
        let (mut owner, before) = (app.browser(), app.now());
        visit(&mut owner, KNOWN_PHONE).await;
        let after = app.now();
        app.advance(minutes(days * DAY)).await;
        owner.sign_in(KNOWN_PHONE).await;
        assert_eq!(was_unrecognised(&app), is_recycled, "{days}");
        let events = app.audit.events_named("authn_number_recycled");
        assert_eq!(events.len(), usize::from(is_recycled), "{days}");
        if let Some(event) = events.first() {
            let success = &app.audit.events_named("authn_login_success")[0];
            assert_eq!(
                (&event["user"], &event["subject"], &event["sessions"]),
                (&success["user"], &success["subject"], &json!(0))
            );
            let last = event["last_sign_in"].as_str().unwrap();
            let (earliest, latest) = (before.to_rfc3339(), after.to_rfc3339());
            assert!(*earliest <= *last && *last <= *latest, "{event}");
            // The one who has entered the code is recognised from now on.
            owner.post("sign-out", &[]).await;
            app.advance(minutes(1)).await;
            owner.sign_in(KNOWN_PHONE).await;
            assert!(!was_unrecognised(&app));
            assert_eq!(app.audit.count("authn_number_recycled"), 1);
        }
    }
}

#[tokio::test]
async fn a_shared_device_is_forgotten_for_the_recycled_number_alone() {
    let app = app_with(HumanDuration::days(180)).await;
    let mut tablet = app.browser();
    visit(&mut tablet, KNOWN_PHONE).await;
    for _ in 0..2 {
        app.advance(minutes(90 * DAY)).await;
        visit(&mut tablet, OTHER_PHONE).await;
    }
    assert!(!was_unrecognised(&app), "the other number was in use");
    visit(&mut tablet, KNOWN_PHONE).await;
    assert!(was_unrecognised(&app));
}

#[tokio::test]
async fn sessions_of_before_the_absence_end() {
    for (days, is_recycled) in [(9, false), (10, true)] {
        let app = app_with(HumanDuration::days(10)).await;
        app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
        let mut before = app.browser();
        let fields = [("phone", KNOWN_PHONE), ("stay", "1")];
        before.post("send-code", &fields).await.assert_next("/code");
        app.wait_for_sends().await;
        before.finish(KNOWN_PHONE).await;
        app.advance(minutes(days * DAY)).await;
        assert!(before.is_signed_in().await, "it lives for 30 days");

        let mut after = app.signed_in().await;
        assert!(after.is_signed_in().await);
        assert_eq!(before.is_signed_in().await, !is_recycled, "{days}");
        let ended = app.audit.events_named("session_ended");
        let reasons: Vec<_> = ended.iter().map(|event| &event["by"]).collect();
        let events = app.audit.events_named("authn_number_recycled");
        if is_recycled {
            assert_eq!(reasons, [&json!("recycled_number")]);
            assert_eq!(events[0]["sessions"], 1);
            // The page says no more than of any session that is gone.
            before.get("/account").await.assert_redirect("/sign-in");
            let page = before.get("/sign-in").await;
            assert!(
                page.body.contains("You’re no longer signed in."),
                "{}",
                page.body
            );
        } else {
            assert_eq!((reasons.len(), events.len()), (0, 0));
        }
    }
}

#[tokio::test]
async fn upstream_may_know_of_a_later_or_the_only_earlier_sign_in() {
    let now = |app: &TestApp| app.now().as_secs();
    let tell = async |app: &TestApp, last_auth: u64| {
        app.upstream
            .tamper_with_tokens(json!({ "token": "id", "claims": { "last_auth": last_auth } }))
            .await;
    };
    // Signed in elsewhere meanwhile.
    let app = app_with(HumanDuration::days(180)).await;
    visit(&mut app.browser(), KNOWN_PHONE).await;
    app.advance(minutes(200 * DAY)).await;
    tell(&app, now(&app) - 86_400).await;
    visit(&mut app.browser(), KNOWN_PHONE).await;
    assert_eq!(app.audit.count("authn_number_recycled"), 0);

    // Never signed in here.
    for (days, count) in [(179, 0), (181, 1)] {
        let app = app_with(HumanDuration::days(180)).await;
        let last = now(&app) - days * 86_400;
        tell(&app, last).await;
        visit(&mut app.browser(), KNOWN_PHONE).await;
        let events = app.audit.events_named("authn_number_recycled");
        assert_eq!(events.len(), count, "{days}");
        if let Some(event) = events.first() {
            let expected = Timestamp::from_secs(last).to_rfc3339();
            assert_eq!(event["last_sign_in"], expected);
        }
    }
}
