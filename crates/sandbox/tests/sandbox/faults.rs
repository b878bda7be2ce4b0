//! Faults and latencies.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use latchkey_testkit::sandbox_client::{
    PHONE, SandboxClient, authenticate_body, different_code, send_body, start_sandbox,
};

const SEND: &str = "/cis/v1/auth/otp/send";

async fn set_latency(sandbox: &SandboxClient, case: Option<&str>, operation: &str, ms: u64) {
    let mut body = json!({ "operation": operation, "ms": ms });
    if let Some(case) = case {
        body["case"] = json!(case);
    }
    sandbox.set_latency(body).await;
}

#[expect(clippy::disallowed_methods, reason = "latency is real time")]
async fn timed(call: impl Future<Output = (u16, Value)>) -> (u16, Duration) {
    let began = Instant::now();
    let (status, _) = call.await;
    (status, began.elapsed())
}

#[tokio::test]
async fn a_status_fault_applies_to_the_requested_number_of_calls() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox
        .set_fault(json!({ "operation": "otp_send", "kind": "status", "status": 429, "times": 2 }))
        .await;
    assert_eq!(
        sandbox.send_code(PHONE).await,
        (
            429,
            json!({ "error_code": 429, "message": "Too Many Requests" })
        )
    );
    assert_eq!(sandbox.send_code(PHONE).await.0, 429);
    assert_eq!(sandbox.send_code(PHONE).await.0, 200);
    assert_eq!(sandbox.call_count("otp_send").await, 3);
    assert_eq!(
        sandbox.inbox(PHONE).await.len(),
        1,
        "a spoiled call is not processed"
    );

    let body = json!({ "error": "temporarily_unavailable" });
    sandbox
        .set_fault(
            json!({ "operation": "otp_send", "kind": "status", "status": 503, "body": body }),
        )
        .await;
    for _ in 0..3 {
        assert_eq!(sandbox.send_code(PHONE).await, (503, body.clone()));
    }
    sandbox
        .set_fault(json!({ "operation": "otp_send", "kind": "status", "times": 0 }))
        .await;
    assert_eq!(sandbox.send_code(PHONE).await.0, 200);

    sandbox
        .set_fault(json!({ "operation": "jwks", "kind": "status", "body": "<h1>Bad gateway</h1>" }))
        .await;
    let response = sandbox
        .request(Method::GET, "/cis/oidc/jwks")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 500);
    assert_eq!(response.text().await.unwrap(), "<h1>Bad gateway</h1>");
}

#[tokio::test]
async fn garbage_is_200_with_a_body_that_is_not_json() {
    let sandbox = start_sandbox().await;
    sandbox
        .set_fault(json!({ "operation": "jwks", "kind": "garbage", "times": 1 }))
        .await;
    let response = sandbox
        .request(Method::GET, "/cis/oidc/jwks")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert!(serde_json::from_slice::<Value>(&response.bytes().await.unwrap()).is_err());
    assert_eq!(sandbox.get("/cis/oidc/jwks").await.0, 200);
}

#[tokio::test]
async fn reset_aborts_the_connection_without_a_response() {
    let sandbox = start_sandbox().await;
    sandbox
        .set_fault(json!({ "operation": "otp_send", "kind": "reset", "times": 1 }))
        .await;
    let request = sandbox.request(Method::POST, SEND).json(&send_body(PHONE));
    let error = request.send().await.unwrap_err();
    let causes = std::iter::successors(
        Some(&error as &(dyn std::error::Error + 'static)),
        |error| error.source(),
    );
    let reset = |cause: &(dyn std::error::Error + 'static)| {
        let io = cause.downcast_ref::<std::io::Error>();
        io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionReset)
    };
    assert!(causes.into_iter().any(reset), "{error:?}");
    assert_eq!(sandbox.send_code(PHONE).await.0, 404);
}

#[tokio::test]
async fn hang_reads_the_request_and_never_responds() {
    let sandbox = start_sandbox().await;
    sandbox
        .set_fault(json!({ "operation": "otp_send", "kind": "hang", "times": 1 }))
        .await;
    let request = sandbox
        .request(Method::POST, SEND)
        .json(&send_body(PHONE))
        .timeout(Duration::from_millis(300));
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(sandbox.call_count("otp_send").await, 1);
    assert_eq!(sandbox.send_code(PHONE).await.0, 404);
}

#[tokio::test]
async fn each_response_case_has_its_own_latency() {
    let sandbox = start_sandbox().await;
    let [known, unknown, locked, inactive] = [
        "+12025550101",
        "+12025550102",
        "+12025550103",
        "+12025550104",
    ];
    sandbox.set_user_status(known, "Active").await;
    sandbox.set_user_status(locked, "Locked").await;
    sandbox.set_user_status(inactive, "Disabled").await;
    set_latency(&sandbox, None, "otp_send", 400).await;
    for (case, ms) in [("unknown", 800), ("locked", 1200), ("inactive", 1600)] {
        set_latency(&sandbox, Some(case), "otp_send", ms).await;
    }
    for (phone, status, ms) in [
        (known, 200, 400),
        (unknown, 404, 800),
        (locked, 200, 1200),
        (inactive, 403, 1600),
    ] {
        assert_duration(timed(sandbox.send_code(phone)).await, status, ms);
    }

    for (case, ms) in [("wrong", 400), ("correct", 800), ("locked", 1200)] {
        set_latency(&sandbox, Some(case), "otp_authenticate", ms).await;
    }
    let code = sandbox.newest_code(known).await;
    assert_duration(
        timed(sandbox.authenticate(known, &different_code(&code))).await,
        400,
        400,
    );
    assert_duration(timed(sandbox.authenticate(known, &code)).await, 200, 800);
    assert_duration(
        timed(sandbox.authenticate(locked, "000000")).await,
        403,
        1200,
    );

    set_latency(&sandbox, Some("unknown"), "otp_send", 0).await;
    assert_duration(timed(sandbox.send_code(unknown)).await, 404, 0);
}

/// The latencies differ widely, so that a busy machine does not fail the test.
fn assert_duration((status, length): (u16, Duration), expected: u16, ms: u128) {
    assert_eq!(status, expected);
    assert!(
        (ms..ms + 390).contains(&length.as_millis()),
        "{length:?} instead of {ms} ms"
    );
}

#[tokio::test]
async fn a_request_is_processed_although_the_client_stops_waiting() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox.send_code(PHONE).await;
    let code = sandbox.newest_code(PHONE).await;
    set_latency(&sandbox, Some("correct"), "otp_authenticate", 60_000).await;
    let request = sandbox
        .request(Method::POST, "/cis/v1/auth/otp/authenticate")
        .json(&authenticate_body(PHONE, &code));
    assert!(
        request
            .timeout(Duration::from_millis(300))
            .send()
            .await
            .unwrap_err()
            .is_timeout()
    );
    assert_eq!(
        sandbox.authenticate(PHONE, &code).await.0,
        400,
        "the code was spent"
    );
}
