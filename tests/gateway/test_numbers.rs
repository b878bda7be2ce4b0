//! Messages to test numbers: no provider is asked, and the operator can read them once.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::Request;
use latchkey::server::settings::Settings;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::store::{RecordKind, Store};
use latchkey::server::test_numbers::TestMessageError;
use serde_json::json;

use crate::fake_provider::Reply;
use crate::test_gateway::{Answer, BOTH, PHONE, START, TEXT, TestGateway, delivery_to, post};
use latchkey_testkit::log_capture::process_logs;

const OTHER: &str = "+447400123457";
/// No other test's, so that nothing is found that another one wrote.
const SECRET_PHONE: &str = "+447400918277";
const HOUR: Duration = Duration::from_secs(3600);

/// A world in which these are test numbers for an hour, and the store behind it.
async fn listing(numbers: &[&str]) -> (TestGateway, Arc<RedbStore>) {
    let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
    (over(store.clone(), numbers, |_| {}).await, store)
}

async fn over(
    store: Arc<dyn Store>,
    numbers: &[&str],
    change: impl FnOnce(&mut Settings),
) -> TestGateway {
    let until = (START + HOUR).to_rfc3339();
    let listed: Vec<String> = numbers
        .iter()
        .map(|number| format!("{number}={until}"))
        .collect();
    let world = TestGateway::over(store, &BOTH, |settings| {
        settings.test_numbers = listed.join(",").parse().unwrap();
        change(settings);
    });
    world.await
}

async fn deliver(world: &TestGateway, phone: &str, text: &str) -> Answer {
    world.send(delivery_to(phone, text)).await
}

/// The code that the operator is shown, whose message is deleted then.
async fn code(world: &TestGateway, phone: &str) -> Result<String, TestMessageError> {
    let numbers = &world.test_numbers;
    let (shown, version) = numbers.read_message(phone, Some(1000)).await?;
    numbers.finish_reading(phone, version, true).await?;
    Ok(shown.code.clone().unwrap())
}

#[tokio::test]
async fn a_message_that_could_not_be_shown_is_read_again_and_by_one_reader_at_a_time() {
    let (world, _) = listing(&[PHONE]).await;
    let numbers = &world.test_numbers;
    let no_message = Err(TestMessageError::NoMessage);
    deliver(&world, PHONE, TEXT).await;
    let (first, version) = numbers.read_message(PHONE, None).await.unwrap();
    assert_eq!(code(&world, PHONE).await, no_message, "somebody reads it");
    numbers.finish_reading(PHONE, version, false).await.unwrap();
    let (again, _) = numbers.read_message(PHONE, None).await.unwrap();
    assert_eq!(again.text, first.text);
    // A reader that has vanished withholds it for a while.
    assert_eq!(code(&world, PHONE).await, no_message);
    world.hand.advance(Duration::from_secs(10));
    let (_, version) = numbers.read_message(PHONE, None).await.unwrap();
    // A newer message is not ended by who has read the older one.
    deliver(&world, PHONE, "Your Latchkey code is 591347.").await;
    for was_shown in [true, false] {
        let finished = numbers.finish_reading(PHONE, version, was_shown);
        finished.await.unwrap();
    }
    assert_eq!(code(&world, PHONE).await.as_deref(), Ok("591347"));
    assert_eq!(code(&world, PHONE).await, no_message);
    numbers.finish_reading(PHONE, version, false).await.unwrap();
    assert_eq!(world.audit.count("test_code_read"), 4);
}

#[tokio::test]
async fn no_provider_hears_of_a_message_to_a_test_number() {
    let (world, _) = listing(&[PHONE]).await;
    let kept = deliver(&world, PHONE, TEXT).await;
    assert_eq!(world.counts(), (0, 0));
    let sent = deliver(&world, OTHER, TEXT).await;
    assert_eq!(world.counts(), (1, 0), "another number is another matter");
    assert_eq!(kept, sent, "the tenant sees no difference");
    let (shown, _) = world
        .test_numbers
        .read_message("+44 7400 123456", None)
        .await
        .unwrap();
    assert_eq!(
        (shown.code.as_deref(), &*shown.text, shown.expires_in),
        (Some("482913"), TEXT, 300)
    );
    assert_eq!(
        (&*shown.received_at, &*shown.expires_at),
        ("2027-01-15T08:00:00Z", "2027-01-15T08:05:00Z")
    );
    assert_eq!(code(&world, OTHER).await, Err(TestMessageError::NotListed));
    assert_eq!(world.outcomes(), ["kept", "accepted"]);
}

#[tokio::test]
async fn a_message_is_shown_once_and_the_newest_alone() {
    let (world, store) = listing(&[PHONE, OTHER]).await;
    assert_eq!(code(&world, PHONE).await, Err(TestMessageError::NoMessage));
    for digits in ["111111", "222222", "333333"] {
        assert_eq!(
            deliver(&world, PHONE, &format!("Your code is {digits}."))
                .await
                .status,
            200
        );
    }
    assert_eq!(
        deliver(&world, OTHER, "Your code is 444444.").await.status,
        200
    );
    assert_eq!(
        store
            .scan(RecordKind::TestMessage, 10, START)
            .await
            .unwrap()
            .len(),
        2,
        "one a number"
    );
    let both = tokio::join!(code(&world, PHONE), code(&world, PHONE));
    let shown = [both.0, both.1]
        .into_iter()
        .filter_map(Result::ok)
        .collect::<Vec<_>>();
    assert_eq!(shown, ["333333"], "of two who ask one is shown it");
    assert_eq!(code(&world, PHONE).await, Err(TestMessageError::NoMessage));
    assert_eq!(code(&world, OTHER).await.as_deref(), Ok("444444"));
    assert_eq!(
        store
            .scan(RecordKind::TestMessage, 10, START)
            .await
            .unwrap(),
        []
    );
    assert_eq!(world.counts(), (0, 0));
    for nonsense in ["", "nonsense", "07400123456", "482913"] {
        assert_eq!(
            code(&world, nonsense).await,
            Err(TestMessageError::InvalidNumber)
        );
    }
}

#[tokio::test]
async fn c2_a_message_is_gone_when_its_code_is_too_old() {
    for (tenants, used) in [("5m", 300), ("30m", 600)] {
        let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
        let lifetime = tenants.parse().ok();
        let world = over(store.clone(), &[PHONE], |settings| {
            settings.transmit.otp_lifetime = lifetime
        })
        .await;
        for (seconds, shown) in [(used - 1, true), (used, false)] {
            let text = format!("Your code is 48291{}.", seconds % 10);
            assert_eq!(deliver(&world, PHONE, &text).await.status, 200);
            world.hand.advance(Duration::from_secs(seconds));
            assert_eq!(
                code(&world, PHONE).await.is_ok(),
                shown,
                "{tenants} after {seconds} s"
            );
        }
        assert_eq!(
            store.sweep(START + HOUR, 10).await.unwrap(),
            1,
            "the one that nobody read"
        );
    }
}

#[tokio::test]
async fn a_number_becomes_like_any_other_at_its_end() {
    let (world, _) = listing(&[PHONE]).await;
    world.hand.advance(HOUR - Duration::from_millis(1));
    assert_eq!(deliver(&world, PHONE, TEXT).await.status, 200);
    assert_eq!(world.counts(), (0, 0));
    world.hand.advance(Duration::from_millis(1));
    assert_eq!(
        code(&world, PHONE).await,
        Err(TestMessageError::NotListed),
        "what came before is not shown either"
    );
    assert_eq!(
        deliver(&world, PHONE, "Your code is 482914.").await.status,
        200
    );
    assert_eq!(world.counts(), (1, 0));
    assert_eq!(code(&world, PHONE).await, Err(TestMessageError::NotListed));
    assert_eq!(world.outcomes(), ["kept", "accepted"]);
}

#[tokio::test]
async fn s10_a_repetition_is_answered_from_the_first() {
    let (world, _) = listing(&[PHONE]).await;
    assert_eq!(deliver(&world, PHONE, TEXT).await.status, 200);
    assert!(code(&world, PHONE).await.is_ok());
    assert_eq!(deliver(&world, PHONE, TEXT).await.status, 200);
    assert_eq!(
        code(&world, PHONE).await,
        Err(TestMessageError::NoMessage),
        "it was read"
    );
    assert_eq!(world.outcomes(), ["kept", "repeated"]);
    assert_eq!(world.counts(), (0, 0));
}

#[tokio::test]
async fn a_request_without_the_key_neither_adds_nor_reads_a_message() {
    let (world, store) = listing(&[PHONE]).await;
    let forged = |key: &str| {
        let body = json!({"phone_number": PHONE, "message": TEXT}).to_string();
        let request = Request::post("/sms")
            .header("content-type", "application/json")
            .header("x-api-key", key);
        request.body(Body::from(body)).unwrap()
    };
    let before = world.send(forged("wrong-key-wrong-key")).await;
    assert_eq!(
        store
            .scan(RecordKind::TestMessage, 10, START)
            .await
            .unwrap(),
        []
    );
    assert_eq!(deliver(&world, PHONE, TEXT).await.status, 200);
    let after = world.send(forged("wrong-key-wrong-key")).await;
    assert_eq!(
        (before.status, &before),
        (401, &after),
        "whether a message is there is not seen"
    );
    for path in ["/sms", "/", "/test-code", "/sms/test"] {
        let told = world
            .send(
                Request::get(path)
                    .header("x-api-key", "wrong")
                    .body(Body::empty())
                    .unwrap(),
            )
            .await;
        assert!(
            matches!(told.status, 401 | 404) && !told.body.contains("482913"),
            "{path}: {told:?}"
        );
    }
    // The recipient does not matter: a malformed delivery is refused before its number is read.
    assert_eq!(
        world
            .send(post(json!({"phone_number": PHONE}).to_string()))
            .await
            .status,
        400
    );
    assert!(code(&world, PHONE).await.is_ok());
}

#[tokio::test]
async fn a_message_survives_a_restart_sealed() {
    let (world, store) = listing(&[PHONE]).await;
    assert_eq!(deliver(&world, PHONE, TEXT).await.status, 200);
    let (_, record) = store
        .scan(RecordKind::TestMessage, 10, START)
        .await
        .unwrap()
        .remove(0);
    let bytes = String::from_utf8_lossy(&record.bytes).into_owned();
    assert!(!bytes.contains("482913") && !bytes.contains("7400"));
    assert_eq!(record.expires_at, START + Duration::from_secs(300));
    let after = over(store, &[PHONE], |_| {}).await;
    assert_eq!(code(&after, PHONE).await.as_deref(), Ok("482913"));
}

#[tokio::test]
async fn a_text_without_a_plain_code_is_shown_whole() {
    let (world, _) = listing(&[PHONE]).await;
    let text = "Your code is 482913, ours 482914.";
    assert_eq!(deliver(&world, PHONE, text).await.status, 200);
    let (shown, _) = world.test_numbers.read_message(PHONE, None).await.unwrap();
    assert_eq!((shown.code.as_deref(), &*shown.text), (None, text));
}

#[tokio::test]
async fn l2_keeping_and_reading_are_on_record_by_keyed_hash_and_nothing_else_is() {
    let (world, _) = listing(&[SECRET_PHONE]).await;
    world.webhook.answers(Reply::json(500, json!({})));
    let text = "Your Latchkey code is 918277.";
    assert_eq!(deliver(&world, SECRET_PHONE, text).await.status, 200);
    assert_eq!(code(&world, SECRET_PHONE).await.as_deref(), Ok("918277"));
    assert!(code(&world, SECRET_PHONE).await.is_err());
    assert_eq!(
        world.audit.events().len(),
        2,
        "what was not shown is no event"
    );
    let (kept, read) = (
        &world.audit.events_named("sms_delivery")[0],
        &world.audit.events_named("test_code_read")[0],
    );
    assert_eq!(
        (&kept["outcome"], kept.get("provider")),
        (&json!("kept"), Some(&json!(null)))
    );
    assert_eq!(
        (&read["uid"], &read["subject"]),
        (&json!(1000), &kept["subject"])
    );
    assert_eq!(read["subject"]["country"], "GB");
    assert_eq!(read["subject"]["identifier"].as_str().unwrap().len(), 32);
    let event = world.test_numbers.startup_event().unwrap();
    assert_eq!(event.name(), "test_numbers_listed");
    let listed = serde_json::to_value(event).unwrap();
    assert_eq!(
        listed,
        json!({"in_force": 1, "ended": 0, "until": "2027-01-15T09:00:00Z"})
    );
    world.hand.advance(HOUR);
    let listed = serde_json::to_value(world.test_numbers.startup_event().unwrap()).unwrap();
    assert_eq!(
        (&listed["in_force"], &listed["ended"]),
        (&json!(0), &json!(1))
    );
    let written = process_logs().text()
        + &world.audit.text()
        + &format!("{:?} {:?}", world.test_numbers, world.gateway);
    for secret in ["7400918277", "918277"] {
        assert!(!written.contains(secret), "{secret} was written");
    }
}

#[tokio::test]
async fn without_a_list_there_is_nothing_to_say() {
    let world = TestGateway::new(&BOTH).await;
    assert!(world.test_numbers.startup_event().is_none());
    assert_eq!(
        world.test_numbers.read_message(PHONE, None).await,
        Err(TestMessageError::NotListed)
    );
}
