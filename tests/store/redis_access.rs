//! Users, passwords and TLS of Redis, servers that cannot be used, and what `latchkey check` says
//! of them.

use latchkey::server::finding::Finding;
use latchkey::server::settings::{HumanDuration, Secret, StoreSettings as Settings};
use latchkey::server::store::{Precondition, Store, StoreError};

use crate::builders::{at, flow};
use crate::calls::add;
use crate::tls_certificates::Papers;
use latchkey_testkit::redis_server::{
    RedisCluster, RedisServer, free_port, open_default, open_store, store_settings,
};

async fn refused(settings: &Settings) -> String {
    match open_store(settings).check_ready().await {
        Err(StoreError::Unavailable(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_password_is_needed_where_one_is_set() {
    let server = RedisServer::start_with(&["--requirepass", "hunter2"]);
    let at_server = |user: &str| format!("redis://{user}127.0.0.1:{}", server.port);
    for user in ["", ":wrong-one@", "nobody:hunter2@"] {
        let text = refused(&store_settings(&at_server(user), "latchkey:")).await;
        assert!(
            !text.contains("wrong-one") && !text.contains("hunter2"),
            "{text}"
        );
        assert!(
            text.contains("auth") || text.contains("Auth") || text.contains("WRONGPASS"),
            "{text}"
        );
    }
    assert_eq!(
        open_default(&at_server(":hunter2@")).check_ready().await,
        Ok(())
    );
    assert_eq!(
        open_default(&at_server("default:hunter2@"))
            .check_ready()
            .await,
        Ok(())
    );
    let apart = Settings {
        password: Some(Secret::new("hunter2\n")),
        ..store_settings(&at_server(""), "latchkey:")
    };
    assert_eq!(open_store(&apart).check_ready().await, Ok(()));
    let file = server.folder.path().join("password");
    std::fs::write(&file, "hunter2\n").unwrap();
    let apart = Settings {
        password_file: Some(file),
        ..store_settings(&at_server(""), "latchkey:")
    };
    assert_eq!(open_store(&apart).check_ready().await, Ok(()));
}

#[tokio::test]
async fn a_password_that_becomes_right_is_used_without_another_start() {
    let server = RedisServer::start();
    server.command::<()>(&["ACL", "SETUSER", "latchkey", "on", ">before", "~*", "+@all"]);
    let store = open_default(&format!("redis://latchkey:later@127.0.0.1:{}", server.port));
    assert!(matches!(
        store.check_ready().await,
        Err(StoreError::Unavailable(_))
    ));
    server.command::<()>(&["ACL", "SETUSER", "latchkey", ">later"]);
    assert_eq!(store.check_ready().await, Ok(()));
}

/// Makes the user that the documentation describes, with the rights that it names and what else is
/// asked for.
fn grant(server: &RedisServer, more: &str) {
    let rights = "on >secret resetchannels ~latchkey:* -@all +@connection +hmget +hset +hget \
                  +hkeys +del +pexpire +zadd +zrange +zremrangebyscore +eval +evalsha +get +set \
                  +scan";
    let rights = rights.split_whitespace().chain(more.split_whitespace());
    let words: Vec<&str> = ["ACL", "SETUSER", "latchkey"]
        .into_iter()
        .chain(rights)
        .collect();
    server.command::<()>(&words);
}

/// The rights that the documentation names are enough, and no more than these are used.
#[tokio::test]
async fn a_user_with_few_rights_will_do() {
    let server = RedisServer::start();
    grant(&server, "");
    let store = open_default(&format!(
        "redis://latchkey:secret@127.0.0.1:{}",
        server.port
    ));
    crate::conformance::an_owner_lists_every_live_key(&store).await;
    server.command::<()>(&["FLUSHALL"]);
    crate::conformance::scan_finds_live_records_of_one_kind_up_to_a_limit(&store).await;
    server.command::<()>(&["FLUSHALL"]);
    crate::conformance::what_was_taken_is_gone(&store).await;
    crate::conformance::a_refund_lowers_the_counter(&store).await;
    server.command::<()>(&["FLUSHALL"]);
    crate::conformance::resetting_empties_the_named_counters_alone(&store).await;
    assert_eq!(store.check_ready().await, Ok(()));
    assert!(
        store
            .inspect()
            .await
            .iter()
            .any(|finding| matches!(finding, Finding::Warn(text) if text.contains("not allowed")))
    );
    let elsewhere = open_store(&store_settings(
        &format!("redis://latchkey:secret@127.0.0.1:{}", server.port),
        "other:",
    ));
    assert!(matches!(
        elsewhere.check_ready().await,
        Err(StoreError::Unavailable(_))
    ));
}

#[tokio::test]
async fn nodes_of_a_cluster_and_single_servers_are_told_apart() {
    let cluster = RedisCluster::start();
    let text = refused(&store_settings(&cluster.0[0].url(), "latchkey:")).await;
    assert!(text.contains("redis+cluster://"), "{text}");
    let single = RedisServer::start();
    let text = refused(&store_settings(
        &format!("redis+cluster://127.0.0.1:{}", single.port),
        "latchkey:",
    ))
    .await;
    assert!(text.to_lowercase().contains("cluster"), "{text}");

    let findings = open_default(&cluster.url()).inspect().await;
    let versions = findings
        .iter()
        .filter(|finding| matches!(finding, Finding::Pass(text) if text.contains(": version ")));
    assert_eq!(versions.count(), 3, "{findings:?}");
}

#[tokio::test]
async fn check_says_what_an_operator_must_know() {
    let server = RedisServer::start();
    let store = open_default(&server.url());
    let texts = async |marked: fn(Finding) -> Option<String>| {
        store
            .inspect()
            .await
            .into_iter()
            .filter_map(marked)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let minded = |finding| {
        if let Finding::Warn(text) = finding {
            Some(text)
        } else {
            None
        }
    };
    let wrong = |finding| {
        if let Finding::Fail(text) = finding {
            Some(text)
        } else {
            None
        }
    };
    let told = texts(minded).await;
    assert!(
        told.contains("maxmemory is 0") && told.contains("neither AOF nor RDB"),
        "{told}"
    );
    assert_eq!(texts(wrong).await, "");
    server.command::<()>(&["CONFIG", "SET", "maxmemory-policy", "volatile-lru"]);
    assert!(texts(wrong).await.contains("must be noeviction"));
    server.command::<()>(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    server.command::<()>(&["CONFIG", "SET", "appendonly", "yes"]);
    server.command::<()>(&["CONFIG", "SET", "maxmemory", "100mb"]);
    assert_eq!(texts(minded).await, "");
    let replica = RedisServer::start_with(&["--replicaof", "127.0.0.1", &server.port.to_string()]);
    latchkey_testkit::wait::wait_until_blocking("the replica", || {
        replica
            .command::<String>(&["INFO", "replication"])
            .contains("master_link_status:up")
    });
    assert!(texts(minded).await.contains("a fail-over can lose"));
    drop(server);
    assert!(texts(wrong).await.contains("cannot be used"));
}

#[tokio::test]
async fn tls_with_a_private_authority_and_certificates_on_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let papers = Papers::make(folder.path());
    let port = free_port();
    let mut arguments = papers.of_server(port);
    arguments.extend(["--port", "0", "--requirepass", "hunter2"].map(str::to_owned));
    let _server = RedisServer::start_at(port, arguments);
    let whole = papers.of_ours(store_settings(
        &format!("rediss://:hunter2@127.0.0.1:{port}/2"),
        "latchkey:",
    ));
    let store = open_store(&whole);
    assert_eq!(store.check_ready().await, Ok(()));
    add(&store, flow("a")).await.unwrap();
    assert!(store.get(flow("a"), at(1)).await.unwrap().is_some());

    for wrong in [
        Settings {
            ca_file: None,
            ..whole.clone()
        },
        Settings {
            client_cert_file: None,
            client_key_file: None,
            ..whole.clone()
        },
        Settings {
            url: whole.url.replace("rediss:", "redis:"),
            ..whole.clone()
        },
        Settings {
            url: whole.url.replace("127.0.0.1", "localhost"),
            ..whole.clone()
        },
        Settings {
            url: whole.url.replace("hunter2", "hunter3"),
            ..whole.clone()
        },
    ] {
        let text = refused(&Settings {
            timeout: HumanDuration::millis(1000),
            ..wrong
        })
        .await;
        assert!(!text.contains("hunter"), "{text}");
    }
}

#[tokio::test]
async fn a_user_with_few_rights_and_a_password_works_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let papers = Papers::make(folder.path());
    let tls = free_port();
    // Without TLS only for the test's own commands.
    let arguments: Vec<String> = papers.of_server(tls);
    let server = RedisServer::start_with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    grant(&server, "");
    let at_server = |user: &str| {
        papers.of_ours(store_settings(
            &format!("rediss://{user}@127.0.0.1:{tls}"),
            "latchkey:",
        ))
    };
    let password = folder.path().join("password");
    std::fs::write(&password, "secret\n").unwrap();
    let apart = Settings {
        password_file: Some(password),
        ..at_server("latchkey")
    };
    for store in [
        open_store(&at_server("latchkey:secret")),
        open_store(&apart),
    ] {
        assert_eq!(store.check_ready().await, Ok(()));
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
        assert!(store.get(flow("a"), at(1)).await.unwrap().is_some());
    }
    for wrong in [at_server("latchkey:wrong-one"), at_server("nobody:secret")] {
        let text = refused(&wrong).await;
        assert!(
            !text.contains("wrong-one") && !text.contains("secret"),
            "{text}"
        );
    }
}

/// Every way at once: three nodes, TLS with certificates on both sides, a user with the rights that
/// the documentation names.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_of_three_keeps_the_contract_over_tls_for_a_user_with_few_rights() {
    let folder = tempfile::tempdir().unwrap();
    let papers = Papers::make(folder.path());
    let ports: Vec<u16> = (0..3).map(|_| free_port()).collect();
    let nodes = ports.iter().map(|port| {
        let mut arguments = papers.of_server(*port);
        arguments.extend(["--tls-cluster", "yes"].map(str::to_owned));
        latchkey_testkit::redis_server::start_cluster_node(&arguments)
    });
    let cluster = RedisCluster::form(nodes.collect(), &ports);
    for node in &cluster.0 {
        grant(node, "+cluster|info +cluster|slots");
    }
    let hosts: Vec<String> = ports
        .iter()
        .map(|port| format!("127.0.0.1:{port}"))
        .collect();
    let url = format!("rediss+cluster://latchkey:secret@{}", hosts.join(","));
    let fresh = |case: &str| {
        let settings = papers.of_ours(store_settings(&url, &format!("latchkey:{case}:")));
        std::sync::Arc::new(open_store(&settings)) as std::sync::Arc<dyn Store>
    };
    conform!(fresh);
    for node in &cluster.0 {
        assert!(
            node.command::<usize>(&["DBSIZE"]) > 10,
            "all three had to do with it"
        );
    }
    let plain = store_settings(&url.replace("rediss", "redis"), "latchkey:");
    assert!(
        !refused(&Settings {
            timeout: HumanDuration::millis(1000),
            ..plain
        })
        .await
        .contains("secret")
    );
}
