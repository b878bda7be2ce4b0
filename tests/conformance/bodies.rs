//! For each JSON operation a request that is right now and has every field that the stand-in takes.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client_driver::Bench;
use crate::table::Row;
use latchkey_testkit::sandbox_client::percent_encode_plus;

/// A request to be made.
pub struct Request {
    pub method: Method,
    pub path: String,
    pub body: Value,
}

/// A new one each time: some can be made only once.
pub async fn full(bench: &Bench, row: &Row) -> Request {
    let (path, body) = match row.name.as_str() {
        "user_create" => (row.path.clone(), user(&bench.number())),
        "user_update" => {
            let (number, id) = bench.user().await;
            let mut body = user(&number);
            body["status"] = "Active".into();
            (row.path.replace("{user_id}", &id), body)
        }
        "user_verify_phone" => {
            let (number, id) = bench.user().await;
            let path = row
                .path
                .replace("{user_id}", &id)
                .replace("{phone_number}", &percent_encode_plus(&number));
            (path, json!({ "change_to_primary": false }))
        }
        "otp_send" => (row.path.clone(), send(&bench.user().await.0)),
        "otp_authenticate" => (row.path.clone(), authenticate(bench).await),
        "session_authenticate" => {
            let session_id = bench.signed_in().await.tokens["session_id"].clone();
            let body = json!({ "session_id": session_id, "resource": "https://api.example.com", "claims": claims(),
                "client_attributes": attributes() });
            (row.path.clone(), body)
        }
        "session_logout" => (
            row.path.clone(),
            json!({ "session_id": bench.signed_in().await.tokens["session_id"] }),
        ),
        other => panic!("no body for {other}"),
    };
    Request {
        method: row.method.parse().unwrap(),
        path,
        body,
    }
}

fn user(number: &str) -> Value {
    json!({
        "phone_number": number, "email": format!("{number}@example.org"), "username": format!("user{number}"),
        "secondary_emails": ["second@example.org"], "secondary_phone_numbers": ["+12025559999"],
        "name": { "title": "Dr", "first_name": "Ada", "middle_name": "King", "last_name": "Lovelace" },
        "birthday": "1815-12-10T00:00:00Z",
        "address": { "country": "GB", "state": "x", "city": "London", "street_address": "12 St James's Square",
            "postal_code": "SW1Y", "type": "Home" },
        "picture": "https://example.org/ada.png", "language": "en-GB", "external_user_id": format!("e{number}"),
        "external_account_id": "a-1", "custom_data": { "any": [1] }, "custom_app_data": { "thing": null },
        "credentials": { "password": "correct horse", "force_replace": true },
        "delegated_access": { "actor_id": "u-2", "permissions": ["read"] },
    })
}

fn send(number: &str) -> Value {
    json!({
        "channel": "sms", "identifier_type": "phone_number", "identifier": number,
        "custom_sms_input": { "custom_message": "{app}: {otp}", "sender_id": "ACME" },
        "custom_phone_number": number, "custom_email": "ada@example.org",
        "email_content": { "subject": "Code", "primaryColor": "#000", "base64logo": "eA==", "headerText": "a",
            "bodyText": "b", "linkText": "c", "infoText": "d", "footerText": "e", "senderName": "f" },
        "approval_data": { "order": "7" }, "expires_in": 5, "generate_request_id": true, "device_id": "device-1",
        "client_attributes": attributes(),
    })
}

/// Joins the user's session, with the id of the send.
async fn authenticate(bench: &Bench) -> Value {
    let number = bench.number();
    let tokens = bench.sandbox.sign_in(&number).await;
    let (status, sent) = bench
        .sandbox
        .post("/cis/v1/auth/otp/send", send(&number))
        .await;
    assert_eq!(status, 200, "{sent}");
    json!({
        "passcode": bench.sandbox.newest_code(&number).await, "identifier_type": "phone_number", "identifier": number,
        "request_id": sent["request_id"], "session_id": tokens["session_id"], "resource": "https://api.example.com",
        "claims": claims(), "device_id": "device-1", "client_attributes": attributes(),
    })
}

/// Every claim that may be asked for.
pub fn claims() -> Value {
    let id_token: serde_json::Map<String, Value> = crate::table::TABLE.tokens["id_token"]
        .claims
        .keys()
        .map(|name| (name.clone(), Value::Null))
        .collect();
    json!({ "id_token": id_token, "userinfo": { "email": null } })
}

fn attributes() -> Value {
    json!({ "user_agent": "Mozilla/5.0", "ip_address": "192.0.2.1" })
}
