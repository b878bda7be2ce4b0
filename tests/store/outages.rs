//! Redis restarted, cut off, frozen, slow and full: errors are clear, no change is falsely
//! confirmed, and the store works again without a restart.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use latchkey::server::store::{
    Key, Precondition, PutOutcome, ReservationOutcome, Store, StoreError,
};
use latchkey::server::system::clock::{Clock, Stopwatch};

use crate::builders::{at, charge, digest, flow, person, session, ticket};
use crate::calls::{add, reserve_one, used};
use latchkey_testkit::redis_server::{RedisServer, open_default, open_with_timeout};
use latchkey_testkit::wait::wait_until;

#[track_caller]
pub fn unavailable<T: std::fmt::Debug>(outcome: Result<T, StoreError>, part: &str) {
    let Err(StoreError::Unavailable(text)) = outcome else {
        panic!("{part}: {outcome:?}")
    };
    assert!(text.contains(part), "{part}: {text}");
}

const AOF: [&str; 4] = ["--appendonly", "yes", "--appendfsync", "always"];

#[tokio::test]
async fn a_server_that_comes_back_is_used_at_once() {
    let mut server = RedisServer::start_with(&AOF);
    let store = open_default(&server.url());
    for round in 1..=3 {
        let name = round.to_string();
        add(&store, session(&name)).await.unwrap();
        reserve_one(&store, round, 3).await.unwrap();
        server.kill();
        let watch = Stopwatch::start();
        unavailable(store.get(session(&name), at(1)).await, "");
        unavailable(store.take(session(&name), at(1)).await, "");
        unavailable(reserve_one(&store, 9, 3).await, "");
        unavailable(store.check_ready().await, "");
        assert!(
            watch.elapsed() < Duration::from_secs(2),
            "a refused connection is known at once: {:?}",
            watch.elapsed()
        );
        server.restart();
        // The very first call.
        assert!(store.take(session(&name), at(1)).await.unwrap().is_some());
        assert_eq!(u128::from(used(&store, "x", 1).await), round);
        assert_eq!(store.check_ready().await, Ok(()));
    }
    let refused = reserve_one(&store, 9, 3).await.unwrap();
    assert!(
        matches!(refused, ReservationOutcome::Refused { .. }),
        "no count went back"
    );
}

/// Killed under load again and again: what was acknowledged is there, and no count went back or was
/// made twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kills_under_load() {
    const WORKERS: u32 = 8;
    let mut server = RedisServer::start_with(&AOF);
    let store = Arc::new(open_default(&server.url()));
    let stop = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| {
            let (store, stop) = (store.clone(), stop.clone());
            tokio::spawn(async move {
                let (mut tried, mut counted, mut kept) = (0, 0, Vec::new());
                while !stop.load(Ordering::Relaxed) {
                    let key = session(&format!("{worker}/{tried}"));
                    let by = ticket(u128::from(worker) << 64 | u128::from(tried));
                    tried += 1;
                    if store
                        .put(
                            key,
                            Some(digest("o")),
                            Precondition::Absent,
                            vec![1],
                            at(60),
                            at(0),
                        )
                        .await
                        .is_ok()
                    {
                        kept.push(key);
                    }
                    counted += u32::from(
                        store
                            .reserve(by, &person("a"), &[charge("x", 1, u32::MAX)], at(0))
                            .await
                            .is_ok(),
                    );
                }
                (tried, counted, kept)
            })
        })
        .collect();
    for _ in 0..5 {
        Clock::system().sleep(Duration::from_millis(150)).await;
        server.kill();
        Clock::system().sleep(Duration::from_millis(20)).await;
        server.restart();
    }
    stop.store(true, Ordering::Relaxed);
    let (mut tried, mut counted) = (0, 0);
    for worker in workers {
        let (own_tried, own_counted, kept) = worker.await.unwrap();
        (tried, counted) = (tried + own_tried, counted + own_counted);
        for key in kept {
            assert!(store.get(key, at(1)).await.unwrap().is_some(), "{key:?}");
        }
    }
    let all: HashSet<Key> = store
        .keys_by_owner(digest("o"), at(1))
        .await
        .unwrap()
        .into_iter()
        .collect();
    for (key, _) in store
        .scan(session("").kind, usize::MAX, at(1))
        .await
        .unwrap()
    {
        assert!(
            all.contains(&key),
            "no session is missing from its owner's list"
        );
    }
    let used = used(&*store, "x", 1).await;
    assert!(
        (counted..=tried).contains(&used),
        "{counted} were told, {tried} tried, {used} counted"
    );
    assert!(counted > 50, "the load was none: {counted}");
}

#[tokio::test]
async fn a_server_that_was_not_there_yet_is_used_when_it_comes() {
    let mut server = RedisServer::start();
    server.kill();
    let store = open_default(&server.url());
    unavailable(store.check_ready().await, "");
    server.restart();
    assert_eq!(store.check_ready().await, Ok(()));
}

#[tokio::test]
async fn a_connection_that_was_cut_is_made_again() {
    let server = RedisServer::start();
    let store = open_default(&server.url());
    for round in 0..20 {
        let name = round.to_string();
        assert_eq!(add(&store, flow(&name)).await, Ok(PutOutcome::Stored(1)));
        server.command::<usize>(&["CLIENT", "KILL", "TYPE", "normal"]);
        assert!(store.get(flow(&name), at(1)).await.unwrap().is_some());
        server.command::<usize>(&["CLIENT", "KILL", "TYPE", "normal"]);
        reserve_one(&store, round, 99).await.unwrap();
    }
    assert_eq!(used(&store, "x", 1).await, 20, "each counted once");
}

#[tokio::test]
async fn a_frozen_server_is_given_up_in_time() {
    let server = RedisServer::start();
    let store = open_with_timeout(&server.url(), 300);
    add(&store, flow("a")).await.unwrap();
    server.send_signal("STOP");
    let watch = Stopwatch::start();
    for _ in 0..2 {
        unavailable(store.get(flow("a"), at(1)).await, "within 300 ms");
        unavailable(store.take(flow("a"), at(1)).await, "within 300 ms");
    }
    assert!(
        watch.elapsed() < Duration::from_secs(4),
        "{:?}",
        watch.elapsed()
    );
    server.send_signal("CONT");
    // Whether the takes were carried out nobody can say; that they are over can be seen.
    wait_until("the server", async || {
        store.get(flow("a"), at(1)).await.is_ok()
    })
    .await;
    add(&store, flow("b")).await.unwrap();
}

#[tokio::test]
async fn a_slow_server_is_waited_for() {
    let server = RedisServer::start();
    let store = open_default(&server.url());
    store.check_ready().await.unwrap();
    server.command::<()>(&["CLIENT", "PAUSE", "200", "ALL"]);
    let watch = Stopwatch::start();
    assert_eq!(store.get(flow("a"), at(1)).await, Ok(None));
    assert!(watch.elapsed() > Duration::from_millis(50));
}

#[tokio::test]
async fn more_calls_than_places_are_refused_at_once() {
    let server = RedisServer::start();
    let settings = latchkey_testkit::redis_server::store_settings(&server.url(), "latchkey:");
    let store =
        latchkey_testkit::redis_server::open_store(&latchkey::server::settings::StoreSettings {
            max_in_flight: 4,
            ..settings
        });
    store.check_ready().await.unwrap();
    server.command::<()>(&["CLIENT", "PAUSE", "300", "ALL"]);
    let calls = (0..10).map(|_| store.get(flow("a"), at(0)));
    let outcomes = futures_util::future::join_all(calls).await;
    assert_eq!(
        outcomes
            .iter()
            .filter(|outcome| **outcome == Ok(None))
            .count(),
        4
    );
    assert_eq!(
        outcomes
            .iter()
            .filter(|outcome| **outcome == Err(StoreError::Overloaded))
            .count(),
        6
    );
    assert_eq!(
        store.get(flow("a"), at(0)).await,
        Ok(None),
        "places come back"
    );
}

#[tokio::test]
async fn a_full_server_refuses_whole_decisions_and_still_answers() {
    let server = RedisServer::start();
    let store = open_default(&server.url());
    add(&store, session("a")).await.unwrap();
    server.command::<()>(&["CONFIG", "SET", "maxmemory", "1"]);
    unavailable(add(&store, session("b")).await, "memory of Redis is full");
    let charges = [charge("x", 1, 5), charge("y", 1, 5)];
    unavailable(
        store
            .reserve(ticket(1), &person("a"), &charges, at(0))
            .await,
        "memory of Redis is full",
    );
    assert!(
        store.get(session("a"), at(1)).await.unwrap().is_some(),
        "who is signed in stays so"
    );
    assert_eq!(
        store.usage(&person("a"), &["x", "y"], at(0)).await.unwrap(),
        vec![Default::default(); 2]
    );
    store.delete(session("a")).await.unwrap();
    // A node that starts now finds the schema, and reads.
    assert_eq!(
        open_default(&server.url()).get(session("a"), at(1)).await,
        Ok(None)
    );
    server.command::<()>(&["CONFIG", "SET", "maxmemory", "0"]);
    assert_eq!(
        store
            .reserve(ticket(1), &person("a"), &charges, at(0))
            .await,
        Ok(ReservationOutcome::Granted)
    );
}
