//! The process with Redis: no data directory, no store owner, and a start before Redis is
//! available.

use std::collections::BTreeSet;

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::support::KNOWN_PHONE;
use latchkey::server::store::Precondition;
use latchkey::server::store::format::{self, FormatRequirement, RECORD_FORMAT};
use latchkey::server::system::clock::Clock;
use latchkey_testkit::redis_server::{RedisServer, open_default};
use latchkey_testkit::tcp_relay::TcpRelay;

fn url(redis: &RedisServer) -> (String, String) {
    ("LATCHKEY_STORE__URL".to_owned(), redis.url())
}

/// The same key on every node.
fn key() -> (String, String) {
    (
        "LATCHKEY_SECRETS__KEY".to_owned(),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
    )
}

#[tokio::test]
async fn k10_with_redis_operator_commands_need_no_server_and_no_data_directory() {
    let env = TestEnvironment::new();
    let redis = RedisServer::start();
    let mut shared = vec![url(&redis)];
    let refused = run_command(&env, &["serve", "--sandbox"], &shared, "");
    assert_eq!(refused.status.code(), Some(2));
    let stderr = String::from_utf8(refused.stderr).unwrap();
    assert!(
        stderr.contains("secrets.key") && stderr.contains("every node"),
        "{stderr}"
    );

    shared.push(key());
    let mut server = ChildProcess::start_server_with(&env, &["serve", "--sandbox"], &shared).await;
    assert!(env.get_operations("/readyz").await.1.contains("store: ok"));
    let mut person = NetworkBrowser::new(&env);
    person.sign_in(KNOWN_PHONE).await;
    shared.append(&mut env.upstream_variables());
    let run_latchkey = |arguments: &[&str], input: &str| {
        let output = run_command(&env, arguments, &shared, input);
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, list) = run_latchkey(&["sessions", "list"], "");
    assert!(code == Some(0) && list.contains("1 live"), "{list}");
    assert_eq!(
        run_latchkey(&["unlock"], "+44 7400 123456\n"),
        (Some(0), "unlocked\n".to_owned())
    );
    let (code, table) = run_latchkey(&["check"], "");
    assert!(
        code == Some(0) && table.contains(&redis.url()) && table.contains("version "),
        "{table}"
    );
    assert!(
        table.contains("WARN") && table.contains("maxmemory is 0"),
        "{table}"
    );
    assert_eq!(
        run_latchkey(&["sessions", "revoke", "--all"], ""),
        (Some(0), "1 ended\n".to_owned())
    );
    assert_eq!(
        person.get("/api/session").await.0,
        401,
        "the running server applies it immediately"
    );
    redis.command::<()>(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    let (code, table) = run_latchkey(&["check"], "");
    assert!(
        code == Some(1) && table.contains("must be noeviction"),
        "{table}"
    );
    assert_eq!(server.terminate(), Some(0));
    assert!(server.stdout().contains("\"store\":\"redis\""));
    assert!(!env.folder.path().join("data").exists());

    redis.command::<()>(&["SET", "latchkey:schema", "7"]);
    let refused = run_command(&env, &["serve", "--sandbox"], &shared, "");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("schema 7"));
}

#[tokio::test]
async fn a_node_that_is_too_old_for_the_records_of_redis_is_refused() {
    let env = TestEnvironment::new();
    let redis = RedisServer::start();
    let shared = [url(&redis), key()];
    let required = FormatRequirement {
        oldest_reader: RECORD_FORMAT + 1,
        version: "9.1.0".to_owned(),
    };
    let (store, now) = (open_default(&redis.url()), Clock::system().now());
    format::require(&store, &required, Precondition::Any, now)
        .await
        .unwrap();
    let refused = run_command(&env, &["serve", "--sandbox"], &shared, "");
    let stderr = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("version 9.1.0") && stderr.contains("later version"),
        "{stderr}"
    );
}

#[tokio::test]
async fn a_node_started_before_redis_reports_that_it_is_not_ready() {
    let env = TestEnvironment::new();
    let mut redis = RedisServer::start();
    redis.kill();
    let shared = [url(&redis), key()];
    let mut server = ChildProcess::start_server_with(&env, &["serve", "--sandbox"], &shared).await;
    let (status, body) = env.get_operations("/readyz").await;
    assert!(
        status == 503 && body == "server: ok\nstore: unavailable\n",
        "{body}"
    );
    let mut person = NetworkBrowser::new(&env);
    assert_eq!(person.get("/sign-in").await.0, 200);
    redis.restart();
    env.wait_for_readiness(200).await;
    person.sign_in(KNOWN_PHONE).await;
    assert_eq!(person.get("/api/session").await.0, 200);
    assert_eq!(server.terminate(), Some(0));
}

/// The number of responses that a process sent, from its metrics.
async fn answered(env: &TestEnvironment) -> usize {
    let (_, metrics) = env.get_operations("/metrics").await;
    let lines = metrics
        .lines()
        .filter(|line| line.starts_with("latchkey_http_requests_total"));
    lines
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<usize>().ok())
        .sum()
}

/// Two processes with one Redis, and a load balancer that alternates between them. Each request is
/// a new connection.
#[tokio::test]
async fn k7_k10_a_journey_alternates_between_two_processes() {
    let redis = RedisServer::start();
    let mut envs = [TestEnvironment::new(), TestEnvironment::new()];
    let balancer = TcpRelay::start(&[envs[0].application.port(), envs[1].application.port()])
        .await
        .unwrap();
    let address = format!("127.0.0.1:{}", balancer.port);
    let mut sandbox = ChildProcess::start_sandbox(&envs[0]).await;
    let mut shared = envs[0].upstream_variables();
    shared.extend([
        url(&redis),
        key(),
        (
            "LATCHKEY_SERVER__PUBLIC_URL".to_owned(),
            format!("http://{address}"),
        ),
    ]);
    let mut servers = envs
        .each_ref()
        .map(|env| ChildProcess::spawn(env, &["serve"], &shared));
    for env in &envs {
        env.wait_until_up().await;
    }

    envs[0].application = address.parse().unwrap();
    let mut person = NetworkBrowser::without_keep_alive(&envs[0]);
    for page in ["/", "/sign-in", "/sign-up"] {
        assert!(matches!(person.get(page).await.0, 200 | 303), "{page}");
    }
    person.sign_in(KNOWN_PHONE).await;
    for _ in 0..6 {
        assert_eq!(person.get("/api/session").await.0, 200);
    }
    assert_eq!(person.get("/account").await.0, 200);
    assert_eq!(person.post("extend-session", &[]).await.0, 200);
    let before = person.clone();
    assert_eq!(person.post("sign-out", &[]).await.0, 200);
    let statuses = async |mut person: NetworkBrowser| {
        let mut statuses = BTreeSet::new();
        for _ in 0..4 {
            statuses.insert(person.get("/api/session").await.0);
        }
        statuses
    };
    assert_eq!(
        statuses(before).await,
        [401].into(),
        "signed out on every node"
    );

    let mut person = NetworkBrowser::without_keep_alive(&envs[0]);
    person.sign_in("+447400777888").await;
    assert_eq!(statuses(person.clone()).await, [200].into());
    let revoked = run_command(&envs[1], &["sessions", "revoke", "--all"], &shared, "");
    assert!(String::from_utf8_lossy(&revoked.stdout).contains("1 ended"));
    assert_eq!(
        statuses(person).await,
        [401].into(),
        "revoked for the next request on every node"
    );
    for env in &envs {
        assert!(
            answered(env).await > 8,
            "both nodes must have served requests"
        );
    }
    for server in &mut servers {
        assert_eq!(server.terminate(), Some(0));
    }
    assert_eq!(sandbox.terminate(), Some(0));
}
