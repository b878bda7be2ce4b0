//! `transmit.generate_request_id`: what is asked for, what is learned, and from what (requirement
//! C10).

use std::time::Duration;

use latchkey::server::settings::transmit::RequestIdMode;
use latchkey::server::transmit::{FailureKind, Reason};
use serde_json::{Value, json};

use crate::stub_server::{Reply, Seen};
use crate::test_client::{SEND, TestClient};

const DAY: Duration = Duration::from_secs(86_400);

async fn client(mode: RequestIdMode) -> TestClient {
    TestClient::with(|settings| settings.generate_request_id = mode).await
}

fn is_asking(seen: &Seen) -> bool {
    seen.json().get("generate_request_id") == Some(&json!(true))
}

/// Which of the calls since then have asked.
fn asked(client: &TestClient, before: usize) -> Vec<bool> {
    client.stub.seen(SEND)[before..]
        .iter()
        .map(is_asking)
        .collect()
}

fn unknown_field() -> Reply {
    refusal(
        400,
        "system_invalid_input",
        "property generate_request_id should not exist",
    )
}

fn refusal(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, json!({"error_code": code, "message": message}))
}

fn sent() -> Reply {
    Reply::json(200, json!({"message": "OTP sent"}))
}

/// A tenant that does not know the field, and otherwise replies with `other`.
fn knows_no_field(client: &TestClient, error: Value, other: fn() -> Reply) {
    client.stub.on(SEND, move |seen| {
        if is_asking(seen) {
            Reply::json(400, error.clone())
        } else {
            other()
        }
    });
}

#[tokio::test]
async fn c10_auto_asks_and_one_answer_without_an_id_changes_nothing() {
    let client = client(RequestIdMode::Auto).await;
    client.stub.in_turn(
        SEND,
        vec![
            sent(),
            Reply::json(200, json!({"message": "OTP sent", "request_id": "r-1"})),
            sent(),
        ],
    );
    for id in [None, Some("r-1"), None] {
        assert_eq!(client.send().await.unwrap().request_id.as_deref(), id);
    }
    assert_eq!(asked(&client, 0), [true; 3]);
    assert!(client.transmit.requests_ids());
}

#[tokio::test]
async fn c10_an_unknown_field_is_left_out_for_a_day() {
    for error in [
        json!({"error_code": "system_invalid_input",
            "message": "property generate_request_id should not exist"}),
        json!({"error_code": 400, "message": ["channel is odd",
            "property Generate_Request_Id should not exist"]}),
        json!({"error_code": "bad_request", "message": "unknown: generate_request_id"}),
    ] {
        let client = client(RequestIdMode::Auto).await;
        knows_no_field(&client, error, sent);
        for round in 0..2 {
            let before = client.stub.count(SEND);
            assert_eq!(client.send().await.unwrap().request_id, None);
            assert_eq!(asked(&client, before), [true, false], "round {round}");
            assert!(!client.transmit.requests_ids());
            client.hand.advance(DAY - Duration::from_secs(1));
            client.send().await.unwrap();
            assert_eq!(asked(&client, before), [true, false, false]);
            client.hand.advance(Duration::from_secs(1));
        }
    }
}

#[tokio::test]
async fn c10_nothing_is_learned_from_an_error_of_one_user() {
    let named = "generate_request_id";
    for reply in [
        refusal(404, "user_not_found", named),
        refusal(400, "user_not_found", named),
        refusal(400, "user_phone_number_missing", named),
        refusal(400, "auth_invalid_credentials", named),
        refusal(400, "external_provider_configuration_error", named),
        refusal(400, "system_invalid_input", "identifier is not valid"),
        refusal(422, "system_invalid_input", named),
        refusal(403, "user_not_active", named),
        refusal(404, "not_found", named),
        Reply::text(400, "text/html", named),
        Reply::json(500, json!({"error_code": 500, "message": named})),
    ] {
        let client = client(RequestIdMode::Auto).await;
        client.stub.always(SEND, reply);
        client.send().await.unwrap_err();
        client.stub.always(SEND, sent());
        client.send().await.unwrap();
        assert_eq!(asked(&client, 0), [true, true]);
    }
}

/// A person can type the name of the field, so a message that repeats it is no proof.
#[tokio::test]
async fn c10_nothing_is_learned_unless_the_call_without_the_field_is_processed() {
    for repeated in [
        unknown_field(),
        refusal(
            400,
            "system_invalid_input",
            "identifier generate_request_id is not valid",
        ),
        Reply::json(500, json!({})),
        Reply::text(200, "text/html", "<html>"),
    ] {
        let client = client(RequestIdMode::Auto).await;
        client.stub.in_turn(SEND, vec![unknown_field(), repeated]);
        client.send().await.unwrap_err();
        assert!(client.transmit.requests_ids());
        assert_eq!(asked(&client, 0), [true, false]);
    }
    let client = client(RequestIdMode::Auto).await;
    let error = json!({"error_code": 400, "message": ["no generate_request_id here"]});
    knows_no_field(&client, error, || {
        refusal(404, "user_not_found", "User not found")
    });
    let failure = client.send().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused(Reason::UserNotFound));
    assert!(
        !client.transmit.requests_ids(),
        "the call was valid without the field"
    );
}

#[tokio::test]
async fn c10_what_an_earlier_process_learned_holds_for_a_day_at_most() {
    let client = client(RequestIdMode::Auto).await;
    let now = latchkey::domain::timestamp::Timestamp::from_secs(crate::test_client::NOW);
    client
        .transmit
        .restore_request_ids_unknown_until(now + 10 * DAY);
    assert!(!client.transmit.requests_ids());
    client.hand.advance(DAY);
    assert!(client.transmit.requests_ids());
}

#[tokio::test]
async fn c10_true_fails_closed() {
    let client = client(RequestIdMode::Required).await;
    knows_no_field(
        &client,
        json!({"error_code": 400, "message": "generate_request_id"}),
        sent,
    );
    let failure = client.send().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused(Reason::RequestIdUnknown));
    client.stub.always(SEND, sent());
    let failure = client.send().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NoRequestId);
    assert!(!failure.delivery.was_not_processed(), "an SMS was sent");
    assert_eq!(asked(&client, 0), [true, true]);
    assert!(client.transmit.requires_request_ids());
}

#[tokio::test]
async fn c10_false_asks_for_none_and_takes_what_comes() {
    let client = client(RequestIdMode::Off).await;
    let with_id = Reply::json(200, json!({"message": "OTP sent", "request_id": "r-1"}));
    client.stub.in_turn(SEND, vec![sent(), with_id]);
    for id in [None, Some("r-1")] {
        assert_eq!(client.send().await.unwrap().request_id.as_deref(), id);
    }
    assert_eq!(asked(&client, 0), [false, false]);
    assert!(!client.transmit.requests_ids());
}
