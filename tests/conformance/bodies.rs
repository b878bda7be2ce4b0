//! For each JSON operation a valid request with every field that the sandbox accepts.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client_driver::Driver;
use crate::table::Row;
use latchkey_testkit::sandbox_client::percent_encode_plus;

pub struct FullRequest {
    pub method: Method,
    pub path: String,
    pub body: Value,
}

/// Builds a new request each time, because some are accepted only once.
pub async fn full_request(driver: &Driver, row: &Row) -> FullRequest {
    let (path, body) = match row.name.as_str() {
        "user_create" => (row.path.clone(), user(&driver.new_number())),
        "user_update" => {
            let (number, id) = driver.create_user().await;
            let mut body = user(&number);
            body["status"] = "Active".into();
            (row.path.replace("{user_id}", &id), body)
        }
        "user_verify_phone" => {
            let (number, id) = driver.create_user().await;
            let path = row
                .path
                .replace("{user_id}", &id)
                .replace("{phone_number}", &percent_encode_plus(&number));
            (path, json!({ "change_to_primary": false }))
        }
        "otp_send" => (row.path.clone(), send(&driver.create_user().await.0)),
        "otp_authenticate" => (row.path.clone(), authenticate(driver).await),
        "session_authenticate" => {
            let session_id = driver.sign_in().await.tokens["session_id"].clone();
            let body = json!({ "session_id": session_id, "resource": "https://api.example.com",
                "claims": claims(),
                "client_attributes": attributes() });
            (row.path.clone(), body)
        }
        "session_logout" => (
            row.path.clone(),
            json!({ "session_id": driver.sign_in().await.tokens["session_id"] }),
        ),
        "token_refresh" => (
            row.path.clone(),
            json!({ "refresh_token": driver.sign_in().await.tokens["refresh_token"] }),
        ),
        other => panic!("no body for {other}"),
    };
    FullRequest {
        method: row.method.parse().unwrap(),
        path,
        body,
    }
}

fn user(number: &str) -> Value {
    json!({
        "phone_number": number, "email": format!("{number}@example.org"),
        "username": format!("user{number}"),
        "secondary_emails": ["second@example.org"], "secondary_phone_numbers": ["+12025559999"],
        "name": { "title": "Dr", "first_name": "Ada", "middle_name": "King",
        "last_name": "Lovelace" },
        "birthday": "1815-12-10T00:00:00Z",
        "address": { "country": "GB", "state": "x", "city": "London",
        "street_address": "12 St James's Square",
            "postal_code": "SW1Y", "type": "Home" },
        "picture": "https://example.org/ada.png", "language": "en-GB",
        "external_user_id": format!("e{number}"),
        "external_account_id": "a-1", "custom_data": { "any": [1] },
        "custom_app_data": { "thing": null },
        "credentials": { "password": "correct horse", "force_replace": true },
        "delegated_access": { "actor_id": "u-2", "permissions": ["read"] },
    })
}

fn send(number: &str) -> Value {
    json!({
        "channel": "sms", "identifier_type": "phone_number", "identifier": number,
        "custom_sms_input": { "custom_message": "{app}: {otp}", "sender_id": "ACME" },
        "custom_phone_number": number, "custom_email": "ada@example.org",
        "email_content": { "subject": "Code", "primaryColor": "#000", "base64logo": "eA==",
        "headerText": "a",
            "bodyText": "b", "linkText": "c", "infoText": "d", "footerText": "e",
            "senderName": "f" },
        "approval_data": { "order": "7" }, "expires_in": 5, "generate_request_id": true,
        "device_id": "device-1",
        "client_attributes": attributes(),
    })
}

/// Adds a factor to the user's session, with the request id of the send.
async fn authenticate(driver: &Driver) -> Value {
    let number = driver.new_number();
    let tokens = driver.sandbox.sign_in(&number).await;
    let (status, sent) = driver
        .sandbox
        .post("/cis/v1/auth/otp/send", send(&number))
        .await;
    assert_eq!(status, 200, "{sent}");
    json!({
        "passcode": driver.sandbox.newest_code(&number).await, "identifier_type": "phone_number",
        "identifier": number,
        "request_id": sent["request_id"], "session_id": tokens["session_id"],
        "resource": "https://api.example.com",
        "claims": claims(), "device_id": "device-1", "client_attributes": attributes(),
    })
}

/// Every claim that can be requested.
pub fn claims() -> Value {
    let id_token: serde_json::Map<String, Value> = crate::table::TABLE.tokens["id_token"]
        .claims
        .keys()
        .map(|name| (name.clone(), Value::Null))
        .collect();
    json!({ "id_token": id_token, "access_token": { "roles": null },
        "userinfo": { "email": null } })
}

fn attributes() -> Value {
    json!({ "user_agent": "Mozilla/5.0", "ip_address": "192.0.2.1" })
}
