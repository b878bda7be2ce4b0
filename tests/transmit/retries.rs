//! Which calls are repeated: the table, and `Retry-After` (T7, S10).

use std::fmt::Write;
use std::time::Duration;

use latchkey::server::system::clock::Clock;
use latchkey::server::transmit::{FailureKind, Operation};
use serde_json::json;

use crate::stub_server::Reply;
use crate::test_client::{CALLS, JWKS, TIMEOUT, TOKEN, TestClient, USER, good};

/// Requests that one call costs when every answer is the same fault. `docs/developers/faults.md`
/// shows this table.
const TABLE: [(&str, [usize; 9]); 11] = [
    ("token", [4, 4, 4, 4, 1, 4, 1, 1, 1]),
    ("jwks", [4, 4, 4, 4, 1, 4, 1, 1, 1]),
    ("user_create", [1, 1, 1, 1, 1, 1, 1, 1, 2]),
    ("user_get", [4, 4, 4, 4, 1, 4, 1, 1, 2]),
    ("user_update", [4, 4, 4, 4, 1, 4, 1, 1, 2]),
    ("otp_send", [1, 1, 1, 1, 1, 1, 1, 1, 2]),
    ("otp_authenticate", [1, 1, 1, 1, 1, 1, 1, 1, 2]),
    ("session_authenticate", [4, 4, 4, 4, 1, 4, 1, 1, 2]),
    ("session_logout", [4, 4, 4, 4, 1, 4, 1, 1, 2]),
    ("sessions_list", [4, 4, 4, 4, 1, 4, 1, 1, 2]),
    ("sessions_revoke", [4, 4, 4, 4, 1, 4, 1, 1, 2]),
];

/// The faults of the table, in its order.
fn faults() -> [(&'static str, Reply); 9] {
    let unauthorized = json!({"error_code": 401, "message": "Unauthorized"});
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"a\"";
    [
        ("reset", Reply::Reset),
        ("body breaks off", Reply::Raw(head.into())),
        ("5xx", Reply::text(503, "text/html", "<html>")),
        (
            "5xx, Retry-After 1 s",
            Reply::text(503, "", "").with("retry-after", "1"),
        ),
        ("429", Reply::text(429, "", "")),
        (
            "429, Retry-After 1 s",
            Reply::text(429, "", "").with("retry-after", "1"),
        ),
        ("not understood", Reply::text(200, "text/html", "<html>")),
        (
            "Retry-After beyond the deadline",
            Reply::text(503, "", "").with("retry-after", "11"),
        ),
        ("401", Reply::json(401, unauthorized)),
    ]
}

fn operations() -> Vec<(Operation, &'static str)> {
    let shared = [(Operation::Token, TOKEN), (Operation::Jwks, JWKS)];
    shared.into_iter().chain(CALLS).collect()
}

#[tokio::test]
async fn t7_s10_the_table_of_what_is_made_again() {
    for ((operation, path), (name, expected)) in operations().into_iter().zip(TABLE) {
        assert_eq!(operation.as_str(), name);
        let columns = faults().into_iter().map(|(fault, reply)| async move {
            let world = TestClient::new().await;
            world.stub.always(path, reply);
            let ended = world.while_time_passes(world.call(operation)).await;
            // Ending sessions is told by its status alone: a 200 of whatever body is one.
            let by_status = matches!(
                operation,
                Operation::SessionLogout | Operation::SessionsRevoke
            );
            assert!(
                ended.is_err() || (fault == "not understood" && by_status),
                "{operation}: {fault}"
            );
            world.stub.count(path)
        });
        let counted = futures_util::future::join_all(columns).await;
        assert_eq!(counted, expected, "{operation}");
    }
}

#[test]
fn the_reference_shows_the_table() {
    let mut groups: Vec<[usize; 9]> = Vec::new();
    let mut calls = "| call | group |\n|---|---|\n".to_owned();
    for (operation, counts) in TABLE {
        let at = groups.iter().position(|group| *group == counts);
        let at = at.unwrap_or_else(|| {
            groups.push(counts);
            groups.len() - 1
        });
        writeln!(calls, "| `{operation}` | {} |", letter(at)).unwrap();
    }
    let letters: Vec<_> = (0..groups.len()).map(letter).map(String::from).collect();
    let mut requests = format!(
        "| every response | {} |\n|---|{}\n",
        letters.join(" | "),
        "---|".repeat(letters.len())
    );
    for (at, (fault, _)) in faults().into_iter().enumerate() {
        let cells: Vec<_> = groups.iter().map(|group| group[at].to_string()).collect();
        writeln!(requests, "| {fault} | {} |", cells.join(" | ")).unwrap();
    }
    let reference = include_str!("../../docs/developers/faults.md");
    for table in [calls, requests] {
        assert!(
            reference.contains(&table),
            "docs/developers/faults.md must show\n{table}"
        );
    }
}

/// Calls with the same counts form a group: A, B, C.
fn letter(group: usize) -> char {
    char::from(b'A' + u8::try_from(group).unwrap())
}

#[tokio::test]
async fn t7_a_repeat_never_comes_before_the_moment_that_upstream_names() {
    let date = httpdate(2);
    for (status, value) in [
        (503, "2"),
        (429, "2"),
        (503, date.as_str()),
        (429, date.as_str()),
    ] {
        let world = TestClient::new().await;
        world.stub.in_turn(
            USER,
            vec![
                Reply::text(status, "", "").with("retry-after", value),
                good(USER),
            ],
        );
        let call = world.transmit.user("u-1");
        let watch = async {
            world.stub.wait_for(USER, 1).await;
            // Longer than the longest back-off before a first repeat.
            Clock::system().sleep(Duration::from_millis(150)).await;
            world.hand.advance(Duration::from_millis(1999));
            Clock::system().sleep(Duration::from_millis(20)).await;
            assert_eq!(world.stub.count(USER), 1, "{status} {value}: too early");
            world.hand.advance(Duration::from_millis(1));
        };
        let (called, ()) = tokio::join!(call, watch);
        called.unwrap();
        assert_eq!(world.stub.count(USER), 2, "{status} {value}");
    }
}

#[tokio::test]
async fn t7_a_wait_that_the_deadline_does_not_allow_is_not_begun() {
    let world = TestClient::new().await;
    let seconds = TIMEOUT.as_secs().to_string();
    world
        .stub
        .always(USER, Reply::text(503, "", "").with("retry-after", &seconds));
    let failure = world.transmit.user("u-1").await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.retry_after),
        (FailureKind::Server, Some(TIMEOUT))
    );
    assert_eq!(world.stub.count(USER), 1);
}

/// That many seconds from the world's beginning, as HTTP writes it.
fn httpdate(seconds: u64) -> String {
    httpdate::fmt_http_date(
        std::time::UNIX_EPOCH + Duration::from_secs(crate::test_client::NOW + seconds),
    )
}
