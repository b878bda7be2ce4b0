//! "End all others", again and again and over a change of settings (requirement K9).

use std::sync::Arc;

use latchkey::server::admin::admin_socket::{AdminCommand, AdminReply, SessionOwner, carry_out};
use latchkey::server::settings::HumanDuration;
use latchkey::server::store::Store;
use latchkey::server::store::redb::{RedbOptions, RedbStore};

use crate::support::{Browser, KNOWN, Upstream, World, minutes, seconds};

const OTHER: &str = "+447400777888";

async fn sub(browser: &mut Browser) -> String {
    browser.get("/api/session").await.json()["sub"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn revoke(world: &World, sub: &str) -> usize {
    let whose = SessionOwner::User(sub.to_owned());
    let answer = carry_out(&world.product, &AdminCommand::SessionsRevoke { whose }).await;
    let AdminReply::Revoked { count } = answer else {
        panic!("{answer:?}")
    };
    count
}

/// The same store under a server whose sessions last half an hour at most.
async fn with_shorter_sessions(store: &Arc<dyn Store>, upstream: &Arc<Upstream>) -> Arc<World> {
    let world = World::later(store.clone(), upstream.clone(), seconds(60), |settings| {
        let session = &mut settings.session;
        (session.idle_timeout, session.stay_idle_timeout) =
            (HumanDuration::minutes(10), HumanDuration::minutes(10));
        (session.absolute_timeout, session.stay_absolute_timeout) =
            (HumanDuration::minutes(30), HumanDuration::minutes(30));
    });
    upstream.advance(seconds(60)).await;
    world
}

fn store() -> Arc<dyn Store> {
    Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap())
}

#[tokio::test]
async fn k9_shorter_sessions_keep_nobody_out_who_once_ended_all_others() {
    let (store, upstream) = (store(), Arc::new(Upstream::start().await));
    let before = World::over(store.clone(), upstream.clone(), |_| {});
    let mut browser = before.browser();
    browser.sign_in(KNOWN).await;
    browser
        .post("revoke-session", &[("id", "others")])
        .await
        .next("/account");

    let world = with_shorter_sessions(&store, &upstream).await;
    let mut other = world.browser();
    other.sign_in(OTHER).await;
    other
        .post("revoke-session", &[("id", "others")])
        .await
        .next("/account");
    world.advance(minutes(31)).await;
    for day in 0..3 {
        let mut browser = world.browser();
        browser.sign_in(KNOWN).await.next("/account");
        assert!(browser.is_signed_in().await, "day {day}");
        world.advance(minutes(24 * 60)).await;
    }
}

#[tokio::test]
async fn k10_shorter_sessions_end_none_that_began_after_an_old_revocation() {
    let (store, upstream) = (store(), Arc::new(Upstream::start().await));
    let before = World::over(store.clone(), upstream.clone(), |_| {});
    let mut browser = before.browser();
    browser.sign_in(KNOWN).await;
    let known = sub(&mut browser).await;
    assert_eq!(revoke(&before, &known).await, 1);

    let world = with_shorter_sessions(&store, &upstream).await;
    let mut other = world.browser();
    other.sign_in(OTHER).await;
    let other = sub(&mut other).await;
    assert_eq!(revoke(&world, &other).await, 1);
    world.advance(minutes(31)).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await.next("/account");
    revoke(&world, &other).await;
    assert!(
        browser.is_signed_in().await,
        "another user was revoked, and KNOWN long before"
    );
    assert_eq!(revoke(&world, &known).await, 1);
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn k9_all_others_are_ended_ten_times_an_hour_from_one_session() {
    let world =
        World::with(|settings| settings.session.idle_timeout = HumanDuration::minutes(120)).await;
    let mut thief = world.browser();
    thief.sign_in(KNOWN).await;
    for _ in 0..10 {
        thief
            .post("revoke-session", &[("id", "others")])
            .await
            .next("/account");
    }
    world.advance(seconds(31)).await;
    let mut owner = world.browser();
    owner.sign_in(KNOWN).await;
    let problem = thief
        .post("revoke-session", &[("id", "others")])
        .await
        .problem(429, "slow_down");
    assert!(
        (3000..=3600).contains(&problem["retry_after"].as_u64().unwrap()),
        "{problem}"
    );
    assert!(owner.is_signed_in().await, "nothing was ended");
    assert_eq!(
        world.audit.events_named("excess_rate_limit_exceeded")[0]["limit"],
        "others"
    );

    // What the thief has spent is not the owner's.
    owner
        .post("revoke-session", &[("id", "others")])
        .await
        .next("/account");
    assert_eq!(
        (thief.is_signed_in().await, owner.is_signed_in().await),
        (false, true)
    );
    for _ in 1..10 {
        owner
            .post("revoke-session", &[("id", "others")])
            .await
            .next("/account");
    }
    owner
        .post("revoke-session", &[("id", "others")])
        .await
        .problem(429, "slow_down");
    world.advance(minutes(61)).await;
    owner
        .post("revoke-session", &[("id", "others")])
        .await
        .next("/account");
}
