//! Two nodes with one Redis, and requests that alternate between them; then Redis down, frozen and
//! failed over.

use std::sync::Arc;

use latchkey::server::settings::Settings;
use latchkey::server::store::Store;

use crate::support::{
    Browser, KNOWN_PHONE, TestApp, UNKNOWN_PHONE, Upstream, different_code, minutes, seconds,
};
use latchkey_testkit::redis_server::{RedisServer, open_default, open_with_timeout};
use latchkey_testkit::tcp_relay::TcpRelay;
use latchkey_testkit::wait::{wait_until, wait_until_blocking};

/// Two nodes with a Redis client each.
struct Nodes {
    apps: [Arc<TestApp>; 2],
    upstream: Arc<Upstream>,
    redis: RedisServer,
}

impl Nodes {
    async fn start() -> Self {
        Self::with_settings(|_| {}).await
    }

    async fn with_settings(change: impl Fn(&mut Settings)) -> Self {
        let redis = RedisServer::start_with(&["--appendonly", "yes", "--appendfsync", "always"]);
        let upstream = Arc::new(Upstream::start().await);
        let store = || Arc::new(open_default(&redis.url())) as Arc<dyn Store>;
        let apps =
            [store(), store()].map(|store| TestApp::with_store(store, upstream.clone(), &change));
        Self {
            apps,
            upstream,
            redis,
        }
    }

    /// Sends the browser's next request to the other node, whose clock is synchronised.
    fn switch_node(&self, browser: &mut Browser) {
        let [first, second] = &self.apps;
        let (from, to) = if Arc::ptr_eq(&browser.app, first) {
            (first, second)
        } else {
            (second, first)
        };
        to.catch_up_with(from);
        browser.app = to.clone();
    }
}

#[tokio::test]
async fn a_journey_can_switch_nodes_at_every_request() {
    let nodes = Nodes::start().await;
    nodes.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let mut browser = nodes.apps[0].browser();
    assert_eq!(browser.get("/sign-in").await.status, 200);
    nodes.switch_node(&mut browser);
    browser.start(KNOWN_PHONE).await;
    nodes.switch_node(&mut browser);
    assert!(
        browser.get("/code").await.body.contains("56"),
        "the number that the other node stored"
    );
    let tries = browser.fail(KNOWN_PHONE).await["tries_left"].clone();
    assert_eq!(tries, 1);
    nodes.switch_node(&mut browser);
    let code = nodes.upstream.newest_code(KNOWN_PHONE).await;
    browser.submit_code(&code).await.assert_next("/account");
    for _ in 0..4 {
        nodes.switch_node(&mut browser);
        assert!(browser.is_signed_in().await);
    }
    // Activity on either node counts for both.
    for _ in 0..6 {
        browser.app.advance(minutes(20)).await;
        nodes.switch_node(&mut browser);
        assert_eq!(browser.get("/account").await.status, 200);
    }
    let elsewhere = browser.clone();
    nodes.switch_node(&mut browser);
    browser.post("sign-out", &[]).await.assert_next("/sign-in");
    let mut elsewhere = Browser {
        app: nodes.apps[0].clone(),
        ..elsewhere
    };
    for _ in 0..2 {
        assert!(
            !elsewhere.is_signed_in().await,
            "from the next request on, on every node"
        );
        nodes.switch_node(&mut elsewhere);
    }
}

#[tokio::test]
async fn s3_c5_two_nodes_share_every_limit() {
    let nodes = Nodes::start().await;
    nodes.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let mut browser = nodes.apps[0].browser();
    browser.start(KNOWN_PHONE).await;
    let sent = nodes.upstream.messages(KNOWN_PHONE).await.len();
    nodes.switch_node(&mut browser);
    browser.start(KNOWN_PHONE).await;
    assert_eq!(
        nodes.upstream.messages(KNOWN_PHONE).await.len(),
        sent,
        "the cool-down holds on the other node"
    );
    let wrong = different_code(&nodes.upstream.newest_code(KNOWN_PHONE).await);
    for left in [1, 0] {
        nodes.switch_node(&mut browser);
        assert_eq!(
            browser.submit_code(&wrong).await.assert_code_refused()["tries_left"],
            left
        );
    }
    let tried = nodes.upstream.call_count("otp_authenticate").await;
    nodes.switch_node(&mut browser);
    let code = nodes.upstream.newest_code(KNOWN_PHONE).await;
    browser.submit_code(&code).await.assert_slow_down();
    assert_eq!(
        nodes.upstream.call_count("otp_authenticate").await,
        tried,
        "the attempts are exhausted on every node"
    );
}

#[tokio::test]
async fn c4_of_two_nodes_one_accepts_a_code() {
    let nodes = Nodes::start().await;
    let [first, second] = &nodes.apps;
    let (browser, code) = first.start_sign_in(KNOWN_PHONE).await;
    second.catch_up_with(first);
    let (one, other) = (
        browser.form("verify-code", &[("code", &code)]),
        browser.form("verify-code", &[("code", &code)]),
    );
    let (one, other) = tokio::join!(first.call_and_advance(one), second.call_and_advance(other));
    let signed_in = [&one, &other]
        .into_iter()
        .filter(|response| response.status == 200)
        .count();
    assert_eq!(signed_in, 1, "{} {}", one.body, other.body);
}

#[tokio::test]
async fn c4_of_fifty_concurrent_codes_at_two_nodes_one_succeeds() {
    for max_failures in [3, 20] {
        let nodes = Nodes::with_settings(|settings| {
            settings.transmit.otp_max_failures = Some(max_failures)
        })
        .await;
        let [first, second] = &nodes.apps;
        let (browser, code) = first.start_sign_in(KNOWN_PHONE).await;
        second.catch_up_with(first);
        nodes
            .upstream
            .set_latency("otp_authenticate", "correct", 30)
            .await;
        let forms = || {
            (0..25)
                .map(|_| browser.form("verify-code", &[("code", &code)]))
                .collect()
        };
        let (mut responses, more) = tokio::join!(
            first.call_all_and_advance(forms()),
            second.call_all_and_advance(forms())
        );
        responses.extend(more);
        let won = responses
            .iter()
            .filter(|response| response.status == 200 && response.cookie("latchkey").is_some())
            .count();
        assert_eq!((responses.len(), won), (50, 1), "{max_failures}");
        for response in responses.iter().filter(|response| response.status != 200) {
            assert!(
                matches!(response.status.as_u16(), 401 | 409 | 429),
                "{} {}",
                response.status,
                response.body
            );
            assert_eq!(response.cookie("latchkey"), None);
        }
        let created: usize = nodes
            .apps
            .iter()
            .map(|app| app.audit.count("session_created"))
            .sum();
        assert_eq!(created, 1);
        let tries = u64::from(
            first
                .settings
                .transmit
                .passcode_limits(None)
                .attempts_per_code(),
        );
        assert!(
            nodes.upstream.call_count("otp_authenticate").await <= tries,
            "each try was reserved on one node for both"
        );
    }
}

#[tokio::test]
async fn without_redis_nothing_is_sent_and_sessions_survive() {
    let mut nodes = Nodes::start().await;
    let mut person = nodes.apps[0].browser();
    person.sign_in(KNOWN_PHONE).await;
    let (mut pending, code) = nodes.apps[0].start_sign_in("+447400777888").await;
    nodes.redis.kill();
    let before = nodes.upstream.call_counts().await;
    for _ in 0..3 {
        person.get("/api/session").await.assert_unavailable();
        assert_eq!(person.get("/account").await.status, 503);
        nodes.switch_node(&mut person);
    }
    pending.submit_code(&code).await.assert_unavailable();
    pending.post("resend-code", &[]).await.assert_unavailable();
    let mut other_browser = nodes.apps[0].browser();
    for phone in [KNOWN_PHONE, UNKNOWN_PHONE] {
        other_browser
            .post("send-code", &[("phone", phone)])
            .await
            .assert_unavailable();
        other_browser
            .post("sign-up", &[("phone", phone)])
            .await
            .assert_unavailable();
    }
    assert_eq!(
        nodes.upstream.calls_since(&before).await,
        [].into(),
        "nothing is sent upstream"
    );
    assert_eq!(
        other_browser.get("/sign-in").await.status,
        200,
        "the page needs no store"
    );

    nodes.redis.restart();
    for _ in 0..2 {
        assert!(person.is_signed_in().await, "the session is unaffected");
        nodes.switch_node(&mut person);
    }
    pending.app.advance(seconds(1)).await;
    pending.submit_code(&code).await.assert_next("/account");
}

#[tokio::test]
async fn k10_revocation_applies_to_the_next_request_on_every_node() {
    let nodes = Nodes::start().await;
    let [first, second] = &nodes.apps;
    let mut browser = first.browser();
    for everybody in [false, true] {
        browser.sign_in(KNOWN_PHONE).await;
        second.catch_up_with(first);
        let mut elsewhere = Browser {
            app: second.clone(),
            ..browser.clone()
        };
        assert!(elsewhere.is_signed_in().await);
        let sessions = &second.product.state.services.sessions;
        let listed = sessions.list_for_operator(None).await.unwrap().sessions;
        let origin = Default::default();
        let ended = match everybody {
            false => sessions.revoke_user(&listed[0].user, &origin).await,
            true => sessions.revoke_everybody(&origin).await,
        };
        assert_eq!(ended, Ok(1));
        assert!(
            !browser.is_signed_in().await,
            "revoked on the other node, seen on this one at the next request"
        );
        assert!(!elsewhere.is_signed_in().await);
        first.advance(seconds(60)).await;
    }
}

/// An app whose Redis client has a short timeout.
fn app_with_short_timeout(url: &str, upstream: &Arc<Upstream>) -> Arc<TestApp> {
    TestApp::with_store(
        Arc::new(open_with_timeout(url, 300)),
        upstream.clone(),
        |_| {},
    )
}

/// A signed-in browser, one with a started sign-in, and its code.
async fn start_browsers(app: &Arc<TestApp>) -> (Browser, Browser, String) {
    let person = app.signed_in().await;
    let (pending, code) = app.start_sign_in("+447400777888").await;
    (person, pending, code)
}

/// Asserts that nobody is signed in, nothing is sent, and nobody is reported as signed out.
async fn assert_unavailable(
    app: &Arc<TestApp>,
    person: &mut Browser,
    pending: &mut Browser,
    code: &str,
) {
    let before = app.upstream.call_counts().await;
    person.get("/api/session").await.assert_unavailable();
    assert_eq!(person.get("/account").await.status, 503);
    assert_eq!(person.get("/").await.status, 503);
    pending.submit_code(code).await.assert_unavailable();
    app.browser()
        .post("send-code", &[("phone", KNOWN_PHONE)])
        .await
        .assert_unavailable();
    person.post("sign-out", &[]).await.assert_unavailable();
    assert_eq!(
        app.upstream.calls_since(&before).await,
        [].into(),
        "nothing is sent upstream"
    );
}

#[tokio::test]
async fn a_frozen_redis_times_out_and_a_slow_one_is_waited_for() {
    let (redis, upstream) = (RedisServer::start(), Arc::new(Upstream::start().await));
    let app = app_with_short_timeout(&redis.url(), &upstream);
    let (mut person, mut pending, code) = start_browsers(&app).await;
    redis.send_signal("STOP");
    assert_unavailable(&app, &mut person, &mut pending, &code).await;
    redis.send_signal("CONT");
    wait_until("the server", async || {
        app.product.store.check_ready().await.is_ok()
    })
    .await;
    assert!(person.is_signed_in().await, "the session is unaffected");
    redis.command::<()>(&["CLIENT", "PAUSE", "100", "ALL"]);
    assert!(person.is_signed_in().await, "delayed, not refused");
    pending.submit_code(&code).await.assert_next("/account");
}

#[tokio::test]
async fn a_fail_over_recovers_with_the_new_master_and_keeps_sessions() {
    let (master, upstream) = (RedisServer::start(), Arc::new(Upstream::start().await));
    let replica = RedisServer::start_with(&["--replicaof", "127.0.0.1", &master.port.to_string()]);
    let name = TcpRelay::start(&[master.port]).await.unwrap();
    let app = app_with_short_timeout(&format!("redis://127.0.0.1:{}", name.port), &upstream);
    let (mut person, mut pending, code) = start_browsers(&app).await;
    let keys = |server: &RedisServer| server.command::<usize>(&["DBSIZE"]);
    wait_until_blocking("the replica to catch up", || {
        keys(&master) == keys(&replica)
    });
    drop(master);
    assert_unavailable(&app, &mut person, &mut pending, &code).await;
    // The name points to the replica too early: a replica is not used.
    name.redirect_to(&[replica.port]);
    assert_unavailable(&app, &mut person, &mut pending, &code).await;
    replica.command::<()>(&["REPLICAOF", "NO", "ONE"]);
    wait_until("the new master", async || {
        app.product.store.check_ready().await.is_ok()
    })
    .await;
    assert!(person.is_signed_in().await);
    pending.app.advance(seconds(1)).await;
    pending.submit_code(&code).await.assert_next("/account");
    person.post("sign-out", &[]).await.assert_next("/sign-in");
    assert!(!person.is_signed_in().await);
}
