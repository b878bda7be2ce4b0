//! `/control/gateway`: a custom SMS gateway gets one challenge, then every SMS.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderMap, StatusCode};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use latchkey_testkit::sandbox_client::{
    PHONE, SandboxClient, get_text, read_json, send_body, start_sandbox, with_field,
};

/// A fake gateway that records its deliveries.
#[derive(Clone, Default)]
struct FakeGateway(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    challenge: Option<(StatusCode, Value)>,
    delivery: Option<StatusCode>,
    /// API key and body of each delivery.
    delivered: Vec<(String, Value)>,
}

impl FakeGateway {
    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/hook", get(challenge).post(deliver))
            .with_state(self.clone());
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        url
    }

    fn delivered(&self) -> Vec<(String, Value)> {
        self.0.lock().unwrap().delivered.clone()
    }
}

async fn challenge(
    State(gateway): State<FakeGateway>,
    headers: HeaderMap,
) -> (StatusCode, Json<Value>) {
    assert_eq!(headers["x-api-key"], "key-1");
    let key = headers["x-verification-key"].to_str().unwrap();
    let (status, body) = gateway
        .0
        .lock()
        .unwrap()
        .challenge
        .clone()
        .unwrap_or((StatusCode::OK, json!({ "key": key })));
    (status, Json(body))
}

async fn deliver(
    State(gateway): State<FakeGateway>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> StatusCode {
    let mut inner = gateway.0.lock().unwrap();
    inner
        .delivered
        .push((headers["x-api-key"].to_str().unwrap().to_owned(), body));
    inner.delivery.unwrap_or(StatusCode::OK)
}

async fn register(sandbox: &SandboxClient, url: &str) -> (u16, Value) {
    let request = sandbox
        .http
        .put(sandbox.url("/control/gateway"))
        .json(&json!({ "url": url, "api_key": "key-1" }));
    read_json(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_registered_gateway_gets_every_sms_and_the_inbox_shows_its_delivery() {
    let (sandbox, gateway) = (start_sandbox().await, FakeGateway::default());
    sandbox.set_user_status(PHONE, "Active").await;
    assert_eq!(sandbox.send_code(PHONE).await.0, 200);
    assert_eq!(register(&sandbox, &gateway.start().await).await.0, 204);
    let custom = json!({ "custom_message": "{otp} for {app}", "sender_id": "ACME" });
    let body = with_field(send_body(PHONE), "custom_sms_input", custom);
    assert_eq!(sandbox.post("/cis/v1/auth/otp/send", body).await.0, 200);

    let code = sandbox.newest_code(PHONE).await;
    let expected = json!({ "phone_number": PHONE, "sender_id": "ACME",
        "message": format!("{code} for Latchkey") });
    assert_eq!(gateway.delivered(), [("key-1".to_owned(), expected)]);
    let inbox = sandbox.inbox(PHONE).await;
    assert_eq!(
        (inbox[0].get("delivery"), &inbox[1]["delivery"]),
        (None, &json!("delivered"))
    );
    assert_eq!(sandbox.authenticate(PHONE, &code).await.0, 200);

    // Codes on other channels do not go to the gateway.
    let direct = with_field(send_body(PHONE), "channel", json!("direct"));
    assert_eq!(sandbox.post("/cis/v1/auth/otp/send", direct).await.0, 200);
    assert_eq!(gateway.delivered().len(), 1);
    let removed = sandbox
        .http
        .delete(sandbox.url("/control/gateway"))
        .send()
        .await
        .unwrap();
    assert_eq!(removed.status(), 204);
    assert_eq!(sandbox.send_code(PHONE).await.0, 200);
    assert_eq!(register(&sandbox, &gateway.start().await).await.0, 204);
    sandbox.reset().await;
    sandbox.set_user_status(PHONE, "Active").await;
    assert_eq!(sandbox.send_code(PHONE).await.0, 200);
    assert_eq!(gateway.delivered().len(), 1);
}

#[tokio::test]
async fn a_failing_gateway_makes_the_send_fail_without_a_retry() {
    let (sandbox, gateway) = (start_sandbox().await, FakeGateway::default());
    sandbox.set_user_status(PHONE, "Active").await;
    assert_eq!(register(&sandbox, &gateway.start().await).await.0, 204);
    for status in [
        StatusCode::BAD_GATEWAY,
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::CREATED,
        StatusCode::FOUND,
    ] {
        gateway.0.lock().unwrap().delivery = Some(status);
        let (refused, body) = sandbox.send_code(PHONE).await;
        assert_eq!(
            (refused, &body["error_code"]),
            (400, &json!("external_provider_configuration_error")),
            "{status}"
        );
        assert_eq!(
            sandbox.inbox(PHONE).await.last().unwrap()["delivery"],
            "failed"
        );
    }
    assert_eq!(gateway.delivered().len(), 4);
    // The message may have arrived nevertheless.
    let code = sandbox.newest_code(PHONE).await;
    assert_eq!(sandbox.authenticate(PHONE, &code).await.0, 200);
    let page = get_text(sandbox.url("/")).await;
    assert_eq!(page.matches("· not delivered").count(), 4);
}

#[tokio::test]
async fn a_gateway_must_pass_the_challenge() {
    let (sandbox, gateway) = (start_sandbox().await, FakeGateway::default());
    sandbox.set_user_status(PHONE, "Active").await;
    let url = gateway.start().await;
    let long = "k".repeat(10_000);
    for challenge in [
        (StatusCode::OK, json!({ "key": "another" })),
        (StatusCode::OK, json!({})),
        (StatusCode::OK, json!({ "key": long })),
        (StatusCode::CREATED, json!({})),
        (StatusCode::UNAUTHORIZED, json!({})),
    ] {
        gateway.0.lock().unwrap().challenge = Some(challenge.clone());
        let (status, body) = register(&sandbox, &url).await;
        assert_eq!(
            (status, body["message"].is_string()),
            (400, true),
            "{challenge:?}"
        );
    }
    for url in [
        "nonsense",
        "http://127.0.0.1:1/hook",
        "http://sms.example.com/hook",
        "https://127.0.0.1/hook",
        "file:///",
    ] {
        assert_eq!(register(&sandbox, url).await.0, 400, "{url}");
    }
    let incomplete = sandbox
        .request(Method::PUT, "/control/gateway")
        .json(&json!({ "url": url }));
    assert_eq!(read_json(incomplete.send().await.unwrap()).await.0, 400);
    assert_eq!(sandbox.send_code(PHONE).await.0, 200);
    assert_eq!(gateway.delivered(), []);
}
