//! The process over Redis: no folder, no owner, and a start before Redis is there.

use std::collections::BTreeSet;

use crate::binary::process::{Person, Place, Process, run};
use crate::support::{KNOWN, wait_until};
use latchkey_testkit::redis_server::RedisServer;
use latchkey_testkit::tcp_relay::TcpRelay;

fn url(redis: &RedisServer) -> (String, String) {
    ("LATCHKEY_STORE__URL".to_owned(), redis.url())
}

/// The same on every node.
fn key() -> (String, String) {
    (
        "LATCHKEY_SECRETS__KEY".to_owned(),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
    )
}

#[tokio::test]
async fn k10_with_redis_the_operator_needs_no_server_and_no_folder() {
    let place = Place::new();
    let redis = RedisServer::start();
    let mut shared = vec![url(&redis)];
    let refused = run(&place, &["serve", "--sandbox"], &shared, "");
    assert_eq!(refused.status.code(), Some(2));
    let complaint = String::from_utf8(refused.stderr).unwrap();
    assert!(
        complaint.contains("secrets.key") && complaint.contains("every node"),
        "{complaint}"
    );

    shared.push(key());
    let mut server = Process::begin(&place, &["serve", "--sandbox"], &shared);
    wait_until("the server", async || place.is_up().await).await;
    assert!(place.operations("/readyz").await.1.contains("store: ok"));
    let mut person = Person::new(&place);
    person.sign_in(KNOWN).await;
    shared.append(&mut place.upstream_variables());
    let said = |arguments: &[&str], input: &str| {
        let output = run(&place, arguments, &shared, input);
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, list) = said(&["sessions", "list"], "");
    assert!(code == Some(0) && list.contains("1 live"), "{list}");
    assert_eq!(
        said(&["unlock"], "+44 7400 123456\n"),
        (Some(0), "unlocked\n".to_owned())
    );
    let (code, table) = said(&["check"], "");
    assert!(
        code == Some(0) && table.contains(&redis.url()) && table.contains("version "),
        "{table}"
    );
    assert!(
        table.contains("mind") && table.contains("maxmemory is 0"),
        "{table}"
    );
    assert_eq!(
        said(&["sessions", "revoke", "--all"], ""),
        (Some(0), "1 ended\n".to_owned())
    );
    assert_eq!(
        person.get("/api/session").await.0,
        401,
        "the running server knows at once"
    );
    redis.command::<()>(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    let (code, table) = said(&["check"], "");
    assert!(
        code == Some(1) && table.contains("must be noeviction"),
        "{table}"
    );
    assert_eq!(server.terminate(), Some(0));
    assert!(server.output().contains("\"store\":\"redis\""));
    assert!(!place.folder.path().join("data").exists());

    redis.command::<()>(&["SET", "latchkey:schema", "7"]);
    let refused = run(&place, &["serve", "--sandbox"], &shared, "");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("schema 7"));
}

#[tokio::test]
async fn a_node_may_start_before_its_redis_and_says_that_it_is_not_ready() {
    let place = Place::new();
    let mut redis = RedisServer::start();
    redis.kill();
    let shared = [url(&redis), key()];
    let mut server = Process::begin(&place, &["serve", "--sandbox"], &shared);
    wait_until("the server", async || place.is_up().await).await;
    let (status, body) = place.operations("/readyz").await;
    assert!(
        status == 503 && body.contains("store: the store cannot be used"),
        "{body}"
    );
    let mut person = Person::new(&place);
    assert_eq!(person.get("/sign-in").await.0, 200);
    redis.restart();
    wait_until("readiness", async || {
        place.operations("/readyz").await.0 == 200
    })
    .await;
    person.sign_in(KNOWN).await;
    assert_eq!(person.get("/api/session").await.0, 200);
    assert_eq!(server.terminate(), Some(0));
}

/// Answers that a process gave, but for those of the last moment: how many of each class.
async fn answered(place: &Place) -> usize {
    let (_, metrics) = place.operations("/metrics").await;
    let lines = metrics
        .lines()
        .filter(|line| line.starts_with("latchkey_http_requests_total"));
    lines
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<usize>().ok())
        .sum()
}

/// Two processes over one Redis, and a balancer that gives them every connection in turns; each
/// request is a connection.
#[tokio::test]
async fn k7_k10_a_journey_hops_between_two_processes_at_every_request() {
    let redis = RedisServer::start();
    let mut places = [Place::new(), Place::new()];
    let balancer = TcpRelay::start(&[places[0].application.port(), places[1].application.port()])
        .await
        .unwrap();
    let address = format!("127.0.0.1:{}", balancer.port);
    let mut alone = Process::begin(&places[0], &["sandbox"], &[]);
    wait_until("the sandbox", async || {
        places[0].sandbox("/control/calls").await.is_some()
    })
    .await;
    let mut shared = places[0].upstream_variables();
    shared.extend([
        url(&redis),
        key(),
        (
            "LATCHKEY_SERVER__PUBLIC_URL".to_owned(),
            format!("http://{address}"),
        ),
    ]);
    let mut servers = places
        .each_ref()
        .map(|place| Process::begin(place, &["serve"], &shared));
    for place in &places {
        wait_until("a server", async || place.is_up().await).await;
    }

    places[0].application = address.parse().unwrap();
    let mut person = Person::hopping(&places[0]);
    for page in ["/", "/sign-in", "/sign-up"] {
        assert!(matches!(person.get(page).await.0, 200 | 303), "{page}");
    }
    person.sign_in(KNOWN).await;
    for _ in 0..6 {
        assert_eq!(person.get("/api/session").await.0, 200);
    }
    assert_eq!(person.get("/account").await.0, 200);
    assert_eq!(person.post("extend-session", &[]).await.0, 200);
    let before = person.clone();
    assert_eq!(person.post("sign-out", &[]).await.0, 200);
    let statuses = async |mut person: Person| {
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

    let mut person = Person::hopping(&places[0]);
    person.sign_in("+447400777888").await;
    assert_eq!(statuses(person.clone()).await, [200].into());
    let revoked = run(&places[1], &["sessions", "revoke", "--all"], &shared, "");
    assert!(String::from_utf8_lossy(&revoked.stdout).contains("1 ended"));
    assert_eq!(
        statuses(person).await,
        [401].into(),
        "revoked for the next request on every node"
    );
    for place in &places {
        assert!(answered(place).await > 8, "both had to do with it");
    }
    for server in &mut servers {
        assert_eq!(server.terminate(), Some(0));
    }
    assert_eq!(alone.terminate(), Some(0));
}
