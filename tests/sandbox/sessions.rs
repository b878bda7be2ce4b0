//! Sessions: silent sign-in, refresh, list, logout.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PHONE, Stand, authenticate_body, credentials, stand, with};

const AUTHENTICATE: &str = "/cis/v1/auth/session/authenticate";
const LOGOUT: &str = "/cis/v1/auth/session/logout";
const REFRESH: &str = "/cis/v1/auth/token/refresh";

fn dead() -> (u16, Value) {
    (
        400,
        json!({ "error_code": 400, "message": ["Session not found"] }),
    )
}

async fn session(stand: &Stand, id: &Value) -> (u16, Value) {
    stand.post(AUTHENTICATE, json!({ "session_id": id })).await
}

async fn user_id(stand: &Stand, phone: &str) -> String {
    let path = format!("/cis/v1/users/phone-number/{}", phone.replace('+', "%2B"));
    stand.get(&path).await.1["result"]["user_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_session_gives_tokens_until_logout() {
    let stand = stand().await;
    let tokens = stand.signed_in(PHONE).await;
    let (status, again) = session(&stand, &tokens["session_id"]).await;
    assert_eq!((status, &again["session_id"]), (200, &tokens["session_id"]));
    assert!(again["access_token"].is_string() && again["id_token"].is_string());
    assert_eq!(
        stand
            .post(LOGOUT, json!({ "session_id": tokens["session_id"] }))
            .await,
        (204, Value::Null)
    );
    assert_eq!(session(&stand, &tokens["session_id"]).await, dead());
    assert_eq!(
        stand
            .post(LOGOUT, json!({ "session_id": tokens["session_id"] }))
            .await,
        dead()
    );
    assert_eq!(
        stand
            .post(REFRESH, json!({ "refresh_token": again["refresh_token"] }))
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn two_weeks_from_the_last_tokens() {
    let stand = stand().await;
    let tokens = stand.signed_in(PHONE).await;
    let mut stand = stand;
    for _ in 0..2 {
        stand.advance("13d").await;
        stand.token = stand.new_client_token().await;
        assert_eq!(session(&stand, &tokens["session_id"]).await.0, 200);
    }
    stand.advance("14d").await;
    stand.token = stand.new_client_token().await;
    assert_eq!(session(&stand, &tokens["session_id"]).await, dead());
}

#[tokio::test]
async fn a_disabled_user_has_no_session_while_disabled() {
    let stand = stand().await;
    let tokens = stand.signed_in(PHONE).await;
    stand.user(PHONE, "Disabled").await;
    assert_eq!(session(&stand, &tokens["session_id"]).await, dead());
    assert_eq!(
        stand
            .post(REFRESH, json!({ "refresh_token": tokens["refresh_token"] }))
            .await
            .0,
        400
    );
    stand.user(PHONE, "Active").await;
    assert_eq!(session(&stand, &tokens["session_id"]).await.0, 200);
    stand.user(PHONE, "Absent").await;
    assert_eq!(session(&stand, &tokens["session_id"]).await, dead());
}

#[tokio::test]
async fn what_a_disabled_users_session_is_answered_is_for_the_policy() {
    let stand = stand().await;
    let tokens = stand.signed_in(PHONE).await;
    stand.user(PHONE, "Disabled").await;
    for (says, status, error_code) in [
        ("alive", 200, Value::Null),
        ("403", 403, json!("user_not_active")),
        ("400", 400, json!(400)),
    ] {
        stand
            .control(
                Method::PUT,
                "policy",
                json!({ "disabled_user_session": says }),
            )
            .await;
        let (code, body) = session(&stand, &tokens["session_id"]).await;
        assert_eq!((code, &body["error_code"]), (status, &error_code), "{says}");
    }
}

#[tokio::test]
async fn refresh_tokens_rotate_at_both_doors() {
    let stand = stand().await;
    let tokens = stand.signed_in(PHONE).await;
    let first = tokens["refresh_token"].as_str().unwrap();
    let (status, second) = stand.post(REFRESH, json!({ "refresh_token": first })).await;
    assert_eq!(status, 200);
    assert!(second.get("session_id").is_none());
    assert_eq!(
        stand
            .post(REFRESH, json!({ "refresh_token": first }))
            .await
            .0,
        400
    );

    let mut fields = credentials("refresh_token").to_vec();
    fields.push(("refresh_token", second["refresh_token"].as_str().unwrap()));
    let (status, third) = stand.form("/oidc/token", &fields).await;
    assert_eq!((status, third["access_token"].is_string()), (200, true));
    assert_eq!(
        stand.form("/oidc/token", &fields).await.1["error"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_user() {
    let stand = stand().await;
    let (first, second) = (stand.signed_in(PHONE).await, stand.signed_in(PHONE).await);
    let other = stand.signed_in("+12025550124").await;
    let path = format!(
        "/cis/v1/auth/users/{}/sessions",
        user_id(&stand, PHONE).await
    );
    let (status, list) = stand.get(&path).await;
    assert_eq!(status, 200);
    let ids: Vec<&Value> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|session| &session["session_id"])
        .collect();
    assert_eq!(ids, [&first["session_id"], &second["session_id"]]);
    assert!(list[0]["start_time"].as_i64() < list[0]["expiration_time"].as_i64());

    assert_eq!(stand.delete(&path).await, (204, Value::Null));
    assert_eq!(stand.get(&path).await, (200, json!([])));
    assert_eq!(session(&stand, &first["session_id"]).await, dead());
    assert_eq!(session(&stand, &other["session_id"]).await.0, 200);
    for answer in [
        stand.get("/cis/v1/auth/users/nobody/sessions").await,
        stand.delete("/cis/v1/auth/users/nobody/sessions").await,
    ] {
        assert_eq!((answer.0, &answer.1["error_code"]), (404, &json!(404)));
    }
}

#[tokio::test]
async fn a_second_code_may_join_a_session() {
    let stand = stand().await;
    let tokens = stand.signed_in(PHONE).await;
    stand.send(PHONE).await;
    let join = |phone: &str, code: &str| {
        with(
            authenticate_body(phone, code),
            "session_id",
            tokens["session_id"].clone(),
        )
    };
    let path = "/cis/v1/auth/otp/authenticate";
    let joined = stand
        .post(path, join(PHONE, &stand.code(PHONE).await))
        .await;
    assert_eq!(
        (joined.0, &joined.1["session_id"]),
        (200, &tokens["session_id"])
    );

    stand.user("+12025550124", "Active").await;
    stand.send("+12025550124").await;
    let code = stand.code("+12025550124").await;
    let foreign = stand.post(path, join("+12025550124", &code)).await;
    assert_eq!(
        (foreign.0, &foreign.1["error_code"]),
        (400, &json!("system_invalid_input"))
    );
    assert_eq!(
        stand.authenticate("+12025550124", &code).await.0,
        200,
        "the code was not spent on it"
    );
}

#[tokio::test]
async fn malformed_input_is_refused() {
    let stand = stand().await;
    let id = stand.signed_in(PHONE).await["session_id"].clone();
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
        let (status, answer) = stand.post(path, body.clone()).await;
        assert_eq!(
            (status, &answer["error_code"]),
            (400, &json!(400)),
            "{path} {body}"
        );
        assert!(answer["message"][0].is_string());
    }
}
