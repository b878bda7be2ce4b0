//! Users: creation, look-up and name.

use latchkey::domain::{Identifier, IdentifierType};
use latchkey::server::transmit::{DeliveryState, FailureKind, Reason, UserCreation, UserStatus};
use serde_json::json;

use crate::stub_server::Reply;
use crate::test_client::*;

#[tokio::test]
async fn a_users_creation_knows_new_from_taken() {
    let world = TestClient::new().await;
    world.stub.always(
        USERS,
        Reply::json(
            201,
            json!({"result": {"user_id": "u-9", "status": "Pending"}}),
        ),
    );
    let created = world.transmit.create_user(&phone()).await.unwrap();
    assert_eq!(
        created,
        UserCreation::New {
            user_id: "u-9".into()
        }
    );
    assert_eq!(
        world.stub.seen(USERS)[0].json(),
        json!({"phone_number": PHONE})
    );

    let taken =
        json!({"message": "taken", "error_code": 409, "ts_error_code": "identifier_is_taken"});
    world.stub.always(USERS, Reply::json(409, taken));
    assert_eq!(
        world.transmit.create_user(&phone()).await.unwrap(),
        UserCreation::Exists
    );

    world.stub.always(
        USERS,
        classic(400, json!(["phone_number must be a valid phone number"])),
    );
    let failure = world.transmit.create_user(&phone()).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused(Reason::InvalidInput));
}

#[tokio::test]
async fn no_user_without_a_phone_number_is_created() {
    let world = TestClient::new().await;
    for kind in ["email", "username", "user_id", "employee_number"] {
        let kind: IdentifierType = kind.parse().unwrap();
        let other = Identifier::canonical(kind, "ada@example.com".into(), None);
        let failure = world.transmit.create_user(&other).await.unwrap_err();
        assert_eq!(
            (failure.delivery, world.stub.count(USERS)),
            (DeliveryState::NotWritten, 0),
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn a_user_is_read_with_status() {
    let world = TestClient::new().await;
    for (word, status) in [
        ("Active", UserStatus::Active),
        ("Disabled", UserStatus::Disabled),
        ("Pending", UserStatus::Pending),
        ("Suspended", UserStatus::Other("Suspended".into())),
    ] {
        world.stub.always(
            USER,
            Reply::json(200, json!({"result": {"user_id": "u-1", "status": word}})),
        );
        assert_eq!(
            world.transmit.user("u-1").await.unwrap().unwrap().status,
            status
        );
    }
    for no_id in [String::new(), "..".into(), "u".repeat(256)] {
        world.stub.always(
            USER,
            Reply::json(
                200,
                json!({"result": {"user_id": no_id, "status": "Active"}}),
            ),
        );
        assert_eq!(
            world.transmit.user("u-1").await.unwrap_err().kind,
            FailureKind::NotUnderstood
        );
    }
    world
        .stub
        .always(USER, classic(404, json!("User not found")));
    assert_eq!(world.transmit.user("u-1").await.unwrap(), None);
    world
        .stub
        .always(USER, Reply::text(404, "text/html", "<html>not here</html>"));
    assert_eq!(
        world.transmit.user("u-1").await.unwrap_err().kind,
        FailureKind::NotUnderstood
    );
}

#[tokio::test]
async fn t8_a_user_id_stays_one_segment_of_the_path() {
    let world = TestClient::new().await;
    world.transmit.user("../a/b?c#d%2e").await.unwrap_err();
    assert_eq!(world.stub.count("/cis/v1/users/..%2Fa%2Fb%3Fc%23d%252e"), 1);
    let long = "u".repeat(256);
    for id in ["", ".", "..", "\t..", "u\n1", long.as_str()] {
        let failure = world.transmit.user(id).await.unwrap_err();
        assert_eq!(failure.delivery, DeliveryState::NotWritten, "{id:?}");
    }
    assert_eq!(world.stub.total(), 2);
}

#[tokio::test]
async fn a_name_is_written() {
    let world = TestClient::new().await;
    world
        .transmit
        .set_name("u-1", "Ada King Lovelace")
        .await
        .unwrap();
    let request = &world.stub.seen(USER)[0];
    assert_eq!(request.method, "PUT");
    assert_eq!(
        request.json(),
        json!({"name": {"first_name": "Ada", "last_name": "King Lovelace"}})
    );
    assert_eq!(
        world
            .transmit
            .set_name("u-1", " ")
            .await
            .unwrap_err()
            .delivery,
        DeliveryState::NotWritten
    );
}
