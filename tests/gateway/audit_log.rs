//! What is logged of a delivery, and what is never logged.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use latchkey::server::settings::gateway::ProviderName::Twilio;
use serde_json::json;

use crate::fake_provider::Reply;
use crate::test_gateway::{
    API_KEY, AUTH_TOKEN, BEARER, BOTH, PHONE, TEXT, TestGateway, created, post, problem,
};
use latchkey_testkit::log_capture::process_logs;

#[tokio::test]
async fn l2_neither_message_nor_number_nor_key_is_written() {
    let world = TestGateway::new(&BOTH).await;
    // Whatever a provider does, and even when it repeats the message in what it says.
    let echo = json!({"code": 21211, "message": format!("{PHONE}: {TEXT}")});
    for (number, reply) in [
        Reply::json(200, json!({})),
        Reply::json(400, echo.clone()),
        Reply::json(500, echo.clone()),
        Reply::Answer(200, "text/html", format!("{PHONE} {TEXT}")),
        Reply::Reset,
    ]
    .into_iter()
    .enumerate()
    {
        world.webhook.answers(reply);
        world.twilio.answers(Reply::json(400, echo.clone()));
        let text = format!("{TEXT} ({number})");
        world.deliver(&text).await;
        world.deliver(&text).await;
    }
    world
        .send(post(
            json!({"phone_number": PHONE, "message": 482913}).to_string(),
        ))
        .await;
    let wrong = Request::builder()
        .method("POST")
        .uri("/sms")
        .header("x-api-key", "hunter2-hunter2-hunter2");
    world.send(wrong.body(Body::from(TEXT)).unwrap()).await;
    let written = process_logs().text() + &world.audit.text();
    assert!(
        written.contains("a message was not sent") && written.contains("starting new connection"),
        "logs are kept"
    );
    for secret in [
        "7400123456",
        "482913",
        "Your Latchkey code",
        API_KEY,
        BEARER,
        AUTH_TOKEN,
        "hunter2",
    ] {
        assert!(!written.contains(secret), "{secret} was written");
    }
}

#[tokio::test]
async fn every_delivery_is_an_event_with_a_pseudonym_and_a_country() {
    let world = TestGateway::new(&[Twilio]).await;
    world.twilio.answers(problem(400, 21211));
    world.deliver(TEXT).await;
    let event = world.audit.events().remove(0);
    assert_eq!(event["event"], "sms_delivery");
    assert_eq!(
        (&event["outcome"], &event["detail"]),
        (
            &json!("not_sent"),
            &json!("twilio refused: status 400, code 21211")
        )
    );
    assert_eq!(event["subject"]["country"], "GB");
    assert_eq!(event["subject"]["identifier_type"], "phone_number");
    // A message that is not sent gives a number no name, but it has the one that there is.
    assert_eq!(event["subject"].get("identifier"), None);
    world.twilio.answers(created());
    world.deliver("another text 123456").await;
    world.twilio.answers(problem(400, 21211));
    world.deliver("a third text 123456").await;
    let events = world.audit.events();
    let names = [1, 2].map(|at| events[at]["subject"]["identifier"].as_str().unwrap());
    assert_eq!((names[0].len(), names[0]), (32, names[1]));
    assert_eq!(events[1]["outcome"], "accepted");
    assert_eq!(events[2]["outcome"], "not_sent");
}

/// Logs are of the whole process, so lines are told apart by the count that only this test reaches.
#[tokio::test]
async fn wrong_keys_are_logged_once_a_minute_with_their_count() {
    let world = TestGateway::new(&BOTH).await;
    let send_without_key = async |times: usize| {
        for _ in 0..times {
            world
                .send(Request::builder().uri("/sms").body(Body::empty()).unwrap())
                .await;
        }
    };
    let lines = |count: usize| {
        let wanted = format!("requests without the gateway's API key count={count}\n");
        process_logs().text().matches(&wanted).count()
    };
    send_without_key(20_011).await;
    assert_eq!(
        (lines(20_010), lines(20_011)),
        (0, 0),
        "the first was logged, and none of the others"
    );
    world.hand.advance(Duration::from_secs(60));
    send_without_key(2).await;
    assert_eq!((lines(20_011), lines(20_012)), (1, 0));
}
