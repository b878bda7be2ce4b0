//! Users: create, attach, read, update.

use reqwest::Method;
use serde_json::{Value, json};

use latchkey_testkit::sandbox_client::{PHONE, SandboxClient, percent_encode_plus, start_sandbox};

const USERS: &str = "/cis/v1/users";

/// The status of a look-up by a phone number without its `+`.
async fn status_of(sandbox: &SandboxClient, digits: &str) -> u16 {
    let path = format!("{USERS}/phone-number/%2B{digits}");
    sandbox.get(&path).await.0
}

#[tokio::test]
async fn a_new_user_is_pending_with_an_unverified_number() {
    let sandbox = start_sandbox().await;
    let (status, body) = sandbox.post(USERS, json!({ "phone_number": PHONE })).await;
    let user = &body["result"];
    assert_eq!((status, &user["status"]), (201, &json!("Pending")));
    assert_eq!(
        user["phone_number"],
        json!({ "value": PHONE, "phone_number_verified": false })
    );
    assert!(
        user["user_id"].is_string()
            && user["created_at"].is_number()
            && user["updated_at"].is_number()
    );
    let id = user["user_id"].as_str().unwrap();
    for path in [
        format!("{USERS}/{id}"),
        format!("{USERS}/phone-number/%2B12025550123"),
        format!("{USERS}/identifier?identifier_name=phoneNumber&identifier_value=%2B12025550123"),
    ] {
        assert_eq!(sandbox.get(&path).await, (200, body.clone()), "{path}");
    }
}

#[tokio::test]
async fn a_taken_identifier_is_409() {
    let sandbox = start_sandbox().await;
    let ann = json!({ "phone_number": PHONE, "email": "ann@example.org", "username": "ann",
        "external_user_id": "7" });
    assert_eq!(sandbox.post(USERS, ann).await.0, 201);
    for taken in [
        json!({ "phone_number": PHONE }),
        json!({ "email": "ANN@example.org" }),
        json!({ "phone_number": "+12025550124", "username": "ann" }),
        json!({ "phone_number": "+12025550124", "external_user_id": "7" }),
    ] {
        let (status, body) = sandbox.post(USERS, taken.clone()).await;
        assert_eq!((status, &body["error_code"]), (409, &json!(409)), "{taken}");
        assert!(body["message"].is_string() && body["ts_error_code"].is_string());
    }
    assert_eq!(status_of(&sandbox, "12025550124").await, 404);
}

#[tokio::test]
async fn creating_a_user_of_the_tenant_adds_them_to_the_application() {
    let sandbox = start_sandbox().await;
    let elsewhere = json!({ "status": "Disabled", "in_app": false });
    let before = sandbox
        .control(
            Method::PUT,
            &format!("users/{}", percent_encode_plus(PHONE)),
            elsewhere,
        )
        .await;
    assert_eq!(status_of(&sandbox, "12025550123").await, 404);
    let (status, body) = sandbox
        .post(
            USERS,
            json!({ "phone_number": PHONE, "name": { "first_name": "Mallory" } }),
        )
        .await;
    assert_eq!((status, &body["result"]), (201, &before));
    let (status, _) = sandbox.post(USERS, json!({ "phone_number": PHONE })).await;
    assert_eq!(status, 409);
}

#[tokio::test]
async fn malformed_users_are_refused_with_a_list_of_messages() {
    let sandbox = start_sandbox().await;
    for body in [
        json!({}),
        json!([]),
        json!({ "name": { "first_name": "Ann" } }),
        json!({ "phone_number": "2025550123" }),
        json!({ "phone_number": 12_025_550_123_u64 }),
        json!({ "phone_number": "" }),
        json!({ "email": "ann" }),
        json!({ "phone_number": PHONE, "given_name": "Ann" }),
        json!({ "phone_number": PHONE, "name": { "given_name": "Ann" } }),
        json!({ "phone_number": PHONE, "name": { "first_name": "x".repeat(31) } }),
        json!({ "phone_number": PHONE, "address": { "type": "home" } }),
        json!({ "phone_number": PHONE, "address": { "street_address": "x".repeat(151) } }),
        json!({ "phone_number": PHONE, "credentials": {} }),
        json!({ "phone_number": PHONE, "status": "Active" }),
        json!({ "phone_number": PHONE, "secondary_phone_numbers": ["7"] }),
        json!({ "phone_number": PHONE, "custom_data": [] }),
        json!({ "phone_number": PHONE, "username": "" }),
    ] {
        let (status, answer) = sandbox.post(USERS, body.clone()).await;
        assert_eq!(
            (status, &answer["error_code"]),
            (400, &json!(400)),
            "{body}"
        );
        assert!(answer["message"][0].is_string());
    }
}

#[tokio::test]
async fn an_update_changes_given_fields_and_merges_custom_data() {
    let sandbox = start_sandbox().await;
    let created = json!({
        "phone_number": PHONE, "language": "de", "custom_data": { "a": 1, "b": 2 },
        "name": { "first_name": "Ann", "last_name": "Lee" }, "address": { "city": "Bonn",
        "type": "Home" },
    });
    let id = sandbox.post(USERS, created).await.1["result"]["user_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("{USERS}/{id}");
    let change = json!({ "status": "Disabled", "name": { "first_name": "Eve" },
        "custom_data": { "b": 3 }, "language": null });
    let (status, body) = sandbox.put(&path, change).await;
    let user = &body["result"];
    assert_eq!((status, &user["status"]), (200, &json!("Disabled")));
    assert_eq!(
        (&user["name"], &user["language"]),
        (&json!({ "first_name": "Eve" }), &json!("de"))
    );
    assert_eq!(user["custom_data"], json!({ "a": 1, "b": 3 }));
    let address = &user["address"];
    assert_eq!(
        (&address["city"], &address["type"]),
        (&json!("Bonn"), &json!("Home"))
    );
    assert_eq!(user["phone_number"]["value"], PHONE);

    let (status, _) = sandbox
        .put(&path, json!({ "phone_number": "+12025550124" }))
        .await;
    assert_eq!(status, 200);
    assert_eq!(status_of(&sandbox, "12025550123").await, 404);
    assert_eq!(status_of(&sandbox, "12025550124").await, 200);

    sandbox.set_user_status(PHONE, "Active").await;
    assert_eq!(
        sandbox.put(&path, json!({ "phone_number": PHONE })).await.0,
        409
    );
    assert_eq!(sandbox.get(&path).await.0, 200);
    assert_eq!(
        sandbox.put(&path, json!({ "status": "Suspended" })).await.0,
        400
    );
    assert_eq!(
        sandbox.put(&format!("{USERS}/nobody"), json!({})).await.0,
        404
    );
}

#[tokio::test]
async fn users_are_found_by_every_identifier() {
    let sandbox = start_sandbox().await;
    let ann = json!({ "phone_number": PHONE, "email": "ann@example.org", "username": "ann",
        "external_user_id": "7" });
    sandbox.post(USERS, ann).await;
    let look = |name: &'static str, value: &'static str| {
        let path = format!("{USERS}/identifier?identifier_name={name}&identifier_value={value}");
        let sandbox = &sandbox;
        async move { sandbox.get(&path).await }
    };
    for (name, value) in [
        ("email", "ann@example.org"),
        ("username", "ann"),
        ("externalUserId", "7"),
    ] {
        assert_eq!(look(name, value).await.0, 200, "{name}");
    }
    for (name, value) in [
        ("email", "eve@example.org"),
        ("username", "7"),
        ("idpIdentifier", "x"),
        ("phoneNumber", "%2B12025550124"),
    ] {
        let (status, body) = look(name, value).await;
        assert_eq!((status, &body["error_code"]), (404, &json!(404)), "{name}");
        assert!(body["message"].is_string());
    }
    for (name, value) in [
        ("phone_number", "%2B12025550123"),
        ("phoneNumber", "7"),
        ("email", "ann"),
    ] {
        let (status, body) = look(name, value).await;
        assert_eq!((status, body["message"].is_array()), (400, true), "{name}");
    }
    let (status, _) = sandbox
        .get(&format!("{USERS}/identifier?identifier_name=email"))
        .await;
    assert_eq!(status, 400);
    assert_eq!(
        sandbox.get(&format!("{USERS}/phone-number/seven")).await.0,
        400
    );
}

#[tokio::test]
async fn a_number_can_be_marked_as_verified() {
    let sandbox = start_sandbox().await;
    let id = sandbox
        .post(USERS, json!({ "phone_number": PHONE }))
        .await
        .1["result"]["user_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("{USERS}/{id}/phone-numbers/%2B12025550123/verify");
    assert_eq!(sandbox.post(&path, json!({})).await, (202, Value::Null));
    let phone = &sandbox.get(&format!("{USERS}/{id}")).await.1["result"]["phone_number"];
    assert_eq!(phone["phone_number_verified"], true);
    assert!(is_date_time(&phone["verified_at"]), "{phone}");
    assert_eq!(
        sandbox
            .request(Method::POST, &path)
            .send()
            .await
            .unwrap()
            .status(),
        202
    );
    for (path, status) in [
        (
            format!("{USERS}/{id}/phone-numbers/%2B12025550124/verify"),
            404,
        ),
        (
            format!("{USERS}/nobody/phone-numbers/%2B12025550123/verify"),
            404,
        ),
        (format!("{USERS}/{id}/phone-numbers/seven/verify"), 400),
    ] {
        assert_eq!(sandbox.post(&path, json!({})).await.0, status, "{path}");
    }
    assert_eq!(sandbox.post(&path, json!({ "primary": true })).await.0, 400);
    assert_eq!(
        sandbox.get(&format!("{USERS}/{id}")).await.1["result"]["status"],
        Value::from("Pending")
    );
}

#[tokio::test]
async fn a_secondary_number_can_become_the_primary_one() {
    let sandbox = start_sandbox().await;
    let numbers = json!({ "phone_number": PHONE, "secondary_phone_numbers": ["+12025550124",
        "+12025550125"] });
    let id = sandbox.post(USERS, numbers).await.1["result"]["user_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let verify = |number: &str| {
        format!(
            "{USERS}/{id}/phone-numbers/{}/verify",
            percent_encode_plus(number)
        )
    };
    let user = async || sandbox.get(&format!("{USERS}/{id}")).await.1["result"].clone();
    assert_eq!(
        sandbox.post(&verify("+12025550124"), json!({})).await,
        (202, Value::Null)
    );
    let before = user().await;
    assert_eq!(before["phone_number"]["value"], PHONE);
    let second = &before["secondary_phone_numbers"][0];
    assert_eq!(
        (&second["value"], &second["phone_number_verified"]),
        (&json!("+12025550124"), &json!(true))
    );
    assert!(is_date_time(&second["verified_at"]), "{second}");

    let change = json!({ "change_to_primary": true });
    let (status, _) = sandbox.post(&verify("+12025550124"), change).await;
    let after = user().await;
    assert_eq!(
        (status, &after["phone_number"]["value"]),
        (202, &json!("+12025550124"))
    );
    assert_eq!(after["phone_number"]["phone_number_verified"], true);
    assert_eq!(
        after["secondary_phone_numbers"],
        json!([
            { "value": "+12025550125", "phone_number_verified": false },
            { "value": PHONE, "phone_number_verified": false },
        ])
    );
    assert_eq!(status_of(&sandbox, "12025550123").await, 404);
    assert_eq!(status_of(&sandbox, "12025550124").await, 200);

    sandbox.set_user_status("+12025550125", "Active").await;
    assert_eq!(
        sandbox
            .post(
                &verify("+12025550125"),
                json!({ "change_to_primary": true })
            )
            .await
            .0,
        409
    );
    assert_eq!(sandbox.get(&format!("{USERS}/{id}")).await.0, 200);
}

/// Whether this is RFC 3339 in UTC.
fn is_date_time(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.starts_with("20") && text.contains('T') && text.ends_with('Z'))
}

#[tokio::test]
async fn later_times_are_date_times_and_contacts_are_objects() {
    let sandbox = start_sandbox().await;
    let input = json!({ "phone_number": PHONE, "secondary_emails": ["Ann@Example.ORG"],
        "address": { "city": "London" } });
    let created = sandbox.post(USERS, input).await.1["result"].clone();
    assert!(created["created_at"].is_number() && created["updated_at"].is_number());
    assert!(created.get("status_changed_at").is_none() && created.get("last_auth").is_none());
    assert!(is_date_time(&created["address"]["updated_at"]), "{created}");
    assert_eq!(
        created["secondary_emails"],
        json!([{ "value": "ann@example.org", "email_verified": false }])
    );
    sandbox.send_code(PHONE).await;
    assert_eq!(sandbox.authenticate_newest(PHONE).await.0, 200);
    let path = format!("{USERS}/{}", created["user_id"].as_str().unwrap());
    let user = sandbox.get(&path).await.1["result"].clone();
    for time in [
        "/last_auth",
        "/status_changed_at",
        "/phone_number/verified_at",
    ] {
        assert!(is_date_time(user.pointer(time).unwrap()), "{time}: {user}");
    }
    // A list that is replaced keeps what is known of the contacts that stay.
    let by_email = json!({ "channel": "email", "identifier_type": "phone_number",
        "identifier": PHONE, "custom_email": "ann@example.org" });
    sandbox.post("/cis/v1/auth/otp/send", by_email).await;
    let code = sandbox.inbox("ann@example.org").await[0]["code"].clone();
    let (status, _) = sandbox.authenticate(PHONE, code.as_str().unwrap()).await;
    assert_eq!(status, 200);
    let list = json!({ "secondary_emails": ["eve@example.org", "ann@example.org"] });
    let emails = sandbox.put(&path, list).await.1["result"]["secondary_emails"].clone();
    assert_eq!(emails[0]["email_verified"], false);
    assert_eq!(emails[1]["email_verified"], true);
}
