//! A Cluster of three in the contract, the races and the model. Also slots that move, a node that
//! dies, and a replica that becomes master.

use std::sync::Arc;

use latchkey::server::store::{
    Precondition, PutOutcome, ReservationOutcome, SettleMode, Store, StoreError,
};

use crate::builders::{at, charge, digest, flow, person, session, ticket};
use crate::calls::add;
use crate::redis::{follows_the_model, pair};
use latchkey_testkit::redis_server::{
    RedisCluster, RedisServer, open_default, open_store, open_with_timeout, store_settings,
};
use latchkey_testkit::wait::{wait_until, wait_until_blocking};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_of_three_keeps_the_contract_in_every_race() {
    let cluster = RedisCluster::start();
    let url = cluster.url();
    let fresh = |case: &str| {
        Arc::new(open_store(&store_settings(&url, &format!("{case}:")))) as Arc<dyn Store>
    };
    conform!(fresh);
    crate::races::one_of_many_takes(pair(&url, "takes:")).await;
    crate::races::one_of_many_puts_first(pair(&url, "puts:")).await;
    crate::races::as_many_are_granted_as_the_limit_says(pair(&url, "limit:")).await;
    crate::races::settlements_meet_reservations(pair(&url, "settle:")).await;
    crate::races::no_increment_is_lost(pair(&url, "increment:")).await;
    // All three had to do with it.
    for node in &cluster.0 {
        assert!(node.command::<usize>(&["DBSIZE"]) > 10);
    }
}

#[test]
fn a_cluster_of_three_agrees_with_the_model() {
    let cluster = RedisCluster::start();
    follows_the_model(&cluster.url(), 24, 80);
}

fn slot_of(node: &RedisServer, key: &str) -> u16 {
    node.command(&["CLUSTER", "KEYSLOT", key])
}

/// The only key in the Cluster that matches.
fn name_of(cluster: &RedisCluster, pattern: &str) -> String {
    let mut names: Vec<String> = cluster
        .0
        .iter()
        .flat_map(|node| node.command::<Vec<String>>(&["KEYS", pattern]))
        .collect();
    assert_eq!(names.len(), 1, "{names:?}");
    names.remove(0)
}

#[tokio::test]
async fn a_slot_that_moves_is_followed_before_during_and_after() {
    let cluster = RedisCluster::start();
    let store = open_default(&cluster.url());
    store
        .put(
            session("a"),
            Some(digest("o")),
            Precondition::Absent,
            b"1".to_vec(),
            at(60),
            at(0),
        )
        .await
        .unwrap();
    let name = name_of(&cluster, "latchkey:r:*");
    let slot = slot_of(&cluster.0[0], &name);
    let (from, to) = cluster.owner_of(slot);
    let (from_id, to_id): (String, String) = (
        from.command(&["CLUSTER", "MYID"]),
        to.command(&["CLUSTER", "MYID"]),
    );
    let slot = slot.to_string();
    to.command::<()>(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &from_id]);
    from.command::<()>(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &to_id]);
    assert!(
        store.get(session("a"), at(1)).await.unwrap().is_some(),
        "it has not moved yet"
    );

    from.command::<()>(&[
        "MIGRATE",
        "127.0.0.1",
        &to.port.to_string(),
        &name,
        "0",
        "5000",
    ]);
    assert_eq!(
        store.get(session("a"), at(1)).await.unwrap().unwrap().bytes,
        b"1"
    );
    let put = store
        .put(
            session("a"),
            None,
            Precondition::Version(1),
            b"2".to_vec(),
            at(60),
            at(1),
        )
        .await;
    assert_eq!(put, Ok(PutOutcome::Stored(2)), "a script follows, too");
    let sessions = store.scan(session("a").kind, 10, at(1)).await.unwrap();
    assert_eq!(sessions.len(), 1);

    for node in [to, from] {
        node.command::<()>(&["CLUSTER", "SETSLOT", &slot, "NODE", &to_id]);
    }
    assert_eq!(
        store
            .take(session("a"), at(1))
            .await
            .unwrap()
            .unwrap()
            .bytes,
        b"2"
    );
    assert_eq!(store.take(session("a"), at(1)).await, Ok(None));
}

#[tokio::test]
async fn a_node_that_dies_takes_its_slots_and_gives_them_back() {
    let mut cluster = RedisCluster::start();
    for node in &cluster.0 {
        node.command::<()>(&["CONFIG", "SET", "appendfsync", "always"]);
    }
    let store = open_with_timeout(&cluster.url(), 2000);
    let keys: Vec<_> = (0..12).map(|number| flow(&number.to_string())).collect();
    for key in &keys {
        add(&store, *key).await.unwrap();
    }
    let group = person("a");
    assert_eq!(
        store
            .reserve(ticket(1), &group, &[charge("x", 1, 5)], at(0))
            .await,
        Ok(ReservationOutcome::Granted)
    );
    cluster.0[1].kill();
    let mut failed = 0;
    for key in &keys {
        match store.get(*key, at(1)).await {
            Ok(found) => assert!(found.is_some(), "an answer is a true one"),
            Err(StoreError::Unavailable(_)) => failed += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(failed > 0);
    wait_until("the loss", async || {
        matches!(store.check_ready().await, Err(StoreError::Unavailable(_)))
    })
    .await;
    cluster.0[1].restart();
    cluster.wait_until_healthy();
    wait_until("the node", async || store.check_ready().await.is_ok()).await;
    for key in &keys {
        assert!(store.get(*key, at(1)).await.unwrap().is_some());
    }
    store
        .settle(ticket(1), &group, SettleMode::Refund, at(1))
        .await
        .unwrap();
    assert_eq!(store.usage(&group, &["x"], at(1)).await.unwrap()[0].used, 0);
}

/// What had reached the replica is there after its promotion, the client finds the new master by
/// itself, and decisions go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_promoted_is_found_and_goes_on() {
    let mut cluster = RedisCluster::start();
    let replicas = cluster.start_replicas();
    let store = open_with_timeout(&cluster.url(), 2000);
    let keys: Vec<_> = (0..24).map(|number| session(&number.to_string())).collect();
    for key in &keys {
        store
            .put(
                *key,
                Some(digest("o")),
                Precondition::Absent,
                b"1".to_vec(),
                at(60),
                at(0),
            )
            .await
            .unwrap();
    }
    let group = person("a");
    let reserve = async |number| {
        store
            .reserve(ticket(number), &group, &[charge("x", 1, 2)], at(0))
            .await
    };
    assert_eq!(reserve(1).await, Ok(ReservationOutcome::Granted));
    wait_until_blocking("the replicas' copies", || {
        let keys = |server: &RedisServer| server.command::<usize>(&["DBSIZE"]);
        cluster
            .0
            .iter()
            .zip(&replicas)
            .all(|(master, replica)| keys(master) == keys(replica))
    });

    let lost = cluster.0.remove(1);
    drop(lost);
    // Until then what lies there is refused, and never said to be nothing.
    wait_until("the promotion", async || {
        let mut there = 0;
        for key in &keys {
            match store.get(*key, at(1)).await {
                Ok(found) => {
                    there += usize::from(found.expect("an answer is a true one").bytes == b"1")
                }
                Err(StoreError::Unavailable(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
        there == keys.len()
    })
    .await;
    wait_until("readiness", async || store.check_ready().await.is_ok()).await;
    for key in &keys {
        let put = store
            .put(
                *key,
                None,
                Precondition::Version(1),
                b"2".to_vec(),
                at(60),
                at(1),
            )
            .await;
        assert_eq!(put, Ok(PutOutcome::Stored(2)));
    }
    assert_eq!(
        store.keys_by_owner(digest("o"), at(1)).await.unwrap().len(),
        keys.len()
    );
    assert_eq!(
        reserve(1).await,
        Ok(ReservationOutcome::Granted),
        "charged before, and once"
    );
    assert_eq!(reserve(2).await, Ok(ReservationOutcome::Granted));
    assert!(
        matches!(reserve(3).await, Ok(ReservationOutcome::Refused { .. })),
        "no count went back"
    );
    assert_eq!(
        store
            .scan(session("").kind, 100, at(1))
            .await
            .unwrap()
            .len(),
        keys.len()
    );
}
