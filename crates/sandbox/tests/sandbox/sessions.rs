//! Sessions: authenticate, refresh, list, logout.

use reqwest::Method;
use serde_json::{Value, json};

use latchkey_testkit::sandbox_client::{
    PHONE, SandboxClient, authenticate_body, credentials, start_sandbox, with_field,
};

const AUTHENTICATE: &str = "/cis/v1/auth/session/authenticate";
const LOGOUT: &str = "/cis/v1/auth/session/logout";
const REFRESH: &str = "/cis/v1/auth/token/refresh";

fn session_not_found() -> (u16, Value) {
    (
        400,
        json!({ "error_code": 400, "message": ["Session not found"] }),
    )
}

async fn session(sandbox: &SandboxClient, id: &Value) -> (u16, Value) {
    sandbox
        .post(AUTHENTICATE, json!({ "session_id": id }))
        .await
}

async fn user_id(sandbox: &SandboxClient, phone: &str) -> String {
    let path = format!("/cis/v1/users/phone-number/{}", phone.replace('+', "%2B"));
    sandbox.get(&path).await.1["result"]["user_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_session_issues_tokens_until_logout() {
    let sandbox = start_sandbox().await;
    let tokens = sandbox.sign_in(PHONE).await;
    let (status, again) = session(&sandbox, &tokens["session_id"]).await;
    assert_eq!((status, &again["session_id"]), (200, &tokens["session_id"]));
    assert!(again["access_token"].is_string() && again["id_token"].is_string());
    assert_eq!(
        sandbox
            .post(LOGOUT, json!({ "session_id": tokens["session_id"] }))
            .await,
        (204, Value::Null)
    );
    assert_eq!(
        session(&sandbox, &tokens["session_id"]).await,
        session_not_found()
    );
    assert_eq!(
        sandbox
            .post(LOGOUT, json!({ "session_id": tokens["session_id"] }))
            .await,
        session_not_found()
    );
    let (status, _) = sandbox
        .post(REFRESH, json!({ "refresh_token": again["refresh_token"] }))
        .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_session_ends_two_weeks_after_its_last_tokens() {
    let sandbox = start_sandbox().await;
    let tokens = sandbox.sign_in(PHONE).await;
    let mut sandbox = sandbox;
    for _ in 0..2 {
        sandbox.advance_clock("13d").await;
        sandbox.token = sandbox.new_client_token().await;
        assert_eq!(session(&sandbox, &tokens["session_id"]).await.0, 200);
    }
    sandbox.advance_clock("14d").await;
    sandbox.token = sandbox.new_client_token().await;
    assert_eq!(
        session(&sandbox, &tokens["session_id"]).await,
        session_not_found()
    );
}

#[tokio::test]
async fn a_disabled_users_session_is_refused_while_disabled() {
    let sandbox = start_sandbox().await;
    let tokens = sandbox.sign_in(PHONE).await;
    sandbox.set_user_status(PHONE, "Disabled").await;
    assert_eq!(
        session(&sandbox, &tokens["session_id"]).await,
        session_not_found()
    );
    let (status, _) = sandbox
        .post(REFRESH, json!({ "refresh_token": tokens["refresh_token"] }))
        .await;
    assert_eq!(status, 400);
    sandbox.set_user_status(PHONE, "Active").await;
    assert_eq!(session(&sandbox, &tokens["session_id"]).await.0, 200);
    sandbox.set_user_status(PHONE, "Absent").await;
    assert_eq!(
        session(&sandbox, &tokens["session_id"]).await,
        session_not_found()
    );
}

#[tokio::test]
async fn the_policy_sets_the_response_for_a_disabled_user() {
    let sandbox = start_sandbox().await;
    let tokens = sandbox.sign_in(PHONE).await;
    sandbox.set_user_status(PHONE, "Disabled").await;
    for (says, status, error_code) in [
        ("alive", 200, Value::Null),
        ("403", 403, json!("user_not_active")),
        ("400", 400, json!(400)),
    ] {
        sandbox
            .control(
                Method::PUT,
                "policy",
                json!({ "disabled_user_session": says }),
            )
            .await;
        let (code, body) = session(&sandbox, &tokens["session_id"]).await;
        assert_eq!((code, &body["error_code"]), (status, &error_code), "{says}");
    }
}

#[tokio::test]
async fn refresh_tokens_rotate_at_both_endpoints() {
    let sandbox = start_sandbox().await;
    let tokens = sandbox.sign_in(PHONE).await;
    let first = tokens["refresh_token"].as_str().unwrap();
    let (status, second) = sandbox
        .post(REFRESH, json!({ "refresh_token": first }))
        .await;
    assert_eq!(status, 200);
    assert!(second.get("session_id").is_none());
    let (status, _) = sandbox
        .post(REFRESH, json!({ "refresh_token": first }))
        .await;
    assert_eq!(status, 400);

    let mut fields = credentials("refresh_token").to_vec();
    fields.push(("refresh_token", second["refresh_token"].as_str().unwrap()));
    let (status, third) = sandbox.form("/oidc/token", &fields).await;
    assert_eq!((status, third["access_token"].is_string()), (200, true));
    assert_eq!(
        sandbox.form("/oidc/token", &fields).await.1["error"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn sessions_are_listed_and_revoked_by_user() {
    let sandbox = start_sandbox().await;
    let (first, second) = (sandbox.sign_in(PHONE).await, sandbox.sign_in(PHONE).await);
    let other = sandbox.sign_in("+12025550124").await;
    let path = format!(
        "/cis/v1/auth/users/{}/sessions",
        user_id(&sandbox, PHONE).await
    );
    let (status, list) = sandbox.get(&path).await;
    assert_eq!(status, 200);
    let ids: Vec<&Value> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|session| &session["session_id"])
        .collect();
    assert_eq!(ids, [&first["session_id"], &second["session_id"]]);
    let times = ["start_time", "expiration_time"].map(|name| list[0][name].as_str().unwrap());
    assert!(
        times[0] < times[1] && times.iter().all(|time| time.ends_with('Z')),
        "{list}"
    );

    assert_eq!(sandbox.delete(&path).await, (204, Value::Null));
    assert_eq!(sandbox.get(&path).await, (200, json!([])));
    assert_eq!(
        session(&sandbox, &first["session_id"]).await,
        session_not_found()
    );
    assert_eq!(session(&sandbox, &other["session_id"]).await.0, 200);
    for answer in [
        sandbox.get("/cis/v1/auth/users/nobody/sessions").await,
        sandbox.delete("/cis/v1/auth/users/nobody/sessions").await,
    ] {
        assert_eq!((answer.0, &answer.1["error_code"]), (404, &json!(404)));
    }
}

#[tokio::test]
async fn a_second_code_adds_a_factor_to_a_session() {
    let sandbox = start_sandbox().await;
    let tokens = sandbox.sign_in(PHONE).await;
    sandbox.send_code(PHONE).await;
    let join = |phone: &str, code: &str| {
        with_field(
            authenticate_body(phone, code),
            "session_id",
            tokens["session_id"].clone(),
        )
    };
    let path = "/cis/v1/auth/otp/authenticate";
    let joined = sandbox
        .post(path, join(PHONE, &sandbox.newest_code(PHONE).await))
        .await;
    assert_eq!(
        (joined.0, &joined.1["session_id"]),
        (200, &tokens["session_id"])
    );

    sandbox.set_user_status("+12025550124", "Active").await;
    sandbox.send_code("+12025550124").await;
    let code = sandbox.newest_code("+12025550124").await;
    let foreign = sandbox.post(path, join("+12025550124", &code)).await;
    assert_eq!(
        (foreign.0, &foreign.1["error_code"]),
        (400, &json!("system_invalid_input"))
    );
    assert_eq!(
        sandbox.authenticate("+12025550124", &code).await.0,
        200,
        "the code was not spent on it"
    );
}

#[tokio::test]
async fn malformed_input_is_refused() {
    let sandbox = start_sandbox().await;
    let id = sandbox.sign_in(PHONE).await["session_id"].clone();
    let cases = [
        (AUTHENTICATE, json!({})),
        (AUTHENTICATE, json!({ "session_id": 7 })),
        (AUTHENTICATE, json!({ "sessionId": id })),
        (
            AUTHENTICATE,
            json!({ "session_id": id, "resource": "no uri" }),
        ),
        (AUTHENTICATE, json!({ "session_id": id, "org_id": "x" })),
        (
            AUTHENTICATE,
            json!({ "session_id": id, "client_attributes": { "ip": "192.0.2.1" } }),
        ),
        (AUTHENTICATE, json!({ "session_id": "unknown" })),
        (LOGOUT, json!({})),
        (LOGOUT, json!({ "session_id": null })),
        (REFRESH, json!({})),
        (REFRESH, json!({ "refresh_token": "unknown" })),
    ];
    for (path, body) in cases {
        let (status, answer) = sandbox.post(path, body.clone()).await;
        assert_eq!(
            (status, &answer["error_code"]),
            (400, &json!(400)),
            "{path} {body}"
        );
        assert!(answer["message"][0].is_string());
    }
}
