//! What is stored in Redis, under which names, and for how long.

use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::store::{Charge, Group, Precondition, ReservationOutcome, Store, StoreError};

use crate::builders::{at, charge, digest, flow, person, session, ticket};
use crate::calls::{reserve_one, used};
use latchkey_testkit::redis_server::{RedisServer, open_default, open_store, store_settings};

/// How long after its end a thing stays.
const GRACE: i64 = 300_000;

fn lifetimes(server: &RedisServer) -> Vec<(String, i64)> {
    let mut names: Vec<String> = server.command(&["KEYS", "*"]);
    names.sort();
    names
        .into_iter()
        .map(|name| (name.clone(), server.command(&["PTTL", &name])))
        .collect()
}

#[tokio::test]
async fn the_server_collects_everything_after_its_end() {
    let server = RedisServer::start();
    let store = open_default(&server.url());
    store
        .put(
            session("a"),
            Some(digest("o")),
            Precondition::Any,
            vec![],
            at(60),
            at(0),
        )
        .await
        .unwrap();
    store
        .put(flow("a"), None, Precondition::Any, vec![], at(60), at(0))
        .await
        .unwrap();
    store
        .put(flow("past"), None, Precondition::Any, vec![], at(0), at(60))
        .await
        .unwrap();
    for (number, group) in [
        Group::Service,
        person("a"),
        Group::Address("203.0.113.7/32".to_owned()),
    ]
    .iter()
    .enumerate()
    {
        store
            .reserve(ticket(number as u128), group, &[charge("x", 1, 5)], at(0))
            .await
            .unwrap();
    }
    let lifetimes = lifetimes(&server);
    assert_eq!(lifetimes.len(), 1 + 3 + 1 + 6, "{lifetimes:?}");
    let late = |millis: i64| (millis - 30_000..=millis).contains(&0);
    for (name, lifetime) in &lifetimes {
        let right = match name.as_str() {
            "latchkey:schema" => *lifetime == -1,
            name if name.starts_with("latchkey:o:") => {
                late(lifetime - 60_000 - 3_600_000 - GRACE + 30_000)
            }
            _ => late(lifetime - 60_000 - GRACE + 30_000) || late(lifetime - GRACE + 30_000),
        };
        assert!(right, "{name}: {lifetime}");
        assert!(name.starts_with("latchkey:"), "{name}");
    }
}

#[tokio::test]
async fn the_servers_clock_does_not_matter() {
    let server = RedisServer::start();
    let store = open_default(&server.url());
    for year in [1971, 2026, 2400_u64] {
        let now = Timestamp::from_secs((year - 1970) * 31_556_952);
        let end = now + Duration::from_secs(60);
        let name = year.to_string();
        store
            .put(
                session(&name),
                Some(digest(&name)),
                Precondition::Absent,
                vec![],
                end,
                now,
            )
            .await
            .unwrap();
        assert!(
            store.get(session(&name), now).await.unwrap().is_some(),
            "{year}"
        );
        assert_eq!(
            store.keys_by_owner(digest(&name), now).await.unwrap(),
            [session(&name)],
            "{year}"
        );
        assert_eq!(
            store
                .reserve(ticket(1), &person(&name), &[charge("x", 1, 1)], now)
                .await,
            Ok(ReservationOutcome::Granted)
        );
        assert_eq!(
            store.usage(&person(&name), &["x"], now).await.unwrap()[0].used,
            1,
            "{year}"
        );
    }
}

#[tokio::test]
async fn an_index_forgets_what_has_ended() {
    let server = RedisServer::start();
    let store = open_default(&server.url());
    for number in 0..50_u64 {
        let now = at(number * 7200);
        let end = now + Duration::from_secs(60);
        store
            .put(
                session(&number.to_string()),
                Some(digest("o")),
                Precondition::Any,
                vec![],
                end,
                now,
            )
            .await
            .unwrap();
    }
    let names: Vec<String> = server.command(&["KEYS", "latchkey:o:*"]);
    assert_eq!(server.command::<usize>(&["ZCARD", &names[0]]), 1);
}

#[tokio::test]
async fn what_was_settled_or_reset_leaves_nothing() {
    let server = RedisServer::start();
    let store = open_default(&server.url());
    let group = person("a");
    for number in 0..5 {
        store
            .reserve(
                ticket(number),
                &group,
                &[charge("x", 1, 9), charge("y", 1, 9)],
                at(0),
            )
            .await
            .unwrap();
        store
            .settle(
                ticket(number),
                &group,
                latchkey::server::store::SettleMode::Keep,
                at(0),
            )
            .await
            .unwrap();
    }
    assert_eq!(
        server.command::<usize>(&["DBSIZE"]),
        3,
        "two counters and the schema"
    );
    store.reset(&group, &["x", "y"], at(0)).await.unwrap();
    assert_eq!(server.command::<usize>(&["DBSIZE"]), 1);
}

#[tokio::test]
async fn prefixes_and_databases_keep_stores_apart() {
    let server = RedisServer::start();
    let first = open_default(&server.url());
    let others = [
        open_store(&store_settings(&server.url(), "other:")),
        open_default(&format!("{}/3", server.url())),
    ];
    first
        .put(flow("a"), None, Precondition::Any, vec![], at(60), at(0))
        .await
        .unwrap();
    first
        .reserve(ticket(1), &Group::Service, &[charge("x", 1, 1)], at(0))
        .await
        .unwrap();
    for other in others {
        assert_eq!(other.get(flow("a"), at(0)).await, Ok(None));
        assert_eq!(other.scan(flow("a").kind, 10, at(0)).await, Ok(vec![]));
        assert_eq!(
            other.usage(&Group::Service, &["x"], at(0)).await.unwrap()[0].used,
            0
        );
    }
}

#[tokio::test]
async fn an_unknown_schema_is_refused_and_left_alone() {
    let server = RedisServer::start();
    server.command::<()>(&["SET", "latchkey:schema", "2"]);
    let store = open_default(&server.url());
    for refused in [
        store.check_ready().await,
        store.get(flow("a"), at(0)).await.map(drop),
    ] {
        // Readiness asks the server, not the data; it must not pass either.
        let Err(StoreError::Corrupt(text)) = refused else {
            panic!("{refused:?}")
        };
        assert!(
            text.contains("schema 2") && text.contains("schema 1"),
            "{text}"
        );
    }
    assert_eq!(server.command::<usize>(&["DBSIZE"]), 1);
    server.command::<()>(&["SET", "latchkey:schema", "1"]);
    assert_eq!(store.check_ready().await, Ok(()), "without another start");
}

#[tokio::test]
async fn what_cannot_be_read_is_corrupt_and_stays() {
    let server = RedisServer::start();
    let store = open_default(&server.url());
    let corrupt = |outcome: Result<(), StoreError>| {
        assert!(
            matches!(outcome, Err(StoreError::Corrupt(_))),
            "{outcome:?}"
        )
    };
    store
        .put(
            flow("a"),
            None,
            Precondition::Any,
            b"x".to_vec(),
            at(60),
            at(0),
        )
        .await
        .unwrap();
    let name = server
        .command::<Vec<String>>(&["KEYS", "latchkey:r:*"])
        .remove(0);
    for damage in [
        &["SET", &name, "text"][..],
        &["HSET", &name, "v", "1"],
        &["HSET", &name, "v", "1", "e", "soon", "b", "x"],
    ] {
        server.command::<()>(&["DEL", &name]);
        server.command::<()>(damage);
        corrupt(store.get(flow("a"), at(0)).await.map(drop));
        corrupt(
            store
                .put(flow("a"), None, Precondition::Any, vec![], at(60), at(0))
                .await
                .map(drop),
        );
        if damage[1..].len() != 3 {
            corrupt(store.take(flow("a"), at(0)).await.map(drop));
        }
        assert_eq!(server.command::<usize>(&["EXISTS", &name]), 1);
    }
    let group = person("a");
    store
        .reserve(ticket(1), &group, &[charge("x", 1, 5)], at(0))
        .await
        .unwrap();
    let name = server
        .command::<Vec<String>>(&["KEYS", "latchkey:{i:*:c:x"])
        .remove(0);
    server.command::<()>(&["SET", &name, "text"]);
    let charges = [
        charge("first", 1, 5),
        Charge {
            key: "x".to_owned(),
            ..charge("x", 1, 5)
        },
    ];
    corrupt(
        store
            .reserve(ticket(2), &group, &charges, at(0))
            .await
            .map(drop),
    );
    corrupt(store.usage(&group, &["x"], at(0)).await.map(drop));
    assert_eq!(
        store.usage(&group, &["first"], at(0)).await.unwrap()[0].used,
        0,
        "all or none"
    );
}

#[tokio::test]
async fn a_script_that_the_server_forgot_is_sent_again() {
    let server = RedisServer::start();
    let store = open_default(&server.url());
    for round in 1..=3 {
        server.command::<()>(&["SCRIPT", "FLUSH"]);
        store
            .put(flow("a"), None, Precondition::Any, vec![], at(60), at(0))
            .await
            .unwrap();
        server.command::<()>(&["SCRIPT", "FLUSH"]);
        reserve_one(&store, round, 9).await.unwrap();
        assert_eq!(u128::from(used(&store, "x", 0).await), round);
    }
}

#[tokio::test]
async fn a_long_list_is_found_whole_and_once() {
    let server = RedisServer::start();
    let store = open_default(&server.url());
    for number in 0..2500 {
        let (kind, name) = (
            if number % 5 == 0 { session } else { flow },
            number.to_string(),
        );
        store
            .put(
                kind(&name),
                None,
                Precondition::Any,
                name.into_bytes(),
                at(60),
                at(0),
            )
            .await
            .unwrap();
    }
    let mut found = store.scan(session("0").kind, 10_000, at(0)).await.unwrap();
    found.dedup_by_key(|(key, _)| *key);
    assert_eq!(found.len(), 500);
    assert!(
        found
            .iter()
            .all(|(key, record)| *key == session(std::str::from_utf8(&record.bytes).unwrap()))
    );
    assert_eq!(
        store
            .scan(session("0").kind, 20, at(0))
            .await
            .unwrap()
            .len(),
        20
    );
}
