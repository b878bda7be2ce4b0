//! The admin API: the operator's commands over the operations listener.

use axum::Router;
use axum::body::Body;
use futures_util::stream;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::{Method, Request};
use latchkey::server::admin::commands::AdminCommand;
use latchkey::server::settings::{Secret, Settings};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};

use crate::support::browser::oneshot;
use crate::support::{KNOWN_PHONE, TestApp, TestResponse, seconds};

const TOKEN: &str = "an-admin-token-of-the-tests";
/// Every path of the admin API with a body that it takes.
const PATHS: [&str; 6] = [
    "sessions/list",
    "sessions/revoke",
    "unlock",
    "lookup",
    "export",
    "erase",
];

fn with_token(settings: &mut Settings) {
    settings.operations.admin_token = Some(Secret::new(TOKEN));
}

fn operations(app: &TestApp) -> Router {
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    app.product.operations(metrics)
}

struct Call<'a> {
    method: Method,
    host: &'a str,
    authorization: Option<String>,
    kind: &'a str,
}

impl Default for Call<'_> {
    fn default() -> Self {
        Self {
            method: Method::POST,
            host: "127.0.0.1:9464",
            authorization: Some(format!("Bearer {TOKEN}")),
            kind: "application/json",
        }
    }
}

impl Call<'_> {
    fn with(authorization: Option<&str>) -> Self {
        Self {
            authorization: authorization.map(str::to_owned),
            ..Self::default()
        }
    }

    async fn send(self, router: &Router, path: &str, body: &str) -> TestResponse {
        let mut request = Request::builder()
            .method(self.method)
            .uri(format!("/admin/v1/{path}"))
            .header(HOST, self.host)
            .header(CONTENT_TYPE, self.kind);
        if let Some(value) = self.authorization {
            request = request.header(AUTHORIZATION, value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        TestResponse::read(oneshot(router.clone(), request).await, || seconds(0)).await
    }
}

async fn post(router: &Router, path: &str, body: Value) -> TestResponse {
    Call::default().send(router, path, &body.to_string()).await
}

/// Every refusal is a problem document of this code.
fn assert_refused(response: &TestResponse, status: u16, code: &str) {
    assert_eq!(response.status, status, "{}", response.body);
    let kind = response.header("content-type");
    assert_eq!(kind, Some("application/problem+json"), "{code}");
    assert_eq!(response.header("cache-control"), Some("no-store"));
    let body = response.json();
    assert_eq!(
        (&body["code"], &body["status"]),
        (&json!(code), &json!(status))
    );
}

#[tokio::test]
async fn without_its_own_token_there_is_no_admin_api() {
    let app = TestApp::with_settings(|settings| {
        settings.operations.bearer_token = Some(Secret::new(TOKEN));
    })
    .await;
    let router = operations(&app);
    for path in PATHS {
        let response = post(&router, path, json!({})).await;
        assert_eq!(response.status, 404, "{path}");
    }
    let app = TestApp::with_settings(with_token).await;
    let public = app.product.router();
    for path in PATHS {
        let response = post(&public, path, json!({})).await;
        assert_ne!(response.status, 200, "{path}: never on the public port");
        assert_ne!(response.status, 401, "{path}");
    }
}

#[tokio::test]
async fn commands_work_as_over_the_socket_and_name_the_admin_api_as_the_caller() {
    let app = TestApp::with_settings(with_token).await;
    let mut browser = app.browser();
    browser.sign_in(KNOWN_PHONE).await.assert_next("/account");
    let router = operations(&app);
    let number = json!({ "number": KNOWN_PHONE });

    let listed = post(&router, "sessions/list", json!({})).await;
    assert_eq!(listed.status, 200, "{}", listed.body);
    let sub = listed.json()["sessions"][0]["user"].clone();
    let found = post(&router, "lookup", json!({ "key": number }))
        .await
        .json();
    assert_eq!(found["report"]["sessions"], 1);
    let exported = post(&router, "export", json!({ "person": number })).await;
    assert_eq!(exported.json()["data"]["sessions"][0]["user"], sub);
    let unlocked = post(&router, "unlock", json!({ "identifier": KNOWN_PHONE })).await;
    assert_eq!(unlocked.json()["answer"], "unlocked");
    let whose = json!({ "whose": { "user": sub } });
    let revoked = post(&router, "sessions/revoke", whose).await;
    assert_eq!(revoked.json()["count"], 1);
    assert!(!browser.is_signed_in().await);
    let erased = post(&router, "erase", json!({ "person": number })).await;
    assert_eq!(erased.json()["erasure"]["histories"], 1);

    let commands = app.audit.events_named("authz_admin");
    assert_eq!(commands.len(), 6);
    for event in commands
        .iter()
        .chain(&app.audit.events_named("session_ended"))
    {
        assert_eq!(event["origin"], "admin_api", "{event}");
        assert!(
            event["uid"].is_null() && event["address"].is_string(),
            "{event}"
        );
    }
    let unknown = json!({ "key": { "request": "0123456789abcdef" } });
    let nothing = post(&router, "lookup", unknown).await;
    assert_eq!(
        (nothing.status.as_u16(), &nothing.json()["code"]),
        (404, &"nothing_stored".into())
    );
}

#[tokio::test]
async fn a_request_that_is_not_authorised_or_malformed_does_nothing() {
    let app = TestApp::with_settings(|settings| {
        with_token(settings);
        settings.operations.bearer_token = Some(Secret::new("a-token-for-the-metrics"));
    })
    .await;
    let mut browser = app.signed_in().await;
    let router = operations(&app);
    let everybody = json!({ "whose": "everybody" }).to_string();
    for wrong in [
        None,
        Some("Bearer a-token-for-the-metrics"),
        Some("Bearer "),
        Some("Basic Omw="),
        Some("Basic OmFuLWFkbWluLXRva2VuLW9mLXRoZS10ZXN0cw=="),
    ] {
        let response = Call::with(wrong)
            .send(&router, "sessions/revoke", &everybody)
            .await;
        assert_eq!(response.status, 401, "{wrong:?}");
        assert_eq!(response.json()["code"], "unauthorized");
    }
    let elsewhere = Call {
        host: "evil.example",
        ..Call::default()
    };
    let response = elsewhere.send(&router, "sessions/revoke", &everybody).await;
    assert_refused(&response, 421, "misdirected");
    for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "REVOKE"] {
        let call = Call {
            method: method.parse().unwrap(),
            ..Call::default()
        };
        let response = call.send(&router, "sessions/revoke", &everybody).await;
        assert_refused(&response, 405, "method_not_allowed");
        assert_eq!(response.header("allow"), Some("POST"), "{method}");
    }
    for kind in ["text/plain", "application/jsonfoo", "text/json", ""] {
        let call = Call {
            kind,
            ..Call::default()
        };
        let response = call.send(&router, "sessions/revoke", &everybody).await;
        assert_refused(&response, 415, "unsupported_media_type");
    }
    for kind in ["Application/JSON", "application/json; charset=utf-8"] {
        let call = Call {
            kind,
            ..Call::default()
        };
        let response = call.send(&router, "sessions/list", "{}").await;
        assert_eq!(response.status, 200, "{kind}");
    }
    for (path, body, status) in [
        ("sessions/revoke", "", 400),
        ("sessions/revoke", r#"{"whose":"everybody"}{}"#, 400),
        (
            "sessions/revoke",
            r#"{"whose":{"user":"x"},"whose":"everybody"}"#,
            400,
        ),
        (
            "sessions/list",
            r#"{"command":"sessions_revoke","whose":"everybody"}"#,
            400,
        ),
        ("sessions/list", r#"{"command":"sessions_list"}"#, 400),
        ("sessions/revoke", "[]", 400),
        ("sessions/revoke", "{}", 400),
        ("sessions/revoke", r#"{"whose":"nobody"}"#, 400),
        ("sessions/list", r#"{"usr":"x"}"#, 400),
        (
            "erase",
            r#"{"person":{"number":"+447911123456"},"with_limit":true}"#,
            400,
        ),
        ("unlock", r#"{"identifier":"nonsense"}"#, 422),
        ("test_code", r#"{"identifier":"+447911123456"}"#, 404),
        ("backup", r#"{"file":"/tmp/x","replace":true}"#, 404),
        ("ping", "{}", 404),
        ("", "{}", 404),
        ("sessions/revoke/", r#"{"whose":"everybody"}"#, 404),
        ("sessions%2Frevoke", r#"{"whose":"everybody"}"#, 404),
    ] {
        let response = Call::default().send(&router, path, body).await;
        let code = match status {
            400 => "malformed",
            404 => "not_found",
            _ => "refused",
        };
        assert_refused(&response, status, code);
        assert!(!response.body.contains("7911"), "{}", response.body);
    }
    let long = format!("{{\"whose\":{{\"user\":\"{}\"}}}}", "x".repeat(100_000));
    let response = Call::default()
        .send(&router, "sessions/revoke", &long)
        .await;
    assert_refused(&response, 413, "too_large");
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let app = TestApp::with_settings(with_token).await;
    let router = operations(&app);
    let never = |length: Option<&str>| {
        let mut request = Request::post("/admin/v1/sessions/list")
            .header(HOST, "localhost")
            .header(AUTHORIZATION, format!("Bearer {TOKEN}"))
            .header(CONTENT_TYPE, "application/json");
        if let Some(length) = length {
            request = request.header(CONTENT_LENGTH, length);
        }
        let body = Body::from_stream(stream::pending::<Result<&str, std::io::Error>>());
        oneshot(router.clone(), request.body(body).unwrap())
    };
    let response = TestResponse::read(never(Some("99999999999")).await, || seconds(0)).await;
    assert_refused(&response, 413, "too_large");
    let advancing = async {
        tokio::task::yield_now().await;
        app.advance_app_clock(seconds(10));
    };
    let (response, ()) = tokio::join!(never(None), advancing);
    let response = TestResponse::read(response, || seconds(0)).await;
    assert_refused(&response, 408, "timeout");
}

/// The socket takes commands as text, and the API adds the name to a body.
#[test]
fn a_command_of_the_socket_has_its_own_fields_alone_and_each_once() {
    for (text, is_command) in [
        (r#"{"command":"sessions_list"}"#, true),
        (r#"{"command":"sessions_list","usr":"x"}"#, false),
        (
            r#"{"command":"sessions_list","user":"x","user":null}"#,
            false,
        ),
        (r#"{"command":"unlock","command":"sessions_list"}"#, false),
    ] {
        let parsed = serde_json::from_str::<AdminCommand>(text);
        assert_eq!(parsed.is_ok(), is_command, "{text}");
    }
}

#[tokio::test]
async fn further_wrong_tokens_wait_for_a_minute_and_the_right_one_always_passes() {
    let app = TestApp::with_settings(with_token).await;
    let router = operations(&app);
    let guess = async || {
        Call::with(Some("Bearer wrong"))
            .send(&router, "lookup", "{}")
            .await
    };
    for _ in 0..10 {
        assert_eq!(guess().await.status, 401);
    }
    let response = guess().await;
    assert_eq!(
        (response.status.as_u16(), response.header("retry-after")),
        (429, Some("60"))
    );
    assert_eq!(response.json()["code"], "slow_down");
    assert_eq!(post(&router, "sessions/list", json!({})).await.status, 200);
    let without = Call::with(None).send(&router, "lookup", "{}").await;
    assert_eq!(without.status, 401, "no token is no guess");
    app.advance_app_clock(seconds(60));
    assert_eq!(guess().await.status, 401);
}
