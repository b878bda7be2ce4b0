//! Whether upstream still knows a user, checked lazily (requirement K14).

use std::sync::Arc;

use latchkey::server::settings::{SessionCheck, Settings};

use crate::support::{Browser, KNOWN_PHONE, TestApp, Upstream, minutes, seconds};
use latchkey_testkit::fault_store::FaultStore;

async fn signed_in(check: SessionCheck) -> (std::sync::Arc<TestApp>, Browser) {
    let app = TestApp::with_settings(|settings| {
        settings.session.check = check;
        settings.session.idle_timeout = "12h".parse().unwrap();
    })
    .await;
    let browser = app.signed_in().await;
    (app, browser)
}

fn operation(check: SessionCheck) -> &'static str {
    match check {
        SessionCheck::Session => "session_authenticate",
        SessionCheck::User => "user_get",
    }
}

const BOTH: [SessionCheck; 2] = [SessionCheck::Session, SessionCheck::User];

#[tokio::test]
async fn k14_a_disabled_user_is_signed_out_after_the_check_interval() {
    for check in BOTH {
        let (app, mut browser) = signed_in(check).await;
        app.upstream.set_user_status(KNOWN_PHONE, "Disabled").await;
        // The check may be made up to a fifth of the hour early, so that sessions that started
        // together do not check together.
        app.advance(minutes(47)).await;
        assert!(browser.is_signed_in().await, "{check:?}");
        assert_eq!(app.upstream.call_count(operation(check)).await, 0);
        app.advance(minutes(13)).await;
        assert!(!browser.is_signed_in().await, "{check:?}");
        browser.get("/account").await.assert_redirect("/sign-in");
        assert_eq!(app.upstream.call_count(operation(check)).await, 1);
        let ended = app.audit.events_named("session_ended");
        assert_eq!(
            (ended.len(), ended[0]["by"].as_str()),
            (1, Some("upstream"))
        );
    }
}

/// Whatever `session/authenticate` returns for a disabled user, one of the two checks notices.
#[tokio::test]
async fn k14_the_check_mode_decides_whether_a_disabled_user_is_noticed() {
    for (says, check, notices) in [
        ("400", SessionCheck::Session, true),
        ("403", SessionCheck::Session, true),
        // The session is still valid, so nothing is noticed. `session.check = user` exists for this
        // case.
        ("alive", SessionCheck::Session, false),
        ("400", SessionCheck::User, true),
        ("403", SessionCheck::User, true),
        ("alive", SessionCheck::User, true),
    ] {
        let (app, mut browser) = signed_in(check).await;
        app.upstream
            .set_policy(serde_json::json!({ "disabled_user_session": says }))
            .await;
        app.upstream.set_user_status(KNOWN_PHONE, "Disabled").await;
        app.advance(minutes(60)).await;
        assert_eq!(!browser.is_signed_in().await, notices, "{says}, {check:?}");
        assert_eq!(app.upstream.call_count(operation(check)).await, 1);
    }
}

#[tokio::test]
async fn k14_a_deleted_user_is_signed_out() {
    for check in BOTH {
        let (app, mut browser) = signed_in(check).await;
        app.upstream.set_user_status(KNOWN_PHONE, "absent").await;
        app.advance(minutes(60)).await;
        assert!(!browser.is_signed_in().await, "{check:?}");
    }
}

#[tokio::test]
async fn k14_concurrent_tabs_make_one_check_for_each_interval() {
    for check in BOTH {
        let (app, mut browser) = signed_in(check).await;
        for round in 1..=3 {
            app.advance(minutes(60)).await;
            app.upstream
                .set_latency(operation(check), "known", 50)
                .await;
            let tabs: Vec<_> = (0..20)
                .map(|_| {
                    let request = browser
                        .request(http::Method::GET, "/api/session")
                        .body(axum::body::Body::empty());
                    app.spawn_call(request.unwrap())
                })
                .collect();
            for tab in tabs {
                assert_eq!(tab.await.unwrap().status, 200);
            }
            assert!(browser.is_signed_in().await);
            assert_eq!(
                app.upstream.call_count(operation(check)).await,
                round,
                "{check:?}"
            );
        }
    }
}

#[tokio::test]
async fn k14_sessions_survive_an_outage_until_the_grace_period_ends() {
    for check in BOTH {
        let (app, mut browser) = signed_in(check).await;
        app.upstream.fail_with_status(operation(check), 400).await;
        app.advance(minutes(60)).await;
        assert!(browser.is_signed_in().await, "{check:?}");
        app.advance(minutes(4 * 60 - 1)).await;
        assert!(
            browser.is_signed_in().await,
            "{check:?}: one minute of grace is left"
        );
        app.advance(minutes(1)).await;
        assert!(!browser.is_signed_in().await, "{check:?}");
    }
}

#[tokio::test]
async fn k14_an_upstream_that_recovers_in_time_ends_no_session() {
    let (app, mut browser) = signed_in(SessionCheck::Session).await;
    app.upstream
        .inject_fault("session_authenticate", "garbage", None)
        .await;
    app.advance(minutes(180)).await;
    assert!(browser.is_signed_in().await);
    app.upstream
        .inject_fault("session_authenticate", "garbage", Some(0))
        .await;
    app.advance(minutes(10)).await;
    assert!(browser.is_signed_in().await);
    let checks = app.upstream.call_count("session_authenticate").await;
    app.advance(minutes(47)).await;
    assert!(browser.is_signed_in().await);
    assert_eq!(
        app.upstream.call_count("session_authenticate").await,
        checks,
        "the interval restarts"
    );
}

#[tokio::test]
async fn k14_a_hanging_check_times_out() {
    let (app, browser) = signed_in(SessionCheck::Session).await;
    app.upstream
        .inject_fault("session_authenticate", "hang", None)
        .await;
    app.advance(minutes(60)).await;
    let request = browser
        .request(http::Method::GET, "/api/session")
        .body(axum::body::Body::empty());
    let checking = app.spawn_call(request.unwrap());
    app.upstream.wait_for_calls("session_authenticate", 1).await;
    assert!(!checking.is_finished());
    // Other tabs do not wait for it.
    assert!(browser.clone().is_signed_in().await);
    app.advance(seconds(10)).await;
    assert_eq!(checking.await.unwrap().status, 200);
}

#[tokio::test]
async fn k14_two_nodes_share_one_check() {
    let (store, upstream) = (FaultStore::in_memory(), Arc::new(Upstream::start().await));
    let long = |settings: &mut Settings| settings.session.idle_timeout = "12h".parse().unwrap();
    let nodes = [(); 2].map(|()| TestApp::with_store(store.clone(), upstream.clone(), long));
    let mut browser = nodes[0].browser();
    browser.sign_in(KNOWN_PHONE).await;
    for round in 1..=2 {
        nodes[0].advance(minutes(60)).await;
        nodes[1].catch_up_with(&nodes[0]);
        let tabs: Vec<_> = (0..30)
            .map(|tab| {
                let request = browser
                    .request(http::Method::GET, "/api/session")
                    .body(axum::body::Body::empty());
                nodes[tab % 2].spawn_call(request.unwrap())
            })
            .collect();
        for tab in tabs {
            assert_eq!(tab.await.unwrap().status, 200);
        }
        for node in &nodes {
            browser.app = node.clone();
            assert!(browser.is_signed_in().await);
        }
        assert_eq!(upstream.call_count("session_authenticate").await, round);
    }
}

#[tokio::test]
async fn k14_concurrent_activity_causes_no_second_check() {
    let (app, mut browser) = signed_in(SessionCheck::Session).await;
    for round in 1..=3 {
        app.advance(minutes(60)).await;
        let visits: Vec<_> = (0..10)
            .map(|_| {
                let request = browser
                    .request(http::Method::GET, "/account")
                    .body(axum::body::Body::empty());
                app.spawn_call(request.unwrap())
            })
            .collect();
        for visit in visits {
            assert_eq!(visit.await.unwrap().status, 200);
        }
        assert!(browser.is_signed_in().await);
        assert_eq!(app.upstream.call_count("session_authenticate").await, round);
    }
}

#[tokio::test]
async fn k14_checks_of_simultaneous_sessions_are_spread() {
    const PEOPLE: u64 = 60;
    let app = TestApp::with_settings(|settings| {
        settings.session.check_interval = "100m".parse().unwrap();
        settings.session.idle_timeout = "12h".parse().unwrap();
        settings.guard.enabled = false;
    })
    .await;
    let mut browsers = Vec::new();
    for number in 0..PEOPLE {
        let mut browser = app.browser();
        browser.sign_in(&format!("+44740030{number:04}")).await;
        browsers.push(browser);
    }
    let mut checks = Vec::new();
    app.advance(minutes(79)).await;
    // From four fifths of the interval on, a few at a time.
    for _ in 0..11 {
        for browser in &mut browsers {
            assert!(browser.is_signed_in().await);
        }
        checks.push(app.upstream.call_count("session_authenticate").await);
        app.advance(minutes(2)).await;
    }
    for browser in &mut browsers {
        assert!(browser.is_signed_in().await);
    }
    checks.push(app.upstream.call_count("session_authenticate").await);
    let steps: Vec<_> = checks.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(
        (checks[0], checks.last()),
        (0, Some(&PEOPLE)),
        "none early, everybody in time, each once: {checks:?}"
    );
    assert!(steps.iter().all(|step| *step <= PEOPLE / 2), "{steps:?}");
    assert!(
        steps.iter().filter(|step| **step > 0).count() >= 7,
        "{steps:?}"
    );
}

#[tokio::test]
async fn k14_extend_session_checks_upstream() {
    for check in BOTH {
        let (app, mut browser) = signed_in(check).await;
        app.upstream.set_user_status(KNOWN_PHONE, "Disabled").await;
        app.advance(minutes(60)).await;
        browser
            .post("extend-session", &[])
            .await
            .assert_not_signed_in();
    }
}

#[tokio::test]
async fn k14_a_failed_check_is_retried_once_a_minute() {
    let (app, mut browser) = signed_in(SessionCheck::Session).await;
    // Refused immediately, and not retried: a fault that no circuit breaker counts.
    app.upstream
        .fail_with_status("session_authenticate", 400)
        .await;
    app.advance(minutes(60)).await;
    for minute in 1..=4 {
        for _ in 0..10 {
            assert!(browser.is_signed_in().await);
        }
        assert_eq!(
            app.upstream.call_count("session_authenticate").await,
            minute
        );
        app.advance(minutes(1)).await;
    }
}
