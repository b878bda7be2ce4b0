//! From sign-in to sign-out: rotation, time-outs, and secrets on disk (requirements K2 to K7).

use std::sync::Arc;

use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::store::{Precondition, RecordKind};

use crate::support::{KNOWN_PHONE, TestApp, Upstream, minutes, seconds, wait_until};

#[tokio::test]
async fn k4_every_sign_in_rotates_the_session() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in().await;
    let first = browser.clone();
    app.advance(seconds(1)).await;
    // Another user signs in with the same browser.
    browser.sign_in("+447400777888").await;
    assert_ne!(browser.cookie("latchkey"), first.cookie("latchkey"));
    assert!(browser.is_signed_in().await);
    assert!(
        !first.clone().is_signed_in().await,
        "the previous session ID is invalid"
    );
    let ended = app.audit.events_named("session_ended");
    assert_eq!(
        ended
            .iter()
            .map(|event| event["by"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ["replaced"]
    );
    app.upstream.wait_for_calls("session_logout", 1).await;
}

#[tokio::test]
async fn k4_k5_a_planted_session_id_is_never_adopted() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let planted = "p".repeat(42) + "A";
    for name in ["latchkey", "latchkey-flow", "latchkey-browser"] {
        browser.cookies.insert(name.to_owned(), planted.clone());
    }
    browser.sign_in(KNOWN_PHONE).await;
    for name in ["latchkey", "latchkey-browser"] {
        assert_ne!(browser.cookie(name).unwrap(), planted, "{name}");
    }
    let mut attacker = app.browser();
    attacker
        .cookies
        .insert("latchkey".to_owned(), planted.clone());
    assert!(!attacker.is_signed_in().await);
    let page = attacker.get("/account").await;
    page.assert_redirect("/sign-in");
    let page = attacker.get("/sign-in").await;
    assert!(
        page.cookie("latchkey").unwrap().contains("Max-Age=0"),
        "an id that is not ours is cleared"
    );
    assert!(page.body.contains("You’re no longer signed in."));
    assert_eq!(app.audit.count("session_use_after_expire"), 1);
}

#[tokio::test]
async fn k6_a_session_expires_without_activity() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in().await;
    app.advance(minutes(29)).await;
    assert!(browser.is_signed_in().await);
    // Reading the session is not activity.
    app.advance(minutes(1)).await;
    assert!(!browser.is_signed_in().await);
    browser.get("/account").await.assert_redirect("/sign-in");
}

#[tokio::test]
async fn k6_activity_extends_a_session_up_to_the_absolute_timeout() {
    let app =
        TestApp::with_settings(|settings| settings.session.check_interval = "7d".parse().unwrap())
            .await;
    let mut browser = app.signed_in().await;
    for _ in 0..28 {
        app.advance(minutes(25)).await;
        assert_eq!(browser.get("/account").await.status, 200);
        // The visit is recorded after the response.
        let idle_end = (app.now() + minutes(30)).to_rfc3339();
        let end = browser.get("/api/session").await.json()["expires_at"]
            .as_str()
            .unwrap()
            .to_owned();
        let expected = idle_end.min(end);
        wait_until("the visit to be stored", async || {
            browser.clone().get("/api/session").await.json()["idle_expires_at"] == expected.as_str()
        })
        .await;
    }
    // 11 h 40 min: twenty minutes are left, whatever the user does.
    app.advance(minutes(19)).await;
    assert!(browser.is_signed_in().await);
    browser
        .post("extend-session", &[])
        .await
        .assert_next("/account");
    app.advance(minutes(1)).await;
    assert!(!browser.is_signed_in().await, "the absolute limit");
}

#[tokio::test]
async fn k6_w5_extend_session_restarts_the_idle_timeout() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in().await;
    app.advance(minutes(29)).await;
    browser
        .post("extend-session", &[])
        .await
        .assert_next("/account");
    app.advance(minutes(29)).await;
    assert!(browser.is_signed_in().await);
    assert_eq!(app.audit.count("session_renewed"), 1);
    app.advance(minutes(1)).await;
    browser
        .post("extend-session", &[])
        .await
        .assert_not_signed_in();
}

#[tokio::test]
async fn k6_persistent_sessions_have_their_own_timeouts() {
    let app =
        TestApp::with_settings(|settings| settings.session.check_interval = "60d".parse().unwrap())
            .await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let mut browser = app.browser();
    browser
        .post("send-code", &[("phone", KNOWN_PHONE), ("stay", "1")])
        .await;
    app.wait_for_sends().await;
    browser.finish(KNOWN_PHONE).await;
    for _ in 0..4 {
        app.advance(minutes(6 * 24 * 60)).await;
        browser
            .post("extend-session", &[])
            .await
            .assert_next("/account");
    }
    app.advance(minutes(6 * 24 * 60 - 1)).await;
    assert!(
        browser.is_signed_in().await,
        "one minute before thirty days"
    );
    app.advance(minutes(1)).await;
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn k7_sign_out_ends_the_session_here_and_upstream_and_clears_the_browser() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in().await;
    let before = browser.clone();
    let response = browser.post("sign-out", &[]).await;
    response.assert_next("/sign-in");
    assert_eq!(
        response.header("clear-site-data"),
        Some("\"storage\""),
        "browsers take seconds to clear a cache, and pages are `no-store`"
    );
    assert_eq!(app.upstream.call_count("session_logout").await, 1);
    assert!(!browser.is_signed_in().await);
    assert!(
        !before.clone().is_signed_in().await,
        "the session is ended, not only the cookie deleted"
    );
    before
        .clone()
        .get("/account")
        .await
        .assert_redirect("/sign-in");
    let ended = app.audit.events_named("session_ended");
    assert_eq!(
        (ended.len(), ended[0]["by"].as_str()),
        (1, Some("sign_out"))
    );
    assert_eq!(
        ended[0]["session"],
        app.audit.events_named("session_created")[0]["session"]
    );
    // The flow of a started sign-in ends too.
    let mut pending = app.browser();
    pending.request_code("+447400777888").await;
    let flow = pending.clone();
    pending.post("sign-out", &[]).await;
    flow.clone().get("/code").await.assert_redirect("/sign-in");
}

#[tokio::test]
async fn k7_a_hanging_upstream_delays_sign_out_by_two_seconds_at_most() {
    let app = TestApp::start().await;
    let browser = app.signed_in().await;
    app.upstream
        .inject_fault("session_logout", "hang", None)
        .await;
    let before = browser.clone();
    let leaving = app.spawn_call(browser.form("sign-out", &[]));
    app.upstream.wait_for_calls("session_logout", 1).await;
    assert!(
        !before.clone().is_signed_in().await,
        "ended here immediately"
    );
    assert!(!leaving.is_finished());
    app.advance(seconds(2)).await;
    leaving.await.unwrap().assert_next("/sign-in");
}

#[tokio::test]
async fn signing_in_again_after_sign_out_sends_a_new_code() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for round in 1..=3 {
        browser.sign_in(KNOWN_PHONE).await;
        browser.post("sign-out", &[]).await.assert_next("/sign-in");
        assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), round);
    }
}

#[tokio::test]
async fn session_info_has_exactly_the_documented_fields() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in().await;
    let session = browser.get("/api/session").await.json();
    let fields: Vec<&str> = session
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        fields,
        [
            "amr",
            "auth_time",
            "expires_at",
            "idle_expires_at",
            "phone",
            "roles",
            "sub"
        ]
    );
    assert_eq!(session["phone"], "+44 ••• ••• 56");
    // Requirement R5: the method that upstream reports is passed on, and nothing stronger.
    assert_eq!(session["amr"], serde_json::json!(["sms"]));
    assert!(!session["sub"].as_str().unwrap().is_empty());
    assert_eq!(
        session["expires_at"],
        (app.now() + minutes(720)).to_rfc3339()
    );
    assert_eq!(
        session["idle_expires_at"],
        (app.now() + minutes(30)).to_rfc3339()
    );
}

#[tokio::test]
async fn k3_l2_no_secret_is_stored_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/latchkey.redb");
    let store = Arc::new(RedbStore::open(&path, RedbOptions::default()).unwrap());
    let app = TestApp::with_store(store.clone(), Arc::new(Upstream::start().await), |_| {});
    let mut signed_in = app.browser();
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    signed_in
        .post(
            "send-code",
            &[("phone", KNOWN_PHONE), ("return_to", "/planted-return-url")],
        )
        .await;
    app.wait_for_sends().await;
    let flow_cookie = signed_in.cookie("latchkey-flow").unwrap().to_owned();
    let code = app.upstream.newest_code(KNOWN_PHONE).await;
    signed_in
        .submit_code(&code)
        .await
        .assert_next("/planted-return-url");
    let mut pending = app.browser();
    pending.request_code("+447400777888").await;
    let session = signed_in.get("/api/session").await.json();
    let (mut secrets, public) = (
        vec![flow_cookie],
        app.audit.events_named("session_created")[0]["session"].clone(),
    );
    secrets.extend(
        signed_in
            .cookies
            .values()
            .chain(pending.cookies.values())
            .cloned(),
    );
    secrets.extend(
        [
            KNOWN_PHONE,
            "7400123456",
            "447400777888",
            "planted-return-url",
        ]
        .map(str::to_owned),
    );
    secrets.push(session["sub"].as_str().unwrap().to_owned());
    secrets.push(public.as_str().unwrap().to_owned());
    store.close().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert!(bytes.len() > 1000);
    for secret in secrets {
        assert!(
            !contains(&bytes, secret.as_bytes()),
            "{secret:?} is stored in clear"
        );
        use base64::Engine as _;
        if let Ok(raw) = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&secret) {
            assert!(
                raw.len() < 16 || !contains(&bytes, &raw),
                "{secret:?} is stored as bytes"
            );
        }
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

#[tokio::test]
async fn k3_a_record_moved_to_another_key_is_invalid() {
    let app = TestApp::start().await;
    let (mut one, mut other) = (app.browser(), app.browser());
    one.sign_in(KNOWN_PHONE).await.assert_next("/account");
    other.sign_in("+447400777888").await.assert_next("/account");
    let (store, now) = (&app.product.store, app.now());
    let found = store.scan(RecordKind::Session, 10, now).await.unwrap();
    let [(first, a), (second, b)] = &found[..] else {
        panic!("{found:?}")
    };
    for (key, record) in [(first, b), (second, a)] {
        store
            .put(
                *key,
                None,
                Precondition::Any,
                record.bytes.clone(),
                record.expires_at,
                now,
            )
            .await
            .unwrap();
    }
    assert!(!one.is_signed_in().await && !other.is_signed_in().await);
}
