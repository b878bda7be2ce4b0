//! From sign-in to sign-out: rotation, time-outs, and what is left on disk (requirements K2 to K7).

use std::sync::Arc;

use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::store::{Precondition, RecordKind};

use crate::support::{KNOWN, Upstream, World, minutes, seconds, wait_until};

#[tokio::test]
async fn k4_every_sign_in_rotates_the_session_and_ends_the_one_before() {
    let world = World::start().await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let first = browser.clone();
    world.advance(seconds(1)).await;
    // Somebody else signs in with the same browser.
    browser.sign_in("+447400777888").await;
    assert_ne!(browser.cookie("latchkey"), first.cookie("latchkey"));
    assert!(browser.is_signed_in().await);
    assert!(!first.clone().is_signed_in().await, "the former id is dead");
    let ended = world.audit.events_named("session_ended");
    assert_eq!(
        ended
            .iter()
            .map(|event| event["by"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ["replaced"]
    );
    wait_until("the end upstream", async || {
        world.upstream.count("session_logout").await == 1
    })
    .await;
}

#[tokio::test]
async fn k4_k5_a_planted_id_is_never_adopted() {
    let world = World::start().await;
    let mut browser = world.browser();
    let planted = "p".repeat(42) + "A";
    for name in ["latchkey", "latchkey-flow", "latchkey-browser"] {
        browser.cookies.insert(name.to_owned(), planted.clone());
    }
    browser.sign_in(KNOWN).await;
    for name in ["latchkey", "latchkey-browser"] {
        assert_ne!(browser.cookie(name).unwrap(), planted, "{name}");
    }
    let mut attacker = world.browser();
    attacker
        .cookies
        .insert("latchkey".to_owned(), planted.clone());
    assert!(!attacker.is_signed_in().await);
    let page = attacker.get("/account").await;
    page.leads_to("/sign-in");
    let page = attacker.get("/sign-in").await;
    assert!(
        page.cookie("latchkey").unwrap().contains("Max-Age=0"),
        "an id that is not ours is cleared"
    );
    assert!(page.body.contains("You are not signed in any more."));
    assert_eq!(world.audit.count("session_use_after_expire"), 1);
}

#[tokio::test]
async fn k6_a_session_ends_without_activity() {
    let world = World::start().await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    world.advance(minutes(29)).await;
    assert!(browser.is_signed_in().await);
    // Asking about a session is no activity.
    world.advance(minutes(1)).await;
    assert!(!browser.is_signed_in().await);
    browser.get("/account").await.leads_to("/sign-in");
}

#[tokio::test]
async fn k6_activity_extends_a_session_up_to_its_absolute_end() {
    let world =
        World::with(|settings| settings.session.check_interval = "7d".parse().unwrap()).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    for _ in 0..28 {
        world.advance(minutes(25)).await;
        assert_eq!(browser.get("/account").await.status, 200);
        // The visit is noted behind the answer's back.
        let noted = (world.now() + minutes(30)).to_rfc3339();
        let end = browser.get("/api/session").await.json()["expires_at"]
            .as_str()
            .unwrap()
            .to_owned();
        let expected = noted.min(end);
        wait_until("the visit to be noted", async || {
            browser.clone().get("/api/session").await.json()["idle_expires_at"] == expected.as_str()
        })
        .await;
    }
    // 11 h 40 min: twenty more are left, whatever the person does.
    world.advance(minutes(19)).await;
    assert!(browser.is_signed_in().await);
    browser.post("extend-session", &[]).await.next("/account");
    world.advance(minutes(1)).await;
    assert!(!browser.is_signed_in().await, "the absolute limit");
}

#[tokio::test]
async fn k6_w5_extending_gives_the_full_idle_time_again() {
    let world = World::start().await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    world.advance(minutes(29)).await;
    browser.post("extend-session", &[]).await.next("/account");
    world.advance(minutes(29)).await;
    assert!(browser.is_signed_in().await);
    assert_eq!(world.audit.count("session_renewed"), 1);
    world.advance(minutes(1)).await;
    browser
        .post("extend-session", &[])
        .await
        .problem(401, "not_signed_in");
}

#[tokio::test]
async fn k6_staying_signed_in_has_limits_of_its_own() {
    let world =
        World::with(|settings| settings.session.check_interval = "60d".parse().unwrap()).await;
    world.upstream.user(KNOWN, "Active").await;
    let mut browser = world.browser();
    browser
        .post("send-code", &[("phone", KNOWN), ("stay", "1")])
        .await;
    world.settled().await;
    browser
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .next("/account");
    for _ in 0..4 {
        world.advance(minutes(6 * 24 * 60)).await;
        browser.post("extend-session", &[]).await.next("/account");
    }
    world.advance(minutes(6 * 24 * 60 - 1)).await;
    assert!(
        browser.is_signed_in().await,
        "one minute before thirty days"
    );
    world.advance(minutes(1)).await;
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn k7_signing_out_ends_the_session_here_and_upstream_and_clears_the_browser() {
    let world = World::start().await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let before = browser.clone();
    let answer = browser.post("sign-out", &[]).await;
    answer.next("/sign-in");
    assert_eq!(
        answer.header("clear-site-data"),
        Some("\"cache\", \"storage\"")
    );
    assert_eq!(world.upstream.count("session_logout").await, 1);
    assert!(!browser.is_signed_in().await);
    assert!(
        !before.clone().is_signed_in().await,
        "the cookie is dead, not only gone"
    );
    before.clone().get("/account").await.leads_to("/sign-in");
    let ended = world.audit.events_named("session_ended");
    assert_eq!(
        (ended.len(), ended[0]["by"].as_str()),
        (1, Some("sign_out"))
    );
    assert_eq!(
        ended[0]["session"],
        world.audit.events_named("session_created")[0]["session"]
    );
    // The flow of a sign-in under way dies too.
    let mut halfway = world.browser();
    halfway.ask("+447400777888").await;
    let flow = halfway.clone();
    halfway.post("sign-out", &[]).await;
    flow.clone().get("/code").await.leads_to("/sign-in");
}

#[tokio::test]
async fn k7_an_upstream_that_hangs_delays_a_sign_out_by_two_seconds_at_most() {
    let world = World::start().await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    world.upstream.fault("session_logout", "hang", None).await;
    let before = browser.clone();
    let leaving = world.begin(browser.form("sign-out", &[]));
    wait_until("the call", async || {
        world.upstream.count("session_logout").await == 1
    })
    .await;
    assert!(!before.clone().is_signed_in().await, "dead here at once");
    assert!(!leaving.is_finished());
    world.advance(seconds(2)).await;
    leaving.await.unwrap().next("/sign-in");
}

#[tokio::test]
async fn signing_out_and_in_again_at_once_sends_a_new_code() {
    let world = World::start().await;
    let mut browser = world.browser();
    for round in 1..=3 {
        browser.sign_in(KNOWN).await;
        browser.post("sign-out", &[]).await.next("/sign-in");
        assert_eq!(world.upstream.messages(KNOWN).await.len(), round);
    }
}

#[tokio::test]
async fn the_session_for_applications_tells_what_the_design_says_and_no_more() {
    let world = World::start().await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
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
    // Requirement R5: what upstream says of the method is passed on, and nothing stronger.
    assert_eq!(session["amr"], serde_json::json!(["sms"]));
    assert!(!session["sub"].as_str().unwrap().is_empty());
    assert_eq!(
        session["expires_at"],
        (world.now() + minutes(720)).to_rfc3339()
    );
    assert_eq!(
        session["idle_expires_at"],
        (world.now() + minutes(30)).to_rfc3339()
    );
}

#[tokio::test]
async fn k3_l2_no_secret_rests_in_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/latchkey.redb");
    let store = Arc::new(RedbStore::open(&path, RedbOptions::default()).unwrap());
    let world = World::over(store.clone(), Arc::new(Upstream::start().await), |_| {});
    let mut signed_in = world.browser();
    world.upstream.user(KNOWN, "Active").await;
    signed_in
        .post(
            "send-code",
            &[("phone", KNOWN), ("return_to", "/planted-way-back")],
        )
        .await;
    world.settled().await;
    let flow_cookie = signed_in.cookie("latchkey-flow").unwrap().to_owned();
    let code = world.upstream.code(KNOWN).await;
    signed_in.verify(&code).await.next("/planted-way-back");
    let mut halfway = world.browser();
    halfway.ask("+447400777888").await;
    let session = signed_in.get("/api/session").await.json();
    let (mut secrets, public) = (
        vec![flow_cookie],
        world.audit.events_named("session_created")[0]["session"].clone(),
    );
    secrets.extend(
        signed_in
            .cookies
            .values()
            .chain(halfway.cookies.values())
            .cloned(),
    );
    secrets.extend([KNOWN, "7400123456", "447400777888", "planted-way-back"].map(str::to_owned));
    secrets.push(session["sub"].as_str().unwrap().to_owned());
    secrets.push(public.as_str().unwrap().to_owned());
    store.close().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert!(bytes.len() > 1000);
    for secret in secrets {
        assert!(
            !contains(&bytes, secret.as_bytes()),
            "{secret:?} rests in the open"
        );
        use base64::Engine as _;
        if let Ok(raw) = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&secret) {
            assert!(
                raw.len() < 16 || !contains(&bytes, &raw),
                "{secret:?} rests as bytes"
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
async fn k3_a_record_in_place_of_another_opens_nothing() {
    let world = World::start().await;
    let (mut one, mut other) = (world.browser(), world.browser());
    one.sign_in(KNOWN).await.next("/account");
    other.sign_in("+447400777888").await.next("/account");
    let (store, now) = (&world.product.store, world.now());
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
