//! Challenge and deliveries, as upstream and as unauthenticated clients send them.

use axum::body::Body;
use futures_util::stream;
use http::{Method, Request};
use latchkey::server::settings::gateway::ProviderName::Webhook;
use serde_json::{Value, json};

use crate::test_gateway::{API_KEY, PHONE, TEXT, TestGateway, delivery, post};

type Header<'a> = (&'a str, &'a [u8]);

fn challenge(headers: &[Header]) -> Request<Body> {
    let request = Request::builder().method(Method::GET).uri("/sms");
    headers
        .iter()
        .fold(request, |request, (name, value)| {
            request.header(*name, *value)
        })
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn the_challenge_gives_the_verification_key_back() {
    let world = TestGateway::new(&[Webhook]).await;
    let longest = "k".repeat(256);
    for key in ["0f2c-91", "a", "\"quoted\"\\", "<script>", longest.as_str()] {
        let request = challenge(&[
            ("X-API-Key", API_KEY.as_bytes()),
            ("X-Verification-Key", key.as_bytes()),
        ]);
        let answer = world.send(request).await;
        assert_eq!(
            (
                answer.status,
                serde_json::from_str::<Value>(&answer.body).unwrap()
            ),
            (200, json!({"key": key}))
        );
        assert_eq!(answer.headers["content-type"], "application/json");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn a_challenge_that_is_not_upstreams_is_refused() {
    let world = TestGateway::new(&[Webhook]).await;
    let key = API_KEY.as_bytes();
    let (longer, shorter) = ([key, b"0"].concat(), &key[..31]);
    let too_long = [b'k'; 257];
    let cases: [(&[Header], u16, &str); 14] = [
        (&[("x-verification-key", b"v")], 401, "unauthorized"),
        (
            &[("x-api-key", b""), ("x-verification-key", b"v")],
            401,
            "unauthorized",
        ),
        (
            &[("x-api-key", b"wrong"), ("x-verification-key", b"v")],
            401,
            "unauthorized",
        ),
        (
            &[("x-api-key", &longer), ("x-verification-key", b"v")],
            401,
            "unauthorized",
        ),
        (
            &[("x-api-key", shorter), ("x-verification-key", b"v")],
            401,
            "unauthorized",
        ),
        (
            &[("x-api-key", b"\xff\xfe"), ("x-verification-key", b"v")],
            401,
            "unauthorized",
        ),
        (
            &[
                ("x-api-key", key),
                ("x-api-key", key),
                ("x-verification-key", b"v"),
            ],
            401,
            "unauthorized",
        ),
        (
            &[
                ("x-api-key", key),
                ("x-api-key", b"wrong"),
                ("x-verification-key", b"v"),
            ],
            401,
            "unauthorized",
        ),
        (
            &[("authorization", key), ("x-verification-key", b"v")],
            401,
            "unauthorized",
        ),
        (&[("x-api-key", key)], 400, "invalid_verification_key"),
        (
            &[("x-api-key", key), ("x-verification-key", b"")],
            400,
            "invalid_verification_key",
        ),
        (
            &[("x-api-key", key), ("x-verification-key", &too_long)],
            400,
            "invalid_verification_key",
        ),
        (
            &[("x-api-key", key), ("x-verification-key", b"a b")],
            400,
            "invalid_verification_key",
        ),
        (
            &[("x-api-key", key), ("x-verification-key", b"\xc3\xa9")],
            400,
            "invalid_verification_key",
        ),
    ];
    for (headers, status, error) in cases {
        let answer = world.send(challenge(headers)).await;
        assert_eq!(
            (answer.status, answer.error()),
            (status, error.to_owned()),
            "{headers:?}"
        );
    }
    let twice = challenge(&[
        ("x-api-key", key),
        ("x-verification-key", b"v"),
        ("x-verification-key", b"v"),
    ]);
    assert_eq!(world.send(twice).await.status, 400);
}

#[tokio::test]
async fn a_delivery_is_taken_as_upstream_sends_it() {
    let world = TestGateway::new(&[Webhook]).await;
    let bodies = [
        json!({"phone_number": PHONE, "sender_id": "Latchkey", "message": TEXT}),
        json!({"phone_number": PHONE, "message": "no sender"}),
        json!({"phone_number": PHONE, "sender_id": null, "message": "null sender"}),
        json!({"phone_number": PHONE, "sender_id": "", "message": "empty sender"}),
        json!({"phone_number": PHONE, "sender_id": "+12025550100", "message": "numeric sender"}),
        json!({
            "phone_number": "+4915112345678",
            "message": "Ihr Code lautet 123456 – für Grüße 👋\n@id.example.com #123456",
        }),
        json!({"phone_number": "+6821234", "message": "shortest number"}),
        json!({"phone_number": "+123456789012345", "message": "longest number"}),
        json!({
            "phone_number": PHONE, "message": "unknown fields", "tenant_id": "t", "ttl": 5,
            "nested": {"a": []},
        }),
        json!({"phone_number": PHONE, "message": "x".repeat(1600)}),
    ];
    for (count, body) in bodies.iter().enumerate() {
        let answer = world.send(post(body.to_string())).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, r#"{"status":"accepted"}"#),
            "{body}"
        );
        let sent: Value = serde_json::from_str(&world.webhook.seen()[count].body).unwrap();
        assert_eq!(
            (&sent["to"], &sent["text"]),
            (&body["phone_number"], &body["message"])
        );
    }
    for kind in ["application/json; charset=utf-8", "Application/JSON"] {
        let mut request = delivery(kind);
        request
            .headers_mut()
            .insert("content-type", kind.parse().unwrap());
        assert_eq!(world.send(request).await.status, 200, "{kind}");
    }
}

#[tokio::test]
async fn a_delivery_that_is_not_upstreams_is_refused_and_nobody_is_asked() {
    let world = TestGateway::new(&[Webhook]).await;
    let with = |number: Value, sender: Value, message: Value| {
        json!({"phone_number": number, "sender_id": sender, "message": message}).to_string()
    };
    let number = |number: &str| with(json!(number), Value::Null, json!(TEXT));
    let message = |message: Value| with(json!(PHONE), Value::Null, message);
    let sender = |sender: Value| with(json!(PHONE), sender, json!(TEXT));
    let cases: Vec<(Vec<u8>, &str)> = [
        (String::new(), "malformed_body"),
        ("{}".into(), "malformed_body"),
        ("null".into(), "malformed_body"),
        ("<xml/>".into(), "malformed_body"),
        (json!([PHONE, null, TEXT]).to_string(), "malformed_body"),
        (json!({"phone_number": PHONE}).to_string(), "malformed_body"),
        (json!({"message": TEXT}).to_string(), "malformed_body"),
        (
            with(json!(447400123456_u64), Value::Null, json!(TEXT)),
            "malformed_body",
        ),
        (
            with(json!([PHONE]), Value::Null, json!(TEXT)),
            "malformed_body",
        ),
        (
            with(Value::Null, Value::Null, json!(TEXT)),
            "malformed_body",
        ),
        (message(json!(482913)), "malformed_body"),
        (sender(json!(7)), "malformed_body"),
        (number(PHONE) + "x", "malformed_body"),
        (
            number(PHONE).replacen('{', "{\"message\":\"other\",", 1),
            "malformed_body",
        ),
        (number("447400123456"), "invalid_phone_number"),
        (number("07400123456"), "invalid_phone_number"),
        (number("+07400123456"), "invalid_phone_number"),
        (number("+44 7400 123456"), "invalid_phone_number"),
        (number("+1234567890123456"), "invalid_phone_number"),
        (number("+123456"), "invalid_phone_number"),
        (number("+44740012345a"), "invalid_phone_number"),
        (number("+٤٤٧٤٠٠١٢٣٤٥٦"), "invalid_phone_number"),
        (
            number("+447400123456,+447400123457"),
            "invalid_phone_number",
        ),
        (number("+447400123456\r\nX: y"), "invalid_phone_number"),
        (number(""), "invalid_phone_number"),
        (sender(json!("a sender of 17 ch")), "invalid_sender_id"),
        (sender(json!("a\nb")), "invalid_sender_id"),
        (sender(json!("  ")), "invalid_sender_id"),
        (message(json!("")), "invalid_message"),
        (message(json!(" \n ")), "invalid_message"),
        (message(json!("x".repeat(1601))), "invalid_message"),
        (message(json!("nul\u{0}")), "invalid_message"),
        (message(json!("escape\u{1b}[31m")), "invalid_message"),
    ]
    .into_iter()
    .map(|(body, error)| (body.into_bytes(), error))
    .chain([
        (b"{\"phone_number\":\"\xff\"}".to_vec(), "malformed_body"),
        (vec![b'['; 4096], "malformed_body"),
    ])
    .collect();
    assert_eq!(cases.len(), 35);
    for (body, error) in cases {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let answer = world.send(post(body)).await;
        assert_eq!(
            (answer.status, answer.error()),
            (400, error.to_owned()),
            "{shown}"
        );
        assert!(
            !answer.body.contains("7400") && !answer.body.contains("482913"),
            "{shown}"
        );
    }
    assert_eq!(world.counts(), (0, 0));
    assert_eq!(world.outcomes(), [""; 0]);
}

#[tokio::test]
async fn the_wrapping_of_a_delivery_is_checked_from_outside_in() {
    const FORM: &str = "application/x-www-form-urlencoded";
    const MEDIA_TYPE: &str = "unsupported_media_type";
    let world = TestGateway::new(&[Webhook]).await;
    let too_large = || Body::from(vec![b' '; 4097]);
    let unbounded =
        || Body::from_stream(stream::repeat_with(|| Ok::<_, std::io::Error>("        ")));
    let (wrong, json) = (Some("wrong"), "application/json");
    let (none, good) = (None, Some(API_KEY));
    let deliveries = [
        (wrong, json, unbounded(), 401, "unauthorized"),
        (none, "text/plain", too_large(), 401, "unauthorized"),
        (good, "text/plain", unbounded(), 415, MEDIA_TYPE),
        (good, "", Body::empty(), 415, MEDIA_TYPE),
        (good, FORM, Body::empty(), 415, MEDIA_TYPE),
        (good, "application/jsonp", Body::empty(), 415, MEDIA_TYPE),
        (good, json, too_large(), 413, "too_large"),
        (good, json, unbounded(), 413, "too_large"),
    ]
    .map(|(key, kind, body, status, error)| ("POST", "/sms", key, kind, body, status, error));
    let others = [
        ("PUT", "/sms", good, json, 405, "method_not_allowed"),
        ("DELETE", "/sms", good, json, 405, "method_not_allowed"),
        ("GET", "/", good, json, 404, "not_found"),
        ("POST", "/sms/", good, json, 404, "not_found"),
        ("GET", "/sign-in", none, "", 404, "not_found"),
    ]
    .map(|(method, path, key, kind, status, error)| {
        (method, path, key, kind, Body::empty(), status, error)
    });
    for (method, path, key, kind, body, status, error) in deliveries.into_iter().chain(others) {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", kind);
        if let Some(key) = key {
            request = request.header("x-api-key", key);
        }
        let answer = world.send(request.body(body).unwrap()).await;
        assert_eq!(
            (answer.status, answer.error()),
            (status, error.to_owned()),
            "{method} {path} {kind}"
        );
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let world = TestGateway::new(&[Webhook]).await;
    let never = Body::from_stream(stream::pending::<Result<&str, std::io::Error>>());
    let answer = world.send(post(never));
    let moved = async {
        tokio::task::yield_now().await;
        world.hand.advance(std::time::Duration::from_secs(10));
    };
    let (answer, ()) = tokio::join!(answer, moved);
    assert_eq!((answer.status, answer.error().as_str()), (408, "timeout"));
    let broken = Body::from_stream(stream::iter([Err::<&str, _>(std::io::Error::other(
        "gone",
    ))]));
    assert_eq!(world.send(post(broken)).await.status, 400);
}
