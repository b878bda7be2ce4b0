//! Users with other identifiers than a phone number: by the control, by the page, and those of
//! types that the tenant defines.

use reqwest::Method;
use serde_json::{Value, json};

use latchkey_testkit::sandbox_client::{
    PHONE, SandboxClient, http_client, percent_encode_plus, read_json, start_sandbox,
};

const SEND: &str = "/cis/v1/auth/otp/send";
const OTHER_PHONE: &str = "+12025550124";

async fn put_user(sandbox: &SandboxClient, phone: &str, change: Value) -> (u16, Value) {
    let path = format!("/control/users/{}", percent_encode_plus(phone));
    sandbox.put(&path, change).await
}

async fn send(sandbox: &SandboxClient, identifier_type: &str, identifier: &str) -> (u16, Value) {
    let body = json!({ "channel": "sms", "identifier_type": identifier_type,
        "identifier": identifier });
    sandbox.post(SEND, body).await
}

#[tokio::test]
async fn a_code_for_any_identifier_of_a_user_goes_to_the_users_number() {
    let sandbox = start_sandbox().await;
    // A type is unknown until a user has it.
    assert_eq!(send(&sandbox, "employee_number", "E-1").await.0, 400);
    let change = json!({ "status": "Active", "email": "Ann@example.org", "username": "ann",
        "identifiers": { "employee_number": "E-1" } });
    let (status, user) = put_user(&sandbox, PHONE, change).await;
    assert_eq!(status, 200, "{user}");
    assert_eq!(
        user["email"],
        json!({ "value": "ann@example.org", "email_verified": false })
    );
    let id = user["user_id"].as_str().unwrap();
    let identifiers = [
        ("phone_number", PHONE),
        ("email", "ann@example.org"),
        ("username", "ann"),
        ("user_id", id),
        ("employee_number", "E-1"),
    ];
    for (count, (identifier_type, identifier)) in (1..).zip(identifiers) {
        assert_eq!(send(&sandbox, identifier_type, identifier).await.0, 200);
        assert_eq!(sandbox.inbox(PHONE).await.len(), count, "{identifier_type}");
    }
    let verify = json!({ "identifier_type": "employee_number", "identifier": "E-1",
        "passcode": sandbox.newest_code(PHONE).await });
    let (status, tokens) = sandbox.post("/cis/v1/auth/otp/authenticate", verify).await;
    assert_eq!(status, 200, "{tokens}");
    let unknown = send(&sandbox, "employee_number", "E-2").await;
    assert_eq!(
        (unknown.0, &unknown.1["error_code"]),
        (404, &json!("user_not_found"))
    );
    let path = "/cis/v1/users/identifier?identifier_name=employee_number&identifier_value=E-1";
    assert_eq!(sandbox.get(path).await.1["result"]["user_id"], id);
}

#[tokio::test]
async fn an_identifier_belongs_to_one_user_and_a_change_keeps_the_others() {
    let sandbox = start_sandbox().await;
    let identifiers = json!({ "employee_number": "E-1" });
    let change = json!({ "status": "Active", "username": "ann", "email": "ann@example.org",
        "identifiers": identifiers });
    assert_eq!(put_user(&sandbox, PHONE, change).await.0, 200);
    for taken in [
        json!({ "status": "Active", "username": "ann" }),
        json!({ "status": "Active", "email": "ANN@example.org" }),
        json!({ "status": "Active", "identifiers": identifiers }),
        json!({ "status": "Active", "email": "no address" }),
        json!({ "status": "Active", "username": "" }),
        json!({ "status": "Active", "identifiers": { "": "E-2" } }),
        json!({ "status": "Active", "identifiers": { "employee_number": "x".repeat(300) } }),
    ] {
        let (status, body) = put_user(&sandbox, OTHER_PHONE, taken.clone()).await;
        assert_eq!(status, 400, "{taken} {body}");
    }
    // None of them has created or changed anything.
    let found = sandbox
        .get("/cis/v1/users/phone-number/%2B12025550124")
        .await;
    assert_eq!(found.0, 404);
    let change = json!({ "status": "Active", "username": "anna" });
    assert_eq!(put_user(&sandbox, PHONE, change).await.0, 200);
    assert_eq!(send(&sandbox, "username", "ann").await.0, 404);
    for (identifier_type, identifier) in [
        ("username", "anna"),
        ("email", "ann@example.org"),
        ("employee_number", "E-1"),
    ] {
        assert_eq!(
            send(&sandbox, identifier_type, identifier).await.0,
            200,
            "{identifier}"
        );
    }
    sandbox.set_user_status(PHONE, "Absent").await;
    assert_eq!(send(&sandbox, "employee_number", "E-1").await.0, 404);
}

#[tokio::test]
async fn the_page_creates_users_without_javascript_and_says_what_is_wrong() {
    let sandbox = start_sandbox().await;
    let page = |path: &'static str| {
        let request = http_client().get(sandbox.url(path)).send();
        async move { request.await.unwrap().text().await.unwrap() }
    };
    assert!(page("/").await.contains("href=\"/users\""));
    let form = [
        ("phone", PHONE),
        ("email", "ann@example.org"),
        ("username", "<b>ann</b>"),
        ("type", "employee_number"),
        ("value", "E-1"),
    ];
    let post = |fields: Vec<(&'static str, &'static str)>| {
        http_client()
            .post(sandbox.url("/users"))
            .form(&fields)
            .send()
    };
    let created = post(form.to_vec()).await.unwrap();
    assert_eq!(created.status(), 303);
    assert_eq!(created.headers()["location"], "/users");
    let html = page("/users").await;
    for shown in [
        PHONE,
        "ann@example.org",
        "&lt;b&gt;ann&lt;/b&gt;",
        "employee_number: E-1",
    ] {
        assert!(html.contains(shown), "{shown} in {html}");
    }
    assert!(!html.contains("{{") && !html.contains("<script") && !html.contains("<b>ann"));
    assert_eq!(send(&sandbox, "employee_number", "E-1").await.0, 200);

    let empty = [
        ("phone", PHONE),
        ("email", ""),
        ("username", ""),
        ("type", ""),
        ("value", ""),
    ];
    assert_eq!(
        post(empty.to_vec()).await.unwrap().status(),
        303,
        "as a browser sends it"
    );
    for wrong in [
        vec![("phone", "12025550123")],
        vec![("email", "ann@example.org")],
    ] {
        let refused = post(wrong).await.unwrap();
        assert_eq!(refused.status(), 400);
        assert!(
            refused
                .text()
                .await
                .unwrap()
                .contains("the phone number must be in E.164")
        );
    }
    let foreign = http_client()
        .request(Method::POST, sandbox.url("/users"))
        .header("origin", "https://other.example")
        .form(&[("phone", OTHER_PHONE)])
        .send()
        .await
        .unwrap();
    assert_eq!(read_json(foreign).await.0, 403, "other sites create nobody");
    assert!(!page("/users").await.contains(OTHER_PHONE));
}
