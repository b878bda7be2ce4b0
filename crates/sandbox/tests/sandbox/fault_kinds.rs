//! Every kind of fault: what the client receives, and whether the request was processed.

use std::time::{Duration, Instant};

use reqwest::{Method, Response};
use serde_json::json;

use latchkey_testkit::sandbox_client::{PHONE, SandboxClient, start_sandbox};

/// Sends a code to an existing user with a fault.
async fn send_with_fault(sandbox: &SandboxClient, kind: &str) -> reqwest::Result<Response> {
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox
        .set_fault(json!({ "operation": "otp_send", "kind": kind, "times": 1 }))
        .await;
    sandbox.send_code_raw(PHONE).await
}

/// Whether no byte of the body arrives within a short time.
async fn body_hangs(response: Response) -> bool {
    tokio::time::timeout(Duration::from_millis(100), response.bytes())
        .await
        .is_err()
}

fn content_type(response: &Response) -> &str {
    response.headers()["content-type"].to_str().unwrap()
}

#[tokio::test]
async fn a_replaced_response_means_that_the_request_was_not_processed() {
    let sandbox = start_sandbox().await;
    let html = send_with_fault(&sandbox, "html").await.unwrap();
    assert_eq!(
        (html.status().as_u16(), content_type(&html)),
        (200, "text/html; charset=utf-8")
    );
    assert!(html.text().await.unwrap().starts_with("<!doctype html>"));

    let empty = send_with_fault(&sandbox, "empty").await.unwrap();
    assert_eq!(
        (empty.status().as_u16(), content_type(&empty)),
        (200, "application/json")
    );
    assert_eq!(empty.bytes().await.unwrap().len(), 0);

    let flood = send_with_fault(&sandbox, "flood").await.unwrap();
    assert_eq!(
        (flood.status().as_u16(), flood.content_length()),
        (200, Some(50_000_000))
    );
    assert_eq!(flood.bytes().await.unwrap().len(), 50_000_000);

    for (input, status) in [(json!({}), 307), (json!({ "status": 302 }), 302)] {
        let mut redirect = json!({ "operation": "otp_send", "kind": "redirect",
            "to": "http://127.0.0.1:1/x", "times": 1 });
        redirect
            .as_object_mut()
            .unwrap()
            .extend(input.as_object().unwrap().clone());
        sandbox.set_fault(redirect).await;
        let response = sandbox.send_code_raw(PHONE).await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["location"]),
            (status, &"http://127.0.0.1:1/x".parse().unwrap())
        );
    }

    sandbox
        .set_fault(
            json!({ "operation": "otp_send", "kind": "status", "status": 429,
        "retry_after": "7", "times": 1 }),
        )
        .await;
    let throttled = sandbox.send_code_raw(PHONE).await.unwrap();
    assert_eq!(
        (
            throttled.status().as_u16(),
            &throttled.headers()["retry-after"]
        ),
        (429, &"7".parse().unwrap())
    );
    assert_eq!(sandbox.inbox(PHONE).await.len(), 0);
}

#[tokio::test]
async fn an_altered_response_means_that_the_request_was_processed() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    let whole = sandbox
        .send_code_raw(PHONE)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();

    let wrong = send_with_fault(&sandbox, "wrong_type").await.unwrap();
    assert_eq!(content_type(&wrong), "text/html; charset=utf-8");
    assert_eq!(wrong.text().await.unwrap(), whole);

    let half = send_with_fault(&sandbox, "truncate").await.unwrap();
    assert_eq!(
        (half.status().as_u16(), content_type(&half)),
        (200, "application/json")
    );
    assert_eq!(half.text().await.unwrap(), whole[..whole.len() / 2]);

    assert!(send_with_fault(&sandbox, "lost_answer").await.is_err());

    let hanging = send_with_fault(&sandbox, "hang_after_headers")
        .await
        .unwrap();
    assert_eq!(
        (hanging.status().as_u16(), hanging.content_length()),
        (200, Some(whole.len() as u64))
    );
    assert!(body_hangs(hanging).await);
    assert_eq!(
        sandbox.inbox(PHONE).await.len(),
        5,
        "one each, and the good one"
    );
}

#[tokio::test]
async fn a_drip_sends_one_byte_a_second() {
    let sandbox = start_sandbox().await;
    let mut drip = send_with_fault(&sandbox, "drip").await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "a drip is real time")]
    let began = Instant::now();
    for _ in 0..2 {
        assert_eq!(drip.chunk().await.unwrap().unwrap().len(), 1);
    }
    assert!(
        (1500..6000).contains(&began.elapsed().as_millis()),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn the_date_header_follows_the_sandboxs_clock() {
    let sandbox = start_sandbox().await;
    let date = async |path| {
        let response = sandbox.request(Method::GET, path).send().await.unwrap();
        let date = httpdate::parse_http_date(response.headers()["date"].to_str().unwrap()).unwrap();
        date.duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs()
    };
    let before = date("/cis/oidc/jwks").await;
    sandbox.advance_clock("10m").await;
    let after = date("/nowhere").await;
    assert!(
        (600..=620).contains(&(after - before)),
        "{}",
        after - before
    );
}

#[tokio::test]
async fn an_invalid_fault_is_refused_with_a_message() {
    let sandbox = start_sandbox().await;
    for fault in [
        json!({ "operation": "jwks", "kind": "hang", "status": 500 }),
        json!({ "operation": "jwks", "kind": "drip", "body": {} }),
        json!({ "operation": "jwks", "kind": "redirect" }),
        json!({ "operation": "jwks", "kind": "redirect", "to": "a\nb" }),
        json!({ "operation": "jwks", "kind": "redirect", "to": "/", "status": 200 }),
        json!({ "operation": "jwks", "kind": "html", "to": "/" }),
        json!({ "operation": "jwks", "kind": "reset", "retry_after": "1" }),
        json!({ "operation": "jwks", "kind": "status", "status": 99 }),
        json!({ "operation": "jwks", "kind": "lost" }),
    ] {
        let (status, body) = sandbox.put("/control/fault", fault.clone()).await;
        assert_eq!(status, 400, "{fault}: {body}");
        assert!(
            body["message"]
                .as_str()
                .is_some_and(|message| message.len() > 10),
            "{body}"
        );
    }
}
