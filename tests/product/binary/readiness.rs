//! Readiness: `/readyz` and `latchkey check` try what a sign-in needs from the store.

use latchkey_testkit::redis_server::RedisServer;

use crate::binary::process::{ChildProcess, TestEnvironment, run_command};
use crate::support::wait_until;

/// The settings of a server on this Redis. No upstream responds.
fn settings(env: &TestEnvironment, redis: &RedisServer) -> Vec<(String, String)> {
    env.upstream_variables_with(&[
        ("STORE__URL", &redis.url()),
        (
            "SECRETS__KEY",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        ),
    ])
}

/// Makes the next writes fail because the last snapshot did.
fn fail_snapshots(redis: &RedisServer) {
    let file = redis.folder.path().join("dump.rdb");
    let _ = std::fs::remove_file(&file);
    std::fs::create_dir_all(file.join("occupied")).unwrap();
    redis.command::<()>(&["CONFIG", "SET", "save", "3600 1"]);
    redis.command::<()>(&["BGSAVE"]);
    latchkey_testkit::wait::wait_until_blocking("the snapshot to fail", || {
        redis
            .command::<String>(&["INFO", "persistence"])
            .contains("rdb_last_bgsave_status:err")
    });
}

#[tokio::test]
async fn l6_a_redis_that_refuses_what_a_sign_in_needs_is_not_ready() {
    let env = TestEnvironment::new();
    let redis = RedisServer::start();
    let settings = settings(&env, &redis);
    let mut server = ChildProcess::start_server_with(&env, &["serve"], &settings).await;
    env.wait_for_readiness(200).await;
    let set = |name: &str, value: &str| redis.command::<()>(&["CONFIG", "SET", name, value]);
    let acl = |rule: &str| redis.command::<()>(&["ACL", "SETUSER", "default", rule]);
    // What is broken, how, how it is mended, and what `check` says of it.
    type Case<'a> = (&'a str, &'a dyn Fn(), &'a dyn Fn(), &'a str);
    let cases: [Case<'_>; 5] = [
        (
            "memory",
            &|| set("maxmemory", "1"),
            &|| set("maxmemory", "0"),
            "memory of Redis is full",
        ),
        (
            "replicas",
            &|| set("min-replicas-to-write", "1"),
            &|| set("min-replicas-to-write", "0"),
            "NOREPLICAS",
        ),
        (
            "scripts",
            &|| acl("-evalsha"),
            &|| acl("+evalsha"),
            "EVALSHA",
        ),
        ("hashes", &|| acl("-hset"), &|| acl("+hset"), "HSET"),
        (
            "snapshots",
            &|| fail_snapshots(&redis),
            &|| set("stop-writes-on-bgsave-error", "no"),
            "MISCONF",
        ),
    ];
    for (what, spoil, restore, cause) in cases {
        spoil();
        wait_until(what, async || {
            env.get_operations("/readyz").await == (503, "server: ok\nstore: unavailable\n".into())
        })
        .await;
        let check = run_command(&env, &["check"], &settings, "");
        let table = String::from_utf8(check.stdout).unwrap();
        assert_eq!(check.status.code(), Some(1), "{what}: {table}");
        assert!(
            table
                .lines()
                .any(|line| line.starts_with("FAIL  store") && line.contains(cause)),
            "{what}: {table}"
        );
        restore();
        wait_until(what, async || env.get_operations("/readyz").await.0 == 200).await;
    }
    let (_, metrics) = env.get_operations("/metrics").await;
    for part in [
        "latchkey_store_errors_total{operation=\"probe\",kind=\"unavailable\"}",
        "latchkey_store_call_duration_seconds_count{operation=\"probe\"}",
        "latchkey_store_queue_length 0",
    ] {
        assert!(metrics.contains(part), "{part}: {metrics}");
    }
    assert_eq!(server.terminate(), Some(0));
}
