//! What webhooks tell, and when.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use latchkey::server::admin::commands::{AdminCommand, SessionOwner, run_command};
use latchkey::server::audit::{AuditSubject, Event, EventSource};
use latchkey::server::settings::webhooks::WebhookTopic;
use serde_json::{Value, json};

use crate::support::{KNOWN_PHONE, TestApp, UNKNOWN_PHONE, seconds};
use crate::webhooks::receiver::{Receiver, SECRETS, Seen, kinds};

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
async fn a_lock_is_told_with_the_failure_that_sets_it_and_attempts_that_it_refuses_are_not() {
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
    attacker.fail(KNOWN_PHONE).await;
    assert_eq!(locks().len(), 0, "another attempt is left");
    attacker.fail(KNOWN_PHONE).await;
    let told = receiver.wait_for(1).await;
    assert_eq!(kinds(&told), ["number.locked"]);
    assert_eq!(app.upstream.call_count("otp_authenticate").await, 2);
    let (told, set) = (told[0].json()["data"].clone(), locks());
    assert_eq!(set.len(), 1, "{set:?}");
    for field in ["identifier", "country"] {
        assert_eq!(told[field], set[0]["subject"][field]);
    }
    assert_eq!(
        (&told["limit"], &told["until"]),
        (&json!("tries"), &set[0]["retry_at"])
    );

    app.advance(seconds(70)).await;
    let mut another = app.browser();
    another.start(KNOWN_PHONE).await;
    for _ in 0..2 {
        another.fail(KNOWN_PHONE).await;
    }
    assert_eq!(app.upstream.call_count("otp_authenticate").await, 2);
    let refused = locks().split_off(1);
    assert_eq!(refused.len(), 2);
    for event in &refused {
        assert_eq!(event["retry_at"], told["until"], "it is the same lock");
    }
    app.product.close().await;
    assert_eq!(receiver.seen().len(), 1);
}
