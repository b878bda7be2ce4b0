//! Redis masters that are demoted or fail over: what is refused, and what is lost.

use std::time::Duration;

use latchkey::server::store::{Precondition, Store, StoreError};
use latchkey::server::system::clock::Stopwatch;
use latchkey_testkit::redis_server::{RedisServer, open_default};
use latchkey_testkit::tcp_relay::TcpRelay;
use latchkey_testkit::wait::{wait_until, wait_until_blocking};

use crate::builders::{at, session};
use crate::calls::{add, reserve_one, used};
use crate::outages::unavailable;

fn start_replica(master: &RedisServer) -> RedisServer {
    let replica = RedisServer::start_with(&["--replicaof", "127.0.0.1", &master.port.to_string()]);
    wait_until_blocking("the replica", || follows(&replica));
    replica
}

/// Whether it is connected to a master.
fn follows(server: &RedisServer) -> bool {
    server
        .command::<String>(&["INFO", "replication"])
        .contains("master_link_status:up")
}

#[tokio::test]
async fn a_replica_is_refused_and_a_demoted_master_too() {
    let master = RedisServer::start();
    let replica = start_replica(&master);
    unavailable(
        open_default(&replica.url()).check_ready().await,
        "read-only replica",
    );

    let store = open_default(&master.url());
    add(&store, session("a")).await.unwrap();
    let keys = |server: &RedisServer| server.command::<u64>(&["DBSIZE"]);
    wait_until_blocking("the record to be there too", || {
        keys(&replica) == keys(&master)
    });
    replica.command::<()>(&["REPLICAOF", "NO", "ONE"]);
    master.command::<()>(&["REPLICAOF", "127.0.0.1", &replica.port.to_string()]);
    wait_until_blocking("the demotion", || follows(&master));
    unavailable(add(&store, session("b")).await, "read-only replica");
    unavailable(store.get(session("a"), at(1)).await, "read-only replica");
    unavailable(store.check_ready().await, "read-only replica");
    master.command::<()>(&["REPLICAOF", "NO", "ONE"]);
    assert!(store.get(session("a"), at(1)).await.unwrap().is_some());
}

/// What the documentation says of an asynchronous fail-over: what the replica had not got is lost,
/// and nothing else.
#[tokio::test]
async fn a_fail_over_loses_what_the_replica_had_not_got() {
    let mut master = RedisServer::start();
    let replica = start_replica(&master);
    let store = open_default(&master.url());
    let reserve = async |number| reserve_one(&store, number, 9).await.unwrap();
    for name in ["kept", "revoked"] {
        add(&store, session(name)).await.unwrap();
    }
    reserve(1).await;
    // Asked by somebody else, `WAIT` waits for nothing: the offsets say whether all has arrived.
    let offset = |server: &RedisServer| {
        let information: String = server.command(&["INFO", "replication"]);
        let line = information
            .lines()
            .find_map(|line| line.strip_prefix("master_repl_offset:"));
        line.unwrap().trim().to_owned()
    };
    wait_until_blocking("the replica's copy", || offset(&master) == offset(&replica));
    // The old master is cut off, and answers its clients a little longer.
    replica.command::<()>(&["REPLICAOF", "NO", "ONE"]);
    add(&store, session("lost")).await.unwrap();
    store.delete(session("revoked")).await.unwrap();
    reserve(2).await;
    master.kill();
    let store = open_default(&replica.url());
    assert!(store.get(session("kept"), at(1)).await.unwrap().is_some());
    assert!(
        store.get(session("lost"), at(1)).await.unwrap().is_none(),
        "that person signs in again"
    );
    assert!(
        store
            .get(session("revoked"), at(1))
            .await
            .unwrap()
            .is_some(),
        "that sign-out is undone"
    );
    assert_eq!(used(&store, "x", 1).await, 1, "one more try");
}

/// What the documentation advises: a master that lost its replica without a word takes no more
/// writes after the lag that it was told.
#[tokio::test]
async fn a_master_that_was_cut_off_stops_writing_within_the_lag_that_it_was_told() {
    let master = RedisServer::start_with(&[
        "--min-replicas-to-write",
        "1",
        "--min-replicas-max-lag",
        "1",
    ]);
    let line = TcpRelay::start(&[master.port]).await.unwrap();
    let replica = RedisServer::start_with(&["--replicaof", "127.0.0.1", &line.port.to_string()]);
    let store = open_default(&master.url());
    let put = async || {
        store
            .put(
                session("a"),
                None,
                Precondition::Any,
                b"x".to_vec(),
                at(60),
                at(0),
            )
            .await
    };
    wait_until("the replica", async || put().await.is_ok()).await;
    line.stall();
    replica.command::<()>(&["REPLICAOF", "NO", "ONE"]);
    let watch = Stopwatch::start();
    wait_until("the end of writes", async || put().await.is_err()).await;
    // A second of lag, and another until the master looks at it.
    assert!(
        watch.elapsed() < Duration::from_secs(4),
        "{:?}",
        watch.elapsed()
    );
    let reserved = reserve_one(&store, 1, 9).await;
    assert!(
        matches!(reserved, Err(StoreError::Unavailable(_))),
        "{reserved:?}"
    );
    assert!(
        store.get(session("a"), at(1)).await.unwrap().is_some(),
        "who is signed in stays so"
    );
}
