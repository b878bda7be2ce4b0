//! What is sent to each provider, and what its answers prove.

use std::sync::Arc;

use latchkey::server::settings::SignInSettings;
use latchkey::server::settings::gateway::ProviderName::{Twilio, Webhook};
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use serde_json::{Value, json};

use crate::fake_provider::Reply;
use crate::test_gateway::{
    ACCOUNT, AUTH_TOKEN, BEARER, FROM, PHONE, TEXT, TestGateway, created, delivery_to, post,
    problem,
};

#[tokio::test]
async fn the_webhook_gets_json_with_an_idempotency_key() {
    let world = TestGateway::new(&[Webhook]).await;
    assert_eq!(world.deliver(TEXT).await.status, 200);
    assert_eq!(
        world.deliver("Your Latchkey code is 000000.").await.status,
        200
    );
    let seen = world.webhook.seen();
    assert_eq!(seen[0].target, "POST /send?to=phones");
    let body: Value = serde_json::from_str(&seen[0].body).unwrap();
    assert_eq!(body, json!({"to": PHONE, "from": "Latchkey", "text": TEXT}));
    let header = |seen: usize, name: &str| world.webhook.seen()[seen].headers[name].clone();
    assert_eq!(header(0, "content-type"), "application/json");
    assert_eq!(header(0, "authorization"), format!("Bearer {BEARER}"));
    let (first, second) = (header(0, "idempotency-key"), header(1, "idempotency-key"));
    assert!(first.len() == 64 && first.bytes().all(|b| b.is_ascii_hexdigit()) && first != second);
    // The same in another process with the same key: a restart must not make a message new.
    let other = TestGateway::new(&[Webhook]).await;
    other.deliver(TEXT).await;
    assert_eq!(other.webhook.seen()[0].headers["idempotency-key"], first);

    let open = TestGateway::with(&[Webhook], |settings| settings.webhook.bearer = None).await;
    let body = json!({"phone_number": PHONE, "message": TEXT}).to_string();
    assert_eq!(open.send(post(body)).await.status, 200);
    let seen = &open.webhook.seen()[0];
    assert!(!seen.headers.contains_key("authorization"));
    assert_eq!(
        serde_json::from_str::<Value>(&seen.body).unwrap()["from"],
        Value::Null
    );
}

#[tokio::test]
async fn twilio_gets_a_form_with_basic_authentication() {
    use base64::Engine as _;
    let world = TestGateway::new(&[Twilio]).await;
    let text = "Grüße & 50 % = +1\n@id.example.com #482913";
    assert_eq!(world.deliver(text).await.status, 200);
    let seen = &world.twilio.seen()[0];
    assert_eq!(
        seen.target,
        format!("POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    );
    assert_eq!(
        seen.headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    let credentials =
        base64::engine::general_purpose::STANDARD.encode(format!("{ACCOUNT}:{AUTH_TOKEN}"));
    assert_eq!(
        seen.headers["authorization"],
        format!("Basic {credentials}")
    );
    let fields: Vec<(String, String)> = form_urlencoded::parse(seen.body.as_bytes())
        .into_owned()
        .collect();
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(fields, [("To", PHONE), ("From", FROM), ("Body", text)]);

    let service = "MG0123456789abcdef0123456789abcdef";
    let world = TestGateway::with(&[Twilio], |settings| {
        settings.twilio.from = None;
        settings.twilio.messaging_service_sid = Some(service.to_owned());
    })
    .await;
    assert_eq!(world.deliver(TEXT).await.status, 200);
    let body = &world.twilio.seen()[0].body;
    assert!(
        body.contains(&format!("MessagingServiceSid={service}")) && !body.contains("From="),
        "{body}"
    );
}

/// What each answer proves: 200 accepted, 502 unknown, 503 surely not sent.
#[tokio::test]
async fn an_answer_proves_no_more_than_it_says() {
    let text = |status, body: &str| Reply::Answer(status, "application/json", body.to_owned());
    let alike = |status: u16| match status {
        408 | 409 | 425 | 499 => 502,
        400..=499 => 503,
        _ => 502,
    };
    let mut webhook = vec![
        (text(200, ""), 200),
        (text(204, ""), 200),
        (text(202, r#"{"id":"x"}"#), 200),
        (text(200, "null"), 200),
        (Reply::html(200), 502),
        (text(200, r#"{"id":"#), 502),
        (Reply::Huge(200), 502),
        (Reply::Huge(400), 503),
    ];
    let mut twilio = vec![
        (created(), 200),
        (text(200, r#"{"sid":"SM1","status":"accepted"}"#), 200),
        (text(201, ""), 502),
        (text(201, "{}"), 502),
        (text(201, r#"{"sid":null}"#), 502),
        (text(201, r#"{"sid":""}"#), 502),
        (text(201, r#"{"sid":7}"#), 502),
        (text(201, r#"["SM1"]"#), 502),
        (text(201, r#"{"sid":"<b>"}"#), 502),
        (Reply::html(201), 502),
        (Reply::Huge(201), 502),
        (Reply::Truncated, 502),
        (problem(400, 21211), 503),
        (problem(400, 21610), 503),
        (problem(401, 20003), 503),
        (problem(429, 20429), 503),
        (problem(500, 20500), 502),
        (problem(503, 20503), 502),
    ];
    for status in [
        301, 302, 303, 307, 308, 400, 401, 403, 404, 408, 409, 422, 425, 429, 499, 500, 502, 503,
        504,
    ] {
        webhook.push((Reply::html(status), alike(status)));
        twilio.push((Reply::html(status), alike(status)));
    }
    assert_eq!((webhook.len(), twilio.len()), (27, 37));
    for (provider, cases) in [(Webhook, webhook), (Twilio, twilio)] {
        for (reply, status) in cases {
            let world = TestGateway::new(&[provider]).await;
            let fake_provider = if provider == Webhook {
                &world.webhook
            } else {
                &world.twilio
            };
            fake_provider.answers(reply.clone());
            assert_eq!(
                world.deliver(TEXT).await.status,
                status,
                "{provider:?} {reply:?}"
            );
            assert_eq!(fake_provider.count(), 1, "{provider:?} {reply:?}");
        }
    }
}

#[tokio::test]
async fn t8_a_redirect_is_not_followed() {
    let world = TestGateway::new(&[Webhook]).await;
    let trap = crate::fake_provider::StandIn::start().await;
    trap.answers(Reply::json(200, json!({})));
    let location = format!(
        "HTTP/1.1 307 X\r\nlocation: {}/\r\ncontent-length: 0\r\n\r\n",
        trap.base
    );
    world.webhook.answers(Reply::Raw(location));
    assert_eq!(world.deliver(TEXT).await.status, 502);
    assert_eq!((world.webhook.count(), trap.count()), (1, 0));
}

#[tokio::test]
async fn each_country_has_its_own_sender_at_every_provider() {
    const SERVICE: &str = "MG0123456789abcdef0123456789abcdef";
    let table = "[senders]\nGB = \"Acme UK\"\nUS = \"+12025550199\"\nFR = \"36180\"";
    let senders = toml::from_str::<SignInSettings>(table).unwrap().senders;
    for (phone, sender) in [
        ("+447400123456", Some("Acme UK")),
        ("+12025550123", Some("+12025550199")),
        ("+33612345678", Some("36180")),
        // Canada shares its calling code with the United States.
        ("+14165550123", None),
        ("+4915123456789", None),
        ("+9991234567", None),
    ] {
        for provider in [Twilio, Webhook] {
            let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
            let world = TestGateway::over(store, &[provider], |settings| {
                settings.sign_in.senders = senders.clone();
                settings.gateway.twilio.from = None;
                settings.gateway.twilio.messaging_service_sid = Some(SERVICE.to_owned());
            })
            .await;
            assert_eq!(world.send(delivery_to(phone, TEXT)).await.status, 200);
            if provider == Webhook {
                let body: Value = serde_json::from_str(&world.webhook.seen()[0].body).unwrap();
                assert_eq!(body["from"], sender.unwrap_or("Latchkey"), "{phone}");
                continue;
            }
            let body = world.twilio.seen()[0].body.clone();
            let fields: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes())
                .into_owned()
                .filter(|(name, _)| name == "From" || name == "MessagingServiceSid")
                .collect();
            let expected = match sender {
                Some(sender) => ("From".to_owned(), sender.to_owned()),
                None => ("MessagingServiceSid".to_owned(), SERVICE.to_owned()),
            };
            assert_eq!(fields, [expected], "{phone}");
        }
    }
}
