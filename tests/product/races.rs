//! Whoever ends all sessions wins every race: against what changes them, and against what begins
//! one (requirement K10).

use std::sync::Arc;

use axum::body::Body;
use http::Method;
use latchkey::server::admin::admin_socket::{AdminCommand, AdminReply, SessionOwner, carry_out};
use latchkey::server::store::RecordKind;

use crate::support::fault_store::{Call, Gate};
use crate::support::{Browser, KNOWN, Upstream, World, minutes, seconds, wait_until};

const OTHER: &str = "+447400777888";
/// How far the clock of the other node is ahead.
const AHEAD: u64 = 7;

async fn world() -> (Arc<World>, Arc<Gate>) {
    let gate = Gate::new();
    (
        World::over(gate.clone(), Arc::new(Upstream::start().await), |_| {}),
        gate,
    )
}

async fn sub(browser: &mut Browser) -> String {
    browser.get("/api/session").await.json()["sub"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Both ways to end all sessions of the user.
fn both(sub: &str) -> [SessionOwner; 2] {
    [SessionOwner::User(sub.to_owned()), SessionOwner::Everybody]
}

async fn revoke(world: &World, whose: &SessionOwner) -> usize {
    let command = AdminCommand::SessionsRevoke {
        whose: whose.clone(),
    };
    let answer = carry_out(&world.product, &command).await;
    let AdminReply::Revoked { count } = answer else {
        panic!("{answer:?}")
    };
    count
}

fn asks(browser: &Browser, path: &str) -> http::Request<Body> {
    browser
        .request(Method::GET, path)
        .body(Body::empty())
        .unwrap()
}

/// A user who is signed in with one browser, and the other's code.
async fn known(world: &Arc<World>) -> (Browser, String) {
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let sub = sub(&mut browser).await;
    (browser, sub)
}

#[tokio::test]
async fn k10_a_revocation_ends_the_session_that_a_code_on_its_way_opens() {
    for which in 0..2 {
        let (world, gate) = world().await;
        let (mut first, sub) = known(&world).await;
        world.advance(minutes(1)).await;
        let (mut browser, code) = world.asked(KNOWN).await;
        // Upstream has let the person in; the session is not written down yet.
        let hold = gate.hold(Call::Put(RecordKind::Session));
        let verifying = world.begin(browser.form("verify-code", &[("code", &code)]));
        hold.reached().await;
        assert_eq!(revoke(&world, &both(&sub)[which]).await, 1);
        hold.release();
        let answer = verifying.await.unwrap();
        answer.problem(409, "no_flow");
        browser.keep(&answer);
        assert!(answer.cookie("latchkey").is_none() && !browser.is_signed_in().await);
        assert!(!first.is_signed_in().await);
        let failed = world.audit.events_named("authn_login_fail");
        assert_eq!(
            failed
                .iter()
                .map(|event| event["reason"].as_str().unwrap())
                .collect::<Vec<_>>(),
            ["revoked"]
        );
        assert_eq!(
            world.audit.count("session_ended"),
            world.audit.count("session_created")
        );
        wait_until("the end upstream", async || {
            world
                .product
                .transmit
                .user_sessions(&sub)
                .await
                .unwrap()
                .is_empty()
        })
        .await;
    }
}

#[tokio::test]
async fn k9_whoever_ends_all_other_sessions_ends_the_one_that_a_code_on_its_way_opens() {
    let (world, gate) = world().await;
    let (mut owner, sub) = known(&world).await;
    let mut stranger = world.browser();
    stranger.sign_in(OTHER).await;
    world.advance(minutes(1)).await;
    let (mut browser, code) = world.asked(KNOWN).await;
    // Upstream has let them in; the session is in no list yet.
    let hold = gate.hold(Call::Put(RecordKind::Session));
    let verifying = world.begin(browser.form("verify-code", &[("code", &code)]));
    hold.reached().await;
    owner
        .post("revoke-session", &[("id", "others")])
        .await
        .next("/account");
    hold.release();
    let answer = verifying.await.unwrap();
    answer.problem(409, "no_flow");
    browser.keep(&answer);
    assert!(answer.cookie("latchkey").is_none() && !browser.is_signed_in().await);
    assert!(owner.is_signed_in().await && stranger.is_signed_in().await);
    assert_eq!(
        world.audit.events_named("session_ended")[0]["by"],
        "revoked"
    );
    assert_eq!(
        world.audit.events_named("authn_login_fail")[0]["reason"],
        "revoked"
    );
    wait_until("the end upstream", async || {
        world
            .product
            .transmit
            .user_sessions(&sub)
            .await
            .unwrap()
            .len()
            == 1
    })
    .await;

    // Nobody else's code is concerned, nor one that comes afterwards.
    world.advance(minutes(1)).await;
    let (mut browser, code) = world.asked(OTHER).await;
    owner
        .post("revoke-session", &[("id", "others")])
        .await
        .next("/account");
    browser.verify(&code).await.next("/account");
    world.advance(minutes(1)).await;
    let (mut browser, code) = world.asked(KNOWN).await;
    owner
        .post("revoke-session", &[("id", "others")])
        .await
        .next("/account");
    browser.verify(&code).await.next("/account");
    assert!(browser.is_signed_in().await && owner.is_signed_in().await);
}

#[tokio::test]
async fn k10_a_session_that_is_written_while_a_revocation_looks_for_sessions_ends_with_them() {
    let (world, gate) = world().await;
    let (_, sub) = known(&world).await;
    world.advance(minutes(1)).await;
    let (mut browser, code) = world.asked(KNOWN).await;
    let lists = gate.lists();
    let writing = gate.hold(Call::Put(RecordKind::Session));
    let verifying = world.begin(browser.form("verify-code", &[("code", &code)]));
    writing.reached().await;
    // The known browsers of the number are looked at meanwhile, and not held up.
    wait_until("a look at the known browsers", async || {
        gate.lists() > lists
    })
    .await;
    let looking = gate.hold(Call::Owned);
    let revoking = {
        let world = world.clone();
        tokio::spawn(async move { revoke(&world, &SessionOwner::User(sub)).await })
    };
    looking.reached().await;
    writing.release();
    let answer = verifying.await.unwrap();
    answer.problem(409, "no_flow");
    looking.release();
    revoking.await.unwrap();
    browser.keep(&answer);
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn k10_a_code_that_comes_after_a_revocation_opens_a_session_as_ever() {
    let (world, gate) = world().await;
    let (mut first, sub) = known(&world).await;
    world.advance(minutes(1)).await;
    // Asked for before; typed when the revocation is written down but has not looked for sessions
    // yet.
    let (mut browser, code) = world.asked(KNOWN).await;
    let looking = gate.hold_after(1, Call::Owned);
    let revoking = {
        let world = world.clone();
        let sub = sub.clone();
        tokio::spawn(async move {
            let one = revoke(&world, &SessionOwner::User(sub.clone())).await;
            let two = revoke(&world, &SessionOwner::User(sub)).await;
            (one, two)
        })
    };
    looking.reached().await;
    let verifying = world.begin(browser.form("verify-code", &[("code", &code)]));
    wait_until("the session", async || {
        world.audit.count("session_created") == 2
    })
    .await;
    looking.release();
    assert_eq!(revoking.await.unwrap(), (1, 0));
    let answer = verifying.await.unwrap();
    answer.next("/account");
    browser.keep(&answer);
    assert!(browser.is_signed_in().await && !first.is_signed_in().await);
}

#[tokio::test]
async fn k10_nothing_that_is_being_written_brings_a_session_back() {
    for which in 0..2 {
        for what in ["touch", "extend", "check"] {
            let (world, gate) = world().await;
            let (browser, sub) = known(&world).await;
            world
                .advance(minutes(if what == "check" { 60 } else { 2 }))
                .await;
            let mut browser = browser;
            if what == "check" {
                // Alive until then.
                browser = world.browser();
                browser.sign_in(KNOWN).await;
                world.advance(minutes(20)).await;
                browser.post("extend-session", &[]).await;
                world.advance(minutes(20)).await;
                browser.post("extend-session", &[]).await;
                world.advance(minutes(20)).await;
            }
            let hold = gate.hold(Call::Put(RecordKind::Session));
            let request = match what {
                "touch" => asks(&browser, "/account"),
                "extend" => browser.form("extend-session", &[]),
                _ => asks(&browser, "/api/session"),
            };
            let changing = world.begin(request);
            hold.reached().await;
            assert!(revoke(&world, &both(&sub)[which]).await >= 1);
            hold.release();
            let answer = changing.await.unwrap();
            if what != "touch" {
                answer.problem(401, "not_signed_in");
            }
            for _ in 0..3 {
                assert!(!browser.is_signed_in().await, "{what}");
            }
        }
    }
}

#[tokio::test]
async fn k10_a_session_that_ends_while_upstream_is_asked_about_it_is_over_when_upstream_answers() {
    let gate = Gate::new();
    let world = World::over(
        gate.clone(),
        Arc::new(Upstream::start().await),
        |settings| {
            settings.session.idle_timeout = "12h".parse().unwrap();
        },
    );
    let (browser, sub) = known(&world).await;
    world.advance(minutes(60)).await;
    // The first put says that upstream is being asked, the second what it said.
    let hold = gate.hold_after(1, Call::Put(RecordKind::Session));
    let asking = world.begin(asks(&browser, "/api/session"));
    hold.reached().await;
    assert_eq!(world.upstream.count("session_authenticate").await, 1);
    assert_eq!(revoke(&world, &SessionOwner::User(sub)).await, 1);
    hold.release();
    asking.await.unwrap().problem(401, "not_signed_in");
}

/// The session begins on a node whose clock is ahead; the operator speaks to the other one.
#[tokio::test]
async fn k10_a_clock_that_is_ahead_saves_no_session() {
    for which in 0..2 {
        let (gate, upstream) = (Gate::new(), Arc::new(Upstream::start().await));
        let behind = World::over(gate.clone(), upstream.clone(), |_| {});
        let ahead = World::later(gate.clone(), upstream.clone(), seconds(AHEAD), |_| {});
        let (mut first, sub) = known(&ahead).await;
        ahead.advance(minutes(1)).await;
        behind.catch_up(&ahead);
        ahead.run_ahead(seconds(AHEAD));
        // One whose code is on its way, besides.
        let (mut second, code) = ahead.asked(KNOWN).await;
        let hold = gate.hold(Call::Put(RecordKind::Session));
        let verifying = ahead.begin(second.form("verify-code", &[("code", &code)]));
        hold.reached().await;
        assert!(ahead.now() > behind.now());
        assert_eq!(revoke(&behind, &both(&sub)[which]).await, 1);
        hold.release();
        let answer = verifying.await.unwrap();
        answer.problem(409, "no_flow");
        second.keep(&answer);
        for browser in [&mut first, &mut second] {
            for node in [&ahead, &behind] {
                browser.world = node.clone();
                assert!(!browser.is_signed_in().await);
            }
        }
        // Who comes afterwards stays, on the node that is behind too.
        behind.advance(minutes(2)).await;
        let mut third = behind.browser();
        third.sign_in(KNOWN).await;
        assert!(third.is_signed_in().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn k10_revocations_under_load_leave_nobody_in() {
    for round in 0..12 {
        let (world, _) = world().await;
        let mut browsers = Vec::new();
        for phone in [KNOWN, OTHER, KNOWN] {
            let mut browser = world.browser();
            browser.sign_in(phone).await;
            browsers.push(browser);
            world.advance(seconds(61)).await;
        }
        let sub = sub(&mut browsers[0]).await;
        let mut busy = Vec::new();
        for browser in &browsers {
            for _ in 0..4 {
                busy.push(world.begin(asks(browser, "/account")));
                busy.push(world.begin(browser.form("extend-session", &[])));
                busy.push(world.begin(browser.form("revoke-session", &[("id", "others")])));
            }
        }
        let whose = both(&sub)[round % 2].clone();
        let revoking = {
            let world = world.clone();
            tokio::spawn(async move { revoke(&world, &whose).await })
        };
        revoking.await.unwrap();
        for task in busy {
            task.await.unwrap();
        }
        for browser in [0, 2] {
            assert!(!browsers[browser].is_signed_in().await);
        }
        if round % 2 == 1 {
            assert!(!browsers[1].is_signed_in().await);
        }
        // Each ended once, whoever was first.
        let ended: Vec<_> = world
            .audit
            .events_named("session_ended")
            .iter()
            .map(|event| event["session"].to_string())
            .collect();
        let distinct: std::collections::BTreeSet<_> = ended.iter().collect();
        assert_eq!(distinct.len(), ended.len());
    }
}
