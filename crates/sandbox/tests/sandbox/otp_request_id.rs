//! The request id that `otp/send` returns and `otp/authenticate` needs.

use serde_json::json;

use latchkey_testkit::sandbox_client::{
    PHONE, authenticate_body, send_body, start_sandbox, with_field,
};

use crate::otp_refusals::{MALFORMED, WRONG, refused};

const SEND: &str = "/cis/v1/auth/otp/send";
const AUTHENTICATE: &str = "/cis/v1/auth/otp/authenticate";

#[tokio::test]
async fn a_requested_request_id_is_required_at_authenticate() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    let sent = sandbox
        .post(
            SEND,
            with_field(send_body(PHONE), "generate_request_id", json!(true)),
        )
        .await
        .1;
    let request_id = sent["request_id"].as_str().unwrap();
    let body = authenticate_body(PHONE, &sandbox.newest_code(PHONE).await);
    refused(&sandbox.post(AUTHENTICATE, body.clone()).await, MALFORMED);
    let other = with_field(body.clone(), "request_id", json!("other"));
    refused(&sandbox.post(AUTHENTICATE, other).await, WRONG);
    assert_eq!(
        sandbox
            .post(
                AUTHENTICATE,
                with_field(body, "request_id", json!(request_id))
            )
            .await
            .0,
        200
    );

    sandbox.send_code(PHONE).await;
    let body = with_field(
        authenticate_body(PHONE, &sandbox.newest_code(PHONE).await),
        "request_id",
        json!(request_id),
    );
    refused(&sandbox.post(AUTHENTICATE, body).await, WRONG);
}

#[tokio::test]
async fn a_tenant_that_does_not_know_request_ids_refuses_their_fields() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox.set_policy(json!({ "request_id": "refused" })).await;
    let asking = with_field(send_body(PHONE), "generate_request_id", json!(true));
    let answer = sandbox.post(SEND, asking).await;
    refused(&answer, MALFORMED);
    assert_eq!(
        answer.1["message"],
        "property generate_request_id should not exist"
    );
    let sent = sandbox.post(SEND, send_body(PHONE)).await;
    assert_eq!((sent.0, sent.1.get("request_id")), (200, None));
    let body = authenticate_body(PHONE, &sandbox.newest_code(PHONE).await);
    let with_id = with_field(body.clone(), "request_id", json!("r-1"));
    refused(&sandbox.post(AUTHENTICATE, with_id).await, MALFORMED);
    assert_eq!(sandbox.post(AUTHENTICATE, body).await.0, 200);
}

#[tokio::test]
async fn the_policy_sets_the_spelling_of_the_request_id() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    let asking = with_field(send_body(PHONE), "generate_request_id", json!(true));
    for (policy, body, name) in [
        (
            json!({ "request_id": "camel" }),
            asking.clone(),
            Some("requestId"),
        ),
        (json!({ "request_id": "none" }), asking.clone(), None),
        (json!({ "request_id": "snake" }), send_body(PHONE), None),
        (
            json!({ "request_id_always": true }),
            send_body(PHONE),
            Some("request_id"),
        ),
        (json!({ "request_id": "none" }), send_body(PHONE), None),
    ] {
        sandbox.set_policy(policy).await;
        let sent = sandbox.post(SEND, body).await.1;
        let body = authenticate_body(PHONE, &sandbox.newest_code(PHONE).await);
        let names: Vec<_> = sent
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| *name != "message")
            .collect();
        assert_eq!(names, name.as_slice());
        let tried = sandbox.post(AUTHENTICATE, body.clone()).await;
        match name {
            None => assert_eq!(tried.0, 200),
            Some(name) => {
                refused(&tried, MALFORMED);
                assert_eq!(
                    sandbox
                        .post(
                            AUTHENTICATE,
                            with_field(body, "request_id", sent[name].clone())
                        )
                        .await
                        .0,
                    200
                );
            }
        }
    }
}
