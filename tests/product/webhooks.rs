//! Signed webhooks, received over HTTP.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode, Uri};
use latchkey::server::admin::commands::{AdminCommand, SessionOwner, run_command};
use latchkey::server::audit::{AuditSubject, EndReason, Event, EventSource};
use latchkey::server::settings::webhooks::{WebhookTopic, WebhooksSettings};
use latchkey::server::settings::{Secret, Settings};
use latchkey::server::webhooks;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::support::{KNOWN_PHONE, TestApp, UNKNOWN_PHONE, seconds, wait_until};

const SECRETS: [&str; 2] = [
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
];

/// How the receiver answers.
#[derive(Clone)]
enum Reply {
    Status(u16),
    Redirect,
    /// As soon as there is a permit.
    Held(Arc<Semaphore>),
}

#[derive(Clone, Debug)]
struct Seen {
    path: String,
    id: String,
    timestamp: u64,
    signature: String,
    body: String,
}

impl Seen {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Default)]
struct Replies {
    /// The next ones; then 204.
    replies: Mutex<VecDeque<Reply>>,
    /// The one of all further requests.
    always: Mutex<Option<Reply>>,
    seen: Mutex<Vec<Seen>>,
}

/// A receiver on loopback; it ends when dropped.
struct Receiver {
    replies: Arc<Replies>,
    url: String,
    server: JoinHandle<()>,
}

impl Receiver {
    async fn start(replies: &[Reply]) -> Self {
        let shared = Arc::new(Replies {
            replies: Mutex::new(replies.iter().cloned().collect()),
            ..Replies::default()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            replies: shared,
            url,
            server,
        }
    }

    fn configure(&self, settings: &mut Settings) {
        settings.webhooks = WebhooksSettings {
            url: Some(self.url.parse().unwrap()),
            secret: Some(Secret::new(SECRETS.join(" "))),
            ..WebhooksSettings::default()
        };
    }

    async fn app(&self) -> Arc<TestApp> {
        TestApp::with_settings(|settings| self.configure(settings)).await
    }

    fn seen(&self) -> Vec<Seen> {
        self.replies.seen.lock().unwrap().clone()
    }

    async fn wait_for(&self, count: usize) -> Vec<Seen> {
        wait_until("webhooks", async || self.seen().len() >= count).await;
        self.seen()
    }

    /// Advances the clock until so many requests have come.
    async fn wait_for_repeated(&self, app: &TestApp, count: usize) -> Vec<Seen> {
        wait_until("repeated webhooks", async || {
            // Far less than an attempt may take, which takes a few polls.
            app.advance_app_clock(seconds(1) / 50);
            self.seen().len() >= count
        })
        .await;
        self.seen()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(
    State(state): State<Arc<Replies>>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/json");
    let seen = Seen {
        path: uri.path().to_owned(),
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp").parse().unwrap(),
        signature: header("webhook-signature"),
        body,
    };
    state.seen.lock().unwrap().push(seen);
    let next = state.replies.lock().unwrap().pop_front();
    let next = next.or_else(|| state.always.lock().unwrap().clone());
    match next.unwrap_or(Reply::Status(204)) {
        Reply::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Reply::Redirect => Redirect::temporary("/elsewhere").into_response(),
        Reply::Held(gate) => {
            gate.acquire().await.unwrap().forget();
            StatusCode::OK.into_response()
        }
    }
}

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

fn kinds(seen: &[Seen]) -> Vec<String> {
    let kind = |seen: &Seen| seen.json()["type"].as_str().unwrap().to_owned();
    let mut kinds: Vec<String> = seen.iter().map(kind).collect();
    kinds.sort();
    kinds
}

#[tokio::test]
async fn sign_up_sign_in_and_revocation_are_told_signed_and_without_the_number() {
    let receiver = Receiver::start(&[]).await;
    let app = receiver.app().await;
    let mut browser = app.browser();
    browser.sign_up(UNKNOWN_PHONE).await;
    let sub = browser.user_id().await;
    assert_eq!(
        kinds(&receiver.wait_for(2).await),
        ["session.created", "user.signed_up"]
    );

    let revoke = AdminCommand::SessionsRevoke {
        owner: SessionOwner::User(sub.clone()),
    };
    run_command(&app.product.admin_services(), &revoke).await;
    let seen = receiver.wait_for(3).await;
    let revoked = seen[2].json();
    assert_eq!(
        (&revoked["type"], &revoked["data"]["reason"]),
        (&"session.revoked".into(), &"operator".into())
    );
    for one in &seen {
        assert_eq!(one.json()["data"]["sub"], sub.as_str());
        assert!(!one.body.contains("7400"), "{}", one.body);
        assert!(one.id.starts_with("msg_") && one.timestamp.abs_diff(app.now().as_secs()) < 60);
        let signed = format!("{}.{}.{}", one.id, one.timestamp, one.body);
        let expected = SECRETS.map(|secret| {
            let key = STANDARD
                .decode(secret.strip_prefix("whsec_").unwrap())
                .unwrap();
            let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
            format!(
                "v1,{}",
                STANDARD.encode(hmac::sign(&key, signed.as_bytes()))
            )
        });
        assert_eq!(one.signature, expected.join(" "));
    }

    // Signing in again is no sign-up, and signing out no revocation.
    let mut again = app.browser();
    app.advance(seconds(120)).await;
    again.sign_in(UNKNOWN_PHONE).await.assert_next("/account");
    again.post("sign-out", &[]).await;
    app.product.close().await;
    assert_eq!(receiver.seen().len(), 4);
    assert_eq!(receiver.seen()[3].json()["type"], "session.created");
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
    *receiver.replies.always.lock().unwrap() = Some(Reply::Status(500));
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
    *receiver.replies.always.lock().unwrap() = Some(Reply::Held(gate.clone()));
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
    *receiver.replies.always.lock().unwrap() = Some(Reply::Held(Arc::new(Semaphore::new(0))));
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

#[tokio::test]
async fn a_lock_is_told_once_and_only_chosen_events_are() {
    let receiver = Receiver::start(&[]).await;
    let app = TestApp::with_settings(|settings| {
        receiver.configure(settings);
        settings.webhooks.events = vec![WebhookTopic::Lock];
    })
    .await;
    let mut browser = app.browser();
    browser.sign_in(KNOWN_PHONE).await.assert_next("/account");
    let parser = &app.product.state.services.sign_in.deps().identifier_parser;
    let identifier = parser.parse(KNOWN_PHONE, None).unwrap().identifier;
    let retry_at = app.now() + seconds(600);
    for limit in ["tries", "tries", "failures", "tries"] {
        let event = Event::LoginLock {
            subject: AuditSubject::new(&identifier, Some("0f".repeat(16))),
            limit: limit.to_owned(),
            retry_at,
        };
        app.product
            .state
            .audit
            .emit(&EventSource::default(), &event);
    }
    app.product.close().await;
    let seen = receiver.seen();
    assert_eq!(kinds(&seen), ["number.locked", "number.locked"]);
    assert!(seen.iter().all(|one| !one.body.contains("7400")));
    let data = seen[0].json()["data"].clone();
    assert_eq!(data["until"], retry_at.to_rfc3339());
}

#[tokio::test]
async fn a_revocation_of_everybody_is_told_once() {
    let receiver = Receiver::start(&[]).await;
    let app = receiver.app().await;
    for phone in [KNOWN_PHONE, "+447400777888"] {
        app.browser().sign_in(phone).await.assert_next("/account");
    }
    receiver.wait_for(2).await;
    let revoke = AdminCommand::SessionsRevoke {
        owner: SessionOwner::Everybody,
    };
    run_command(&app.product.admin_services(), &revoke).await;
    app.product.close().await;
    let seen = receiver.seen();
    let told: Vec<Value> = seen.iter().skip(2).map(Seen::json).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["type"], "sessions.revoked");
    assert_eq!(told[0]["data"], json!({ "reason": "operator" }));
    let ended = app.audit.events_named("session_ended");
    assert_eq!(ended.len(), 2, "the audit log has each");
}

#[tokio::test]
async fn a_number_that_is_locked_is_told_with_the_first_attempt_that_the_lock_refuses() {
    let receiver = Receiver::start(&[]).await;
    let app = TestApp::with_settings(|settings| {
        receiver.configure(settings);
        settings.webhooks.events = vec![WebhookTopic::Lock];
    })
    .await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let locks = || app.audit.events_named("authn_login_lock");
    let mut attacker = app.browser();
    attacker.start(KNOWN_PHONE).await;
    for _ in 0..2 {
        attacker.fail(KNOWN_PHONE).await;
        app.advance(seconds(70)).await;
    }
    assert_eq!(locks().len(), 0, "no attempt was refused by a limit yet");
    let mut another = app.browser();
    another.start(KNOWN_PHONE).await;
    for _ in 0..2 {
        another.fail(KNOWN_PHONE).await;
    }
    let locks = locks();
    assert_eq!(locks.len(), 2, "two attempts were refused: {locks:?}");
    app.product.close().await;
    let seen = receiver.seen();
    assert_eq!(kinds(&seen), ["number.locked"]);
    let (told, event) = (&seen[0].json()["data"], &locks[0]);
    for field in ["identifier", "country"] {
        assert_eq!(told[field], event["subject"][field]);
    }
    assert_eq!(
        (&told["limit"], &told["until"]),
        (&event["limit"], &event["retry_at"])
    );
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
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
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
