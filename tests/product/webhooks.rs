//! Signed webhooks, received over HTTP.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use latchkey::server::audit::{EndReason, Event, EventSource};
use latchkey::server::settings::Secret;
use latchkey::server::settings::webhooks::WebhooksSettings;
use latchkey::server::webhooks;
use tokio::sync::Semaphore;

use crate::support::{KNOWN_PHONE, TestApp, seconds, wait_until};
use crate::webhooks::receiver::{Receiver, Reply, SECRETS};

mod notices;
mod receiver;

/// A session of nobody that the operator has ended.
fn emit_end(app: &TestApp, session: &str) {
    let event = Event::SessionEnded {
        session: session.to_owned(),
        user: None,
        sub: "user".to_owned(),
        by: EndReason::Operator,
        in_bulk: false,
    };
    app.product
        .state
        .audit
        .emit(&EventSource::default(), &event);
}

#[tokio::test]
async fn a_failed_delivery_is_repeated_with_the_same_id_and_follows_no_redirect() {
    let receiver =
        Receiver::start(&[Reply::Status(500), Reply::Redirect, Reply::Status(404)]).await;
    let app = receiver.app().await;
    emit_end(&app, "one");
    let seen = receiver.wait_for_repeated(&app, 4).await;
    app.product.close().await;
    assert_eq!(receiver.seen().len(), 4, "the fourth was accepted");
    for one in &seen {
        assert_eq!((&one.id, &one.body), (&seen[0].id, &seen[0].body));
        assert_eq!(one.path, "/hook");
    }
    assert!(
        seen[3].timestamp > seen[0].timestamp,
        "each attempt has its time"
    );
    assert_ne!(seen[3].signature, seen[0].signature);
}

#[tokio::test]
async fn a_delivery_is_given_up_after_410_and_after_its_time() {
    let receiver = Receiver::start(&[Reply::Status(410)]).await;
    let app = TestApp::with_settings(|settings| {
        receiver.configure(settings);
        settings.webhooks.retry_for = "3s".parse().unwrap();
    })
    .await;
    emit_end(&app, "gone");
    receiver.wait_for(1).await;
    receiver.reply_always(Reply::Status(500));
    emit_end(&app, "failing");
    receiver.wait_for(2).await;
    // The waits are at least 0.5, 1 and 2 seconds, so a third repetition would be too late.
    wait_until("the end of the deliveries", async || {
        app.advance_app_clock(seconds(1) / 10);
        app.now().as_secs() > receiver.seen()[0].timestamp + 20
    })
    .await;
    app.product.close().await;
    let seen = receiver.seen();
    assert!((2..=5).contains(&seen.len()), "{seen:?}");
    assert_eq!(seen.iter().filter(|one| one.id == seen[0].id).count(), 1);
}

#[tokio::test]
async fn a_receiver_that_hangs_delays_no_reply_and_cannot_fill_the_memory() {
    let gate = Arc::new(Semaphore::new(0));
    let receiver = Receiver::start(&[]).await;
    receiver.reply_always(Reply::Held(gate.clone()));
    let app = receiver.app().await;
    let mut browser = app.browser();
    browser.sign_in(KNOWN_PHONE).await.assert_next("/account");
    assert!(browser.is_signed_in().await);
    receiver.wait_for(1).await;
    for session in 0..1500 {
        emit_end(&app, &session.to_string());
    }
    gate.add_permits(10_000);
    app.product.close().await;
    let ids: BTreeSet<String> = receiver.seen().into_iter().map(|one| one.id).collect();
    assert_eq!(ids.len(), 1000, "the rest was dropped");
}

#[tokio::test]
async fn a_stop_makes_one_last_attempt_and_does_not_wait_for_a_receiver_that_hangs() {
    let receiver = Receiver::start(&[Reply::Status(500)]).await;
    let app = receiver.app().await;
    emit_end(&app, "one");
    receiver.wait_for(1).await;
    receiver.reply_always(Reply::Held(Arc::new(Semaphore::new(0))));
    let closing = async {
        app.product.close().await;
    };
    let advancing = async {
        receiver.wait_for(2).await;
        app.advance_app_clock(seconds(5));
    };
    tokio::join!(closing, advancing);
    assert_eq!(receiver.seen().len(), 2);
    emit_end(&app, "after the stop");
}

/// What is logged, as text.
#[derive(Clone, Default)]
struct LogBuffer(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for LogBuffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_says_why_webhooks_fail_once_a_minute_and_not_where_they_go() {
    let log = LogBuffer::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    let app = TestApp::with_settings(|settings| {
        settings.webhooks = WebhooksSettings {
            // A port that nothing listens on.
            url: Some("http://127.0.0.1:1/token-of-the-receiver".parse().unwrap()),
            secret: Some(Secret::new(SECRETS[0])),
            ..WebhooksSettings::default()
        };
    })
    .await;
    for session in 0..1200 {
        emit_end(&app, &session.to_string());
    }
    let text = || String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    wait_until("a line in the log", async || {
        text().contains("is sent again")
    })
    .await;
    app.product.close().await;
    let text = text();
    for said in [
        "a webhook failed, and is sent again",
        "a webhook was dropped",
    ] {
        assert_eq!(text.matches(said).count(), 1, "{text}");
    }
    assert!(text.contains("Connection refused"), "{text}");
    let lost = "webhooks were dropped because the server stops count=1000";
    assert!(text.contains(lost), "{text}");
    assert!(!text.contains("token-of-the-receiver"), "{text}");
}

#[test]
fn secrets_that_cannot_be_used_are_found_before_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secrets");
    let settings = WebhooksSettings {
        secret_file: Some(file.clone()),
        ..WebhooksSettings::default()
    };
    for (content, is_usable) in [
        (None, false),
        (Some("not a secret\n".to_owned()), false),
        (Some(format!("{}\n", SECRETS.join("\n"))), true),
    ] {
        if let Some(content) = &content {
            std::fs::write(&file, content).unwrap();
        }
        match webhooks::check(&settings) {
            Ok(count) => assert!(is_usable && count == 2, "{content:?}"),
            Err(error) => {
                let text = error.to_string();
                assert!(!is_usable && text.contains("secrets"), "{text}");
                assert!(!text.contains("not a secret"), "{text}");
            }
        }
    }
}
