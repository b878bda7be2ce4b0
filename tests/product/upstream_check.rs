//! Whether upstream still knows a user, asked lazily (requirement K14).

use std::sync::Arc;

use latchkey::server::settings::{SessionCheck, Settings};

use crate::support::fault_store::Gate;
use crate::support::{Browser, KNOWN, Upstream, World, minutes, seconds, wait_until};

async fn signed_in(check: SessionCheck) -> (std::sync::Arc<World>, Browser) {
    let world = World::with(|settings| {
        settings.session.check = check;
        settings.session.idle_timeout = "12h".parse().unwrap();
    })
    .await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    (world, browser)
}

fn operation(check: SessionCheck) -> &'static str {
    match check {
        SessionCheck::Session => "session_authenticate",
        SessionCheck::User => "user_get",
    }
}

const BOTH: [SessionCheck; 2] = [SessionCheck::Session, SessionCheck::User];

#[tokio::test]
async fn k14_a_user_disabled_upstream_is_out_after_the_check_interval() {
    for check in BOTH {
        let (world, mut browser) = signed_in(check).await;
        world.upstream.user(KNOWN, "Disabled").await;
        // Up to a fifth of the hour early, so that sessions that began together do not ask
        // together.
        world.advance(minutes(47)).await;
        assert!(browser.is_signed_in().await, "{check:?}");
        assert_eq!(world.upstream.count(operation(check)).await, 0);
        world.advance(minutes(13)).await;
        assert!(!browser.is_signed_in().await, "{check:?}");
        browser.get("/account").await.leads_to("/sign-in");
        assert_eq!(world.upstream.count(operation(check)).await, 1);
        let ended = world.audit.events_named("session_ended");
        assert_eq!(
            (ended.len(), ended[0]["by"].as_str()),
            (1, Some("upstream"))
        );
    }
}

/// Whatever `session/authenticate` says of a disabled user, one of the two checks notices.
#[tokio::test]
async fn k14_what_upstream_says_of_a_disabled_users_session_decides_which_check_is_needed() {
    for (says, check, notices) in [
        ("400", SessionCheck::Session, true),
        ("403", SessionCheck::Session, true),
        // There is nothing to notice: the session lives. This is what `session.check = user` is
        // for.
        ("alive", SessionCheck::Session, false),
        ("400", SessionCheck::User, true),
        ("403", SessionCheck::User, true),
        ("alive", SessionCheck::User, true),
    ] {
        let (world, mut browser) = signed_in(check).await;
        world
            .upstream
            .policy(serde_json::json!({ "disabled_user_session": says }))
            .await;
        world.upstream.user(KNOWN, "Disabled").await;
        world.advance(minutes(60)).await;
        assert_eq!(!browser.is_signed_in().await, notices, "{says}, {check:?}");
        assert_eq!(world.upstream.count(operation(check)).await, 1);
    }
}

#[tokio::test]
async fn k14_a_user_who_is_gone_upstream_is_out_too() {
    for check in BOTH {
        let (world, mut browser) = signed_in(check).await;
        world.upstream.user(KNOWN, "absent").await;
        world.advance(minutes(60)).await;
        assert!(!browser.is_signed_in().await, "{check:?}");
    }
}

#[tokio::test]
async fn k14_upstream_is_asked_once_an_interval_however_many_tabs() {
    for check in BOTH {
        let (world, mut browser) = signed_in(check).await;
        for round in 1..=3 {
            world.advance(minutes(60)).await;
            world.upstream.latency(operation(check), "known", 50).await;
            let tabs: Vec<_> = (0..20)
                .map(|_| {
                    let request = browser
                        .request(http::Method::GET, "/api/session")
                        .body(axum::body::Body::empty());
                    world.begin(request.unwrap())
                })
                .collect();
            for tab in tabs {
                assert_eq!(tab.await.unwrap().status, 200);
            }
            assert!(browser.is_signed_in().await);
            assert_eq!(
                world.upstream.count(operation(check)).await,
                round,
                "{check:?}"
            );
        }
    }
}

#[tokio::test]
async fn k14_an_upstream_that_is_down_throws_nobody_out_before_the_grace_ends() {
    for check in BOTH {
        let (world, mut browser) = signed_in(check).await;
        world.upstream.status(operation(check), 400).await;
        world.advance(minutes(60)).await;
        assert!(browser.is_signed_in().await, "{check:?}");
        world.advance(minutes(4 * 60 - 1)).await;
        assert!(
            browser.is_signed_in().await,
            "{check:?}: one minute of grace is left"
        );
        world.advance(minutes(1)).await;
        assert!(!browser.is_signed_in().await, "{check:?}");
    }
}

#[tokio::test]
async fn k14_an_upstream_that_comes_back_in_time_ends_nothing() {
    let (world, mut browser) = signed_in(SessionCheck::Session).await;
    world
        .upstream
        .fault("session_authenticate", "garbage", None)
        .await;
    world.advance(minutes(180)).await;
    assert!(browser.is_signed_in().await);
    world
        .upstream
        .fault("session_authenticate", "garbage", Some(0))
        .await;
    world.advance(minutes(10)).await;
    assert!(browser.is_signed_in().await);
    let asked = world.upstream.count("session_authenticate").await;
    world.advance(minutes(47)).await;
    assert!(browser.is_signed_in().await);
    assert_eq!(
        world.upstream.count("session_authenticate").await,
        asked,
        "the interval begins anew"
    );
}

#[tokio::test]
async fn k14_a_check_that_hangs_is_bounded() {
    let (world, browser) = signed_in(SessionCheck::Session).await;
    world
        .upstream
        .fault("session_authenticate", "hang", None)
        .await;
    world.advance(minutes(60)).await;
    let request = browser
        .request(http::Method::GET, "/api/session")
        .body(axum::body::Body::empty());
    let asking = world.begin(request.unwrap());
    wait_until("the check", async || {
        world.upstream.count("session_authenticate").await == 1
    })
    .await;
    assert!(!asking.is_finished());
    // Other tabs do not wait for it.
    assert!(browser.clone().is_signed_in().await);
    world.advance(seconds(10)).await;
    assert_eq!(asking.await.unwrap().status, 200);
}

#[tokio::test]
async fn k14_two_nodes_ask_once_between_them() {
    let (gate, upstream) = (Gate::new(), Arc::new(Upstream::start().await));
    let long = |settings: &mut Settings| settings.session.idle_timeout = "12h".parse().unwrap();
    let nodes = [(); 2].map(|()| World::over(gate.clone(), upstream.clone(), long));
    let mut browser = nodes[0].browser();
    browser.sign_in(KNOWN).await;
    for round in 1..=2 {
        nodes[0].advance(minutes(60)).await;
        nodes[1].catch_up(&nodes[0]);
        let tabs: Vec<_> = (0..30)
            .map(|tab| {
                let request = browser
                    .request(http::Method::GET, "/api/session")
                    .body(axum::body::Body::empty());
                nodes[tab % 2].begin(request.unwrap())
            })
            .collect();
        for tab in tabs {
            assert_eq!(tab.await.unwrap().status, 200);
        }
        for node in &nodes {
            browser.world = node.clone();
            assert!(browser.is_signed_in().await);
        }
        assert_eq!(upstream.count("session_authenticate").await, round);
    }
}

#[tokio::test]
async fn k14_activity_that_is_noted_meanwhile_costs_no_second_question() {
    let (world, mut browser) = signed_in(SessionCheck::Session).await;
    for round in 1..=3 {
        world.advance(minutes(60)).await;
        let visits: Vec<_> = (0..10)
            .map(|_| {
                let request = browser
                    .request(http::Method::GET, "/account")
                    .body(axum::body::Body::empty());
                world.begin(request.unwrap())
            })
            .collect();
        for visit in visits {
            assert_eq!(visit.await.unwrap().status, 200);
        }
        assert!(browser.is_signed_in().await);
        assert_eq!(world.upstream.count("session_authenticate").await, round);
    }
}

#[tokio::test]
async fn k14_sessions_that_began_together_do_not_ask_together() {
    const PEOPLE: u64 = 60;
    let world = World::with(|settings| {
        settings.session.check_interval = "100m".parse().unwrap();
        settings.session.idle_timeout = "12h".parse().unwrap();
        settings.guard.enabled = false;
    })
    .await;
    let mut browsers = Vec::new();
    for number in 0..PEOPLE {
        let mut browser = world.browser();
        browser.sign_in(&format!("+44740030{number:04}")).await;
        browsers.push(browser);
    }
    let mut asked = Vec::new();
    world.advance(minutes(79)).await;
    // From four fifths of the interval on, a few at a time.
    for _ in 0..11 {
        for browser in &mut browsers {
            assert!(browser.is_signed_in().await);
        }
        asked.push(world.upstream.count("session_authenticate").await);
        world.advance(minutes(2)).await;
    }
    for browser in &mut browsers {
        assert!(browser.is_signed_in().await);
    }
    asked.push(world.upstream.count("session_authenticate").await);
    let steps: Vec<_> = asked.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(
        (asked[0], asked.last()),
        (0, Some(&PEOPLE)),
        "none early, everybody in time, each once: {asked:?}"
    );
    assert!(steps.iter().all(|step| *step <= PEOPLE / 2), "{steps:?}");
    assert!(
        steps.iter().filter(|step| **step > 0).count() >= 7,
        "{steps:?}"
    );
}

#[tokio::test]
async fn k14_extending_a_session_asks_too() {
    for check in BOTH {
        let (world, mut browser) = signed_in(check).await;
        world.upstream.user(KNOWN, "Disabled").await;
        world.advance(minutes(60)).await;
        browser
            .post("extend-session", &[])
            .await
            .problem(401, "not_signed_in");
    }
}

#[tokio::test]
async fn k14_while_upstream_cannot_be_asked_it_is_asked_once_a_minute() {
    let (world, mut browser) = signed_in(SessionCheck::Session).await;
    // Refused at once, and not retried: a fault that no breaker counts.
    world.upstream.status("session_authenticate", 400).await;
    world.advance(minutes(60)).await;
    for minute in 1..=4 {
        for _ in 0..10 {
            assert!(browser.is_signed_in().await);
        }
        assert_eq!(world.upstream.count("session_authenticate").await, minute);
        world.advance(minutes(1)).await;
    }
}
