//! What survives the end of a process, and what its end waits for.

use std::sync::Arc;

use latchkey::server::store::redb::{RedbOptions, RedbStore};

use crate::support::{Browser, KNOWN, Upstream, World, minutes, pause, seconds};

#[tokio::test]
async fn flows_sessions_and_counters_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latchkey.redb");
    let upstream = Arc::new(Upstream::start().await);
    let open = || Arc::new(RedbStore::open(&path, RedbOptions::default()).unwrap());

    let store = open();
    let first = World::over(store.clone(), upstream.clone(), |_| {});
    let mut signed_in = first.browser();
    signed_in.sign_in(KNOWN).await;
    let (mut halfway, code) = first.asked("+447400777888").await;
    halfway
        .guess("+447400777888")
        .await
        .problem(401, "code_refused");
    let (mut spent, _) = first.asked("+447400777999").await;
    for _ in 0..2 {
        spent.guess("+447400777999").await;
    }
    first.product.close().await;
    store.close().unwrap();
    let ahead = first
        .now()
        .since(latchkey::server::system::clock::Clock::system().now());
    drop((first, store));

    let second = World::later(open(), upstream, ahead, |_| {});
    let moved = |browser: &Browser| Browser {
        world: second.clone(),
        ..browser.clone()
    };
    assert!(moved(&signed_in).is_signed_in().await);
    assert_eq!(moved(&halfway).get("/code").await.status, 200);
    // Tries are counted across the restart, in the flow and by the number.
    moved(&spent)
        .guess("+447400777999")
        .await
        .problem(429, "slow_down");
    second.advance(seconds(31)).await;
    let mut stranger = second.browser().at("203.0.113.7");
    stranger.ask("+447400777999").await;
    let before = second.upstream.calls().await;
    stranger
        .verify(&second.upstream.code("+447400777999").await)
        .await
        .problem(401, "code_refused");
    assert!(second.upstream.since(&before).await.is_empty());
    moved(&halfway).verify(&code).await.next("/account");
}

#[tokio::test]
async fn another_key_makes_strangers_of_everybody_and_breaks_nothing() {
    let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
    let upstream = Arc::new(Upstream::start().await);
    let first = World::over(store.clone(), upstream.clone(), |_| {});
    let mut browser = first.browser();
    browser.sign_in(KNOWN).await;
    let (halfway, _) = first.asked("+447400777888").await;
    let ahead = first
        .now()
        .since(latchkey::server::system::clock::Clock::system().now());
    let second = World::later(store, upstream, ahead, |settings| {
        let key = "HxAODQwLCgkIBwYFBAMCAQAfHh0cGxoZGBcWFRQTEhE=";
        settings.secrets.key = Some(latchkey::server::settings::Secret::new(key));
    });
    let mut moved = Browser {
        world: second.clone(),
        ..browser
    };
    assert!(!moved.is_signed_in().await);
    Browser {
        world: second.clone(),
        ..halfway
    }
    .verify("123456")
    .await
    .problem(409, "no_flow");
    second.advance(minutes(1)).await;
    moved.sign_in(KNOWN).await;
    assert!(moved.is_signed_in().await);
}

#[tokio::test]
async fn closing_waits_for_queued_sends_and_takes_no_more() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    world.upstream.latency("otp_send", "known", 300).await;
    let waiting = world.begin(world.browser().form("send-code", &[("phone", KNOWN)]));
    crate::support::wait_until("the decision", async || {
        world.audit.count("otp_requested") == 1
    })
    .await;
    world.product.close().await;
    assert_eq!(world.audit.events_named("otp_send_result")[0]["sent"], true);
    assert_eq!(world.upstream.messages(KNOWN).await.len(), 1);
    world.advance(seconds(1)).await;
    waiting.await.unwrap().next("/code");
    world
        .browser()
        .ask("+447400777888")
        .await
        .problem(503, "unavailable");
}

#[tokio::test]
async fn closing_waits_for_names_and_ends_upstream() {
    let world = World::start().await;
    let mut browser = world.browser();
    browser
        .post("sign-up", &[("phone", KNOWN), ("name", "Ada")])
        .await;
    world.settled().await;
    world.upstream.latency("user_update", "known", 200).await;
    browser
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .next("/account");
    world.product.close().await;
    assert_eq!(world.upstream.count("user_update").await, 1);
}

#[tokio::test]
async fn a_full_queue_refuses_before_anything_is_charged() {
    let world = World::with(|settings| {
        settings.sign_in.send_queue = 1;
        settings.transmit.max_in_flight = 1;
        settings.guard.service_minutely = 1000;
    })
    .await;
    world.upstream.fault("otp_send", "hang", None).await;
    let mut waiting = Vec::new();
    for number in 0..90 {
        waiting.push(
            world.begin(
                world
                    .browser()
                    .form("send-code", &[("phone", &format!("+4474001{number:05}"))]),
            ),
        );
        pause(1).await;
    }
    crate::support::wait_until("refusals", async || {
        waiting.iter().any(|answer| answer.is_finished())
    })
    .await;
    crate::support::wait_until("decisions", async || {
        world.counted(|kind| kind.event == "otp_requested") == 90
    })
    .await;
    world.advance(seconds(1)).await;
    let mut statuses = std::collections::BTreeMap::new();
    for answer in waiting {
        *statuses
            .entry(answer.await.unwrap().status.as_u16())
            .or_insert(0) += 1;
    }
    assert_eq!(
        statuses.keys().copied().collect::<Vec<_>>(),
        [200, 503],
        "{statuses:?}"
    );
}
