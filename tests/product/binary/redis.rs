//! The process over Redis: no folder, no owner, and a start before Redis is there.

use super::process::{Person, Place, Process, run};
use crate::redis_server::Server;
use crate::support::{KNOWN, until};

fn url(redis: &Server) -> (String, String) {
    ("LATCHKEY_STORE__URL".to_owned(), redis.url())
}

/// The same on every node.
fn key() -> (String, String) {
    ("LATCHKEY_SECRETS__KEY".to_owned(), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned())
}

#[tokio::test]
async fn k10_with_redis_the_operator_needs_no_server_and_no_folder() {
    let place = Place::new();
    let redis = Server::start();
    let mut shared = vec![url(&redis)];
    let refused = run(&place, &["serve", "--sandbox"], &shared, "");
    assert_eq!(refused.status.code(), Some(2));
    let complaint = String::from_utf8(refused.stderr).unwrap();
    assert!(complaint.contains("secrets.key") && complaint.contains("every node"), "{complaint}");

    shared.push(key());
    let mut server = Process::begin(&place, &["serve", "--sandbox"], &shared);
    until("the server", async || place.is_up().await).await;
    assert!(place.operations("/readyz").await.1.contains("store: ok"));
    let mut person = Person::new(&place);
    person.sign_in(KNOWN).await;
    shared.append(&mut place.upstream_variables());
    let said = |arguments: &[&str], input: &str| {
        let output = run(&place, arguments, &shared, input);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, list) = said(&["sessions", "list"], "");
    assert!(code == Some(0) && list.contains("1 live"), "{list}");
    assert_eq!(said(&["unlock"], "+44 7400 123456\n"), (Some(0), "unlocked\n".to_owned()));
    let (code, table) = said(&["check"], "");
    assert!(code == Some(0) && table.contains(&redis.url()) && table.contains("version "), "{table}");
    assert!(table.contains("mind") && table.contains("maxmemory is 0"), "{table}");
    assert_eq!(said(&["sessions", "revoke", "--all"], ""), (Some(0), "1 ended\n".to_owned()));
    assert_eq!(person.get("/api/session").await.0, 401, "the running server knows at once");
    redis.ask::<()>(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    let (code, table) = said(&["check"], "");
    assert!(code == Some(1) && table.contains("must be noeviction"), "{table}");
    assert_eq!(server.terminate(), Some(0));
    assert!(server.output().contains("\"store\":\"redis\""));
    assert!(!place.folder.path().join("data").exists());

    redis.ask::<()>(&["SET", "latchkey:schema", "7"]);
    let refused = run(&place, &["serve", "--sandbox"], &shared, "");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("schema 7"));
}

#[tokio::test]
async fn a_node_may_start_before_its_redis_and_says_that_it_is_not_ready() {
    let place = Place::new();
    let mut redis = Server::start();
    redis.kill();
    let shared = [url(&redis), key()];
    let mut server = Process::begin(&place, &["serve", "--sandbox"], &shared);
    until("the server", async || place.is_up().await).await;
    let (status, body) = place.operations("/readyz").await;
    assert!(status == 503 && body.contains("store: the store cannot be used"), "{body}");
    let mut person = Person::new(&place);
    assert_eq!(person.get("/sign-in").await.0, 200);
    redis.restart();
    until("readiness", async || place.operations("/readyz").await.0 == 200).await;
    person.sign_in(KNOWN).await;
    assert_eq!(person.get("/api/session").await.0, 200);
    assert_eq!(server.terminate(), Some(0));
}
