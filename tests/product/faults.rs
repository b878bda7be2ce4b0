//! An upstream that is down, refuses, hangs, breaks off or lies: what the person gets, and what it
//! costs.
//!
//! - `table`: every call with every fault, compared with the table in `docs/faults.md`; `scenarios`
//!   plays them.
//! - `voided_codes`: what a 401 did not spend is given back.
//! - `client_authentication`: the client proves itself by a key.
//! - `clock_skew`: clocks that differ.

mod client_authentication;
mod clock_skew;
mod scenarios;
mod table;
mod voided_codes;

use std::sync::Arc;
use std::time::Duration;

use latchkey::server::store::redb::{RedbOptions, RedbStore};

use crate::support::{
    Answer, Browser, KNOWN, UNKNOWN, Upstream, World, different_code, seconds, wait_until,
};

/// Sends a form whose answer waits for nothing but an upstream that may hang: the clock is moved by
/// steps until it leaves.
async fn patiently(browser: &Browser, door: &str, fields: &[(&str, &str)]) -> Answer {
    finished(&browser.world, door, browser.form(door, fields)).await
}

/// Sends a request and moves the clock until it is answered.
async fn finished(
    world: &Arc<World>,
    door: &str,
    request: http::Request<axum::body::Body>,
) -> Answer {
    let waiting = world.begin(request);
    for _ in 0..60 {
        for _ in 0..20 {
            if waiting.is_finished() {
                return waiting.await.unwrap();
            }
            crate::support::pause(5).await;
        }
        world.advance(Duration::from_millis(500)).await;
    }
    panic!("{door} was not answered within half a minute");
}

#[tokio::test]
async fn an_upstream_that_is_down_at_start_stops_no_page_and_tells_everybody_alike() {
    let upstream = Arc::new(Upstream::start().await);
    let store = || Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
    let world = World::over(store(), upstream.clone(), |settings| {
        // Nobody listens on port 1.
        settings.transmit.base_url = Some("http://127.0.0.1:1/".parse().unwrap());
    });
    let mut browser = world.browser();
    assert_eq!(browser.get("/sign-in").await.status, 200);
    let known = patiently(&browser, "send-code", &[("phone", KNOWN)]).await;
    let unknown = patiently(&browser, "send-code", &[("phone", UNKNOWN)]).await;
    assert_eq!(
        known.problem(503, "unavailable"),
        unknown.problem(503, "unavailable")
    );
    assert_eq!(known.cookies(), Vec::<&str>::new());
    patiently(&browser, "sign-up", &[("phone", UNKNOWN)])
        .await
        .problem(503, "unavailable");
    browser.post("sign-out", &[]).await.next("/sign-in");
}

#[tokio::test]
async fn without_a_client_token_or_a_key_nothing_is_sent() {
    for (operation, kind) in [
        ("token", "status"),
        ("token", "reset"),
        ("token", "garbage"),
        ("token", "hang"),
        ("jwks", "status"),
        ("jwks", "reset"),
        ("jwks", "garbage"),
        ("jwks", "hang"),
    ] {
        let world = World::start().await;
        world.upstream.user(KNOWN, "Active").await;
        world.upstream.fault(operation, kind, None).await;
        let browser = world.browser();
        let answer = patiently(&browser, "send-code", &[("phone", KNOWN)]).await;
        answer.problem(503, "unavailable");
        assert!(
            answer.took <= seconds(11),
            "{operation} {kind}: {:?}",
            answer.took
        );
        assert_eq!(
            world.upstream.count("otp_send").await,
            0,
            "{operation} {kind}"
        );
        // It comes back without a restart, and nothing was charged.
        world.upstream.fault(operation, kind, Some(0)).await;
        world.advance(seconds(15)).await;
        world.browser().ask(KNOWN).await.next("/code");
        assert_eq!(
            world.upstream.messages(KNOWN).await.len(),
            1,
            "{operation} {kind}"
        );
    }
}

#[tokio::test]
async fn t9_refused_credentials_are_not_hammered() {
    let world = World::start().await;
    world.upstream.status("token", 401).await;
    for _ in 0..5 {
        world.browser().ask(KNOWN).await.problem(503, "unavailable");
    }
    assert_eq!(world.upstream.count("token").await, 1);
    world.advance(seconds(11)).await;
    world.browser().ask(KNOWN).await.problem(503, "unavailable");
    assert_eq!(world.upstream.count("token").await, 2);
}

/// Another process over the same store: its flows are there, its client token and keys are not.
async fn restarted(
    world: &World,
    store: &Arc<RedbStore>,
    operation: &str,
    browser: &Browser,
) -> Browser {
    let upstream = world.upstream.clone();
    upstream.fault(operation, "reset", None).await;
    let ahead = world
        .now()
        .since(latchkey::server::system::clock::Clock::system().now());
    let world = World::later(store.clone(), upstream, ahead, |_| {});
    Browser {
        world,
        ..browser.clone()
    }
}

#[tokio::test]
async fn no_try_is_burned_for_want_of_a_client_token_or_a_key() {
    for operation in ["token", "jwks"] {
        let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
        let first = World::over(store.clone(), Arc::new(Upstream::start().await), |_| {});
        let (browser, code) = first.asked(KNOWN).await;
        let mut browser = restarted(&first, &store, operation, &browser).await;
        for _ in 0..4 {
            patiently(&browser, "verify-code", &[("code", &code)])
                .await
                .problem(503, "unavailable");
        }
        assert_eq!(first.upstream.count("otp_authenticate").await, 0);
        first.upstream.fault(operation, "reset", Some(0)).await;
        browser.world.advance(seconds(15)).await;
        assert_eq!(
            browser
                .verify(&different_code(&code))
                .await
                .problem(401, "code_refused")["tries_left"],
            1
        );
        browser.verify(&code).await.next("/account");
    }
}

#[tokio::test]
async fn a_verify_that_never_left_is_503_at_once_and_its_try_is_given_back() {
    let world = World::start().await;
    let (mut browser, code) = world.asked(KNOWN).await;
    world.upstream.stop().await;
    for _ in 0..4 {
        let answer = browser.verify(&code).await;
        answer.problem(503, "unavailable");
        assert_eq!(answer.took, seconds(0));
    }
    world.upstream.restart().await;
    assert_eq!(
        browser.verify("000000").await.problem(401, "code_refused")["tries_left"],
        1
    );
}

#[tokio::test]
async fn t7_whatever_happens_after_a_verify_was_written_looks_like_a_wrong_code() {
    let mut told = Vec::new();
    for (kind, leaves) in [
        ("none", 1500),
        ("reset", 1500),
        ("garbage", 1500),
        ("status", 1500),
        ("hang", 10_000),
    ] {
        let world = World::start().await;
        let (mut browser, code) = world.asked(KNOWN).await;
        if kind != "none" {
            world.upstream.fault("otp_authenticate", kind, None).await;
        }
        let typed = if kind == "none" {
            different_code(&code)
        } else {
            code.clone()
        };
        let answer = if kind == "hang" {
            let start = world.now();
            let waiting = world.begin(browser.form("verify-code", &[("code", &typed)]));
            wait_until("the call", async || {
                world.upstream.count("otp_authenticate").await == 1
            })
            .await;
            for millis in [1500, 5000, 9999] {
                world.advance_to(start, Duration::from_millis(millis)).await;
                crate::support::pause(20).await;
                assert!(
                    !waiting.is_finished(),
                    "left at {millis} before upstream's deadline"
                );
            }
            world.advance_to(start, seconds(10)).await;
            waiting.await.unwrap()
        } else {
            browser.verify(&typed).await
        };
        assert_eq!(answer.took, Duration::from_millis(leaves), "{kind}");
        let problem = answer.problem(401, "code_refused");
        assert_eq!(problem["tries_left"], 1);
        told.push(problem);
        assert_eq!(
            world.upstream.count("otp_authenticate").await,
            1,
            "{kind}: a verify is never made again"
        );
        assert_eq!(
            world.audit.count("session_created"),
            0,
            "{kind}: a failure never opens the door"
        );
        // No flow was lost: when upstream is well again the code still works, unless it was
        // processed.
        world
            .upstream
            .fault("otp_authenticate", "reset", Some(0))
            .await;
        browser.verify(&code).await.next("/account");
    }
    assert!(told.iter().all(|problem| *problem == told[0]), "{told:?}");
}

#[tokio::test]
async fn t7_lies_in_a_good_answer_never_open_the_door() {
    for body in [
        serde_json::json!({}),
        serde_json::json!({ "access_token": "a.b.c", "id_token": "a.b.c", "session_id": "s" }),
        serde_json::json!({ "access_token": "", "session_id": "s", "token_type": "Bearer", "expires_in": 3600 }),
        serde_json::json!([]),
        serde_json::json!("ok"),
    ] {
        let world = World::start().await;
        let (mut browser, code) = world.asked(KNOWN).await;
        let fault = serde_json::json!({ "operation": "otp_authenticate", "kind": "status", "status": 200, "body": body });
        world.upstream.set_fault(fault).await;
        browser.verify(&code).await.problem(401, "code_refused");
        assert!(!browser.is_signed_in().await);
        assert_eq!(world.upstream.count("otp_authenticate").await, 1);
    }
}

#[tokio::test]
async fn t5_keys_that_turn_fail_no_sign_in() {
    let world = World::start().await;
    world.browser().sign_in(KNOWN).await;
    world.advance(seconds(120)).await;
    world.upstream.rotate().await;
    world.browser().sign_in(KNOWN).await;
    assert_eq!(world.upstream.count("jwks").await, 2);
}

#[tokio::test]
async fn an_upstream_that_fails_at_sign_out_keeps_nobody_in() {
    for kind in ["reset", "garbage", "status"] {
        let world = World::start().await;
        let mut browser = world.browser();
        browser.sign_in(KNOWN).await;
        world.upstream.fault("session_logout", kind, None).await;
        let before = browser.clone();
        patiently(&browser, "sign-out", &[]).await.next("/sign-in");
        assert!(!before.clone().is_signed_in().await, "{kind}");
        browser.cookies.clear();
    }
}
