//! Two nodes over one Redis, and a balancer that sends every request to the other one; then Redis
//! gone, frozen, failed over.

use std::sync::Arc;

use latchkey::server::settings::Settings;
use latchkey::server::store::Store;

use crate::support::{Browser, KNOWN, UNKNOWN, Upstream, World, different_code, minutes, seconds};
use latchkey_testkit::redis_server::{RedisServer, open_default, open_with_timeout};
use latchkey_testkit::tcp_relay::TcpRelay;
use latchkey_testkit::wait::{wait_until, wait_until_blocking};

/// Two nodes with a client of Redis each.
struct Nodes {
    worlds: [Arc<World>; 2],
    upstream: Arc<Upstream>,
    redis: RedisServer,
}

impl Nodes {
    async fn start() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl Fn(&mut Settings)) -> Self {
        let redis = RedisServer::start_with(&["--appendonly", "yes", "--appendfsync", "always"]);
        let upstream = Arc::new(Upstream::start().await);
        let store = || Arc::new(open_default(&redis.url())) as Arc<dyn Store>;
        let worlds = [store(), store()].map(|store| World::over(store, upstream.clone(), &change));
        Self {
            worlds,
            upstream,
            redis,
        }
    }

    /// Sends the browser's next request to the other node, whose clock agrees.
    fn hop(&self, browser: &mut Browser) {
        let [first, second] = &self.worlds;
        let (from, to) = if Arc::ptr_eq(&browser.world, first) {
            (first, second)
        } else {
            (second, first)
        };
        to.catch_up(from);
        browser.world = to.clone();
    }
}

#[tokio::test]
async fn a_journey_may_hop_at_every_request() {
    let nodes = Nodes::start().await;
    nodes.upstream.user(KNOWN, "Active").await;
    let mut browser = nodes.worlds[0].browser();
    assert_eq!(browser.get("/sign-in").await.status, 200);
    nodes.hop(&mut browser);
    browser.ask(KNOWN).await.next("/code");
    nodes.hop(&mut browser);
    assert!(
        browser.get("/code").await.body.contains("56"),
        "the number that the other node wrote down"
    );
    let tries = browser.guess(KNOWN).await.problem(401, "code_refused")["tries_left"].clone();
    assert_eq!(tries, 1);
    nodes.hop(&mut browser);
    let code = nodes.upstream.code(KNOWN).await;
    browser.verify(&code).await.next("/account");
    for _ in 0..4 {
        nodes.hop(&mut browser);
        assert!(browser.is_signed_in().await);
    }
    // Activity on either node counts for both.
    for _ in 0..6 {
        browser.world.advance(minutes(20)).await;
        nodes.hop(&mut browser);
        assert_eq!(browser.get("/account").await.status, 200);
    }
    let elsewhere = browser.clone();
    nodes.hop(&mut browser);
    browser.post("sign-out", &[]).await.next("/sign-in");
    let mut elsewhere = Browser {
        world: nodes.worlds[0].clone(),
        ..elsewhere
    };
    for _ in 0..2 {
        assert!(
            !elsewhere.is_signed_in().await,
            "the next request already, on every node"
        );
        nodes.hop(&mut elsewhere);
    }
}

#[tokio::test]
async fn s3_c5_two_nodes_share_every_limit() {
    let nodes = Nodes::start().await;
    nodes.upstream.user(KNOWN, "Active").await;
    let mut browser = nodes.worlds[0].browser();
    browser.ask(KNOWN).await.next("/code");
    let sent = nodes.upstream.messages(KNOWN).await.len();
    nodes.hop(&mut browser);
    browser.ask(KNOWN).await.next("/code");
    assert_eq!(
        nodes.upstream.messages(KNOWN).await.len(),
        sent,
        "the cool-down holds on the other node"
    );
    let wrong = different_code(&nodes.upstream.code(KNOWN).await);
    for left in [1, 0] {
        nodes.hop(&mut browser);
        assert_eq!(
            browser.verify(&wrong).await.problem(401, "code_refused")["tries_left"],
            left
        );
    }
    let tried = nodes.upstream.count("otp_authenticate").await;
    nodes.hop(&mut browser);
    let code = nodes.upstream.code(KNOWN).await;
    browser.verify(&code).await.problem(429, "slow_down");
    assert_eq!(
        nodes.upstream.count("otp_authenticate").await,
        tried,
        "the tries are spent on every node"
    );
}

#[tokio::test]
async fn c4_of_two_nodes_one_signs_in_with_a_code() {
    let nodes = Nodes::start().await;
    let [first, second] = &nodes.worlds;
    let (browser, code) = first.asked(KNOWN).await;
    second.catch_up(first);
    let (one, other) = (
        browser.form("verify-code", &[("code", &code)]),
        browser.form("verify-code", &[("code", &code)]),
    );
    let (one, other) = tokio::join!(first.drive(one), second.drive(other));
    let signed_in = [&one, &other]
        .into_iter()
        .filter(|answer| answer.status == 200)
        .count();
    assert_eq!(signed_in, 1, "{} {}", one.body, other.body);
}

#[tokio::test]
async fn c4_of_fifty_correct_codes_at_two_nodes_one_wins() {
    for max_failures in [3, 20] {
        let nodes = Nodes::with(|settings| settings.transmit.otp_max_failures = max_failures).await;
        let [first, second] = &nodes.worlds;
        let (browser, code) = first.asked(KNOWN).await;
        second.catch_up(first);
        nodes
            .upstream
            .latency("otp_authenticate", "correct", 30)
            .await;
        let forms = || {
            (0..25)
                .map(|_| browser.form("verify-code", &[("code", &code)]))
                .collect()
        };
        let (mut answers, more) = tokio::join!(first.drive_all(forms()), second.drive_all(forms()));
        answers.extend(more);
        let won = answers
            .iter()
            .filter(|answer| answer.status == 200 && answer.cookie("latchkey").is_some())
            .count();
        assert_eq!((answers.len(), won), (50, 1), "{max_failures}");
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert!(
                matches!(answer.status.as_u16(), 401 | 409 | 429),
                "{} {}",
                answer.status,
                answer.body
            );
            assert_eq!(answer.cookie("latchkey"), None);
        }
        let created: usize = nodes
            .worlds
            .iter()
            .map(|world| world.audit.count("session_created"))
            .sum();
        assert_eq!(created, 1);
        let tries = u64::from(first.settings.transmit.tries_per_code());
        assert!(
            nodes.upstream.count("otp_authenticate").await <= tries,
            "each try was reserved on one node for both"
        );
    }
}

#[tokio::test]
async fn without_redis_nothing_is_sent_nobody_gets_in_and_nobody_is_thrown_out() {
    let mut nodes = Nodes::start().await;
    let mut person = nodes.worlds[0].browser();
    person.sign_in(KNOWN).await;
    let (mut halfway, code) = nodes.worlds[0].asked("+447400777888").await;
    nodes.redis.kill();
    let before = nodes.upstream.calls().await;
    for _ in 0..3 {
        person.get("/api/session").await.problem(503, "unavailable");
        assert_eq!(person.get("/account").await.status, 503);
        nodes.hop(&mut person);
    }
    halfway.verify(&code).await.problem(503, "unavailable");
    halfway
        .post("resend-code", &[])
        .await
        .problem(503, "unavailable");
    let mut stranger = nodes.worlds[0].browser();
    for phone in [KNOWN, UNKNOWN] {
        stranger
            .post("send-code", &[("phone", phone)])
            .await
            .problem(503, "unavailable");
        stranger
            .post("sign-up", &[("phone", phone)])
            .await
            .problem(503, "unavailable");
    }
    assert_eq!(
        nodes.upstream.since(&before).await,
        [].into(),
        "nothing went upstream"
    );
    assert_eq!(
        stranger.get("/sign-in").await.status,
        200,
        "the page needs no store"
    );

    nodes.redis.restart();
    for _ in 0..2 {
        assert!(person.is_signed_in().await, "as if nothing had been");
        nodes.hop(&mut person);
    }
    halfway.world.advance(seconds(1)).await;
    halfway.verify(&code).await.next("/account");
}

#[tokio::test]
async fn k10_a_revocation_counts_for_the_next_request_on_every_node() {
    let nodes = Nodes::start().await;
    let [first, second] = &nodes.worlds;
    let mut browser = first.browser();
    for everybody in [false, true] {
        browser.sign_in(KNOWN).await;
        second.catch_up(first);
        let mut elsewhere = Browser {
            world: second.clone(),
            ..browser.clone()
        };
        assert!(elsewhere.is_signed_in().await);
        let sessions = &second.product.site.sessions;
        let listed = sessions.listing(None).await.unwrap().sessions;
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

/// A world whose client of Redis gives up soon.
fn impatient_world(url: &str, upstream: &Arc<Upstream>) -> Arc<World> {
    World::over(
        Arc::new(open_with_timeout(url, 300)),
        upstream.clone(),
        |_| {},
    )
}

/// A person who is signed in, one who has asked for a code, and the code.
async fn people(world: &Arc<World>) -> (Browser, Browser, String) {
    let mut person = world.browser();
    person.sign_in(KNOWN).await;
    let (halfway, code) = world.asked("+447400777888").await;
    (person, halfway, code)
}

/// Nobody is let in, nothing is sent, and nobody is told to be signed out.
async fn nothing_goes(world: &Arc<World>, person: &mut Browser, halfway: &mut Browser, code: &str) {
    let before = world.upstream.calls().await;
    person.get("/api/session").await.problem(503, "unavailable");
    assert_eq!(person.get("/account").await.status, 503);
    assert_eq!(person.get("/").await.status, 503);
    halfway.verify(code).await.problem(503, "unavailable");
    world
        .browser()
        .post("send-code", &[("phone", KNOWN)])
        .await
        .problem(503, "unavailable");
    person
        .post("sign-out", &[])
        .await
        .problem(503, "unavailable");
    assert_eq!(
        world.upstream.since(&before).await,
        [].into(),
        "nothing went upstream"
    );
}

#[tokio::test]
async fn a_frozen_redis_refuses_in_time_and_a_slow_one_is_waited_for() {
    let (redis, upstream) = (RedisServer::start(), Arc::new(Upstream::start().await));
    let world = impatient_world(&redis.url(), &upstream);
    let (mut person, mut halfway, code) = people(&world).await;
    redis.send_signal("STOP");
    nothing_goes(&world, &mut person, &mut halfway, &code).await;
    redis.send_signal("CONT");
    wait_until("the server", async || {
        world.product.store.ready().await.is_ok()
    })
    .await;
    assert!(person.is_signed_in().await, "as if nothing had been");
    redis.command::<()>(&["CLIENT", "PAUSE", "100", "ALL"]);
    assert!(person.is_signed_in().await, "late, and not refused");
    halfway.verify(&code).await.next("/account");
}

#[tokio::test]
async fn a_fail_over_refuses_until_the_name_points_to_the_new_master_and_throws_nobody_out() {
    let (master, upstream) = (RedisServer::start(), Arc::new(Upstream::start().await));
    let replica = RedisServer::start_with(&["--replicaof", "127.0.0.1", &master.port.to_string()]);
    let name = TcpRelay::start(&[master.port]).await.unwrap();
    let world = impatient_world(&format!("redis://127.0.0.1:{}", name.port), &upstream);
    let (mut person, mut halfway, code) = people(&world).await;
    let keys = |server: &RedisServer| server.command::<usize>(&["DBSIZE"]);
    wait_until_blocking("the replica's copy", || keys(&master) == keys(&replica));
    drop(master);
    nothing_goes(&world, &mut person, &mut halfway, &code).await;
    // The name moves too early: a replica is not used.
    name.redirect_to(&[replica.port]);
    nothing_goes(&world, &mut person, &mut halfway, &code).await;
    replica.command::<()>(&["REPLICAOF", "NO", "ONE"]);
    wait_until("the new master", async || {
        world.product.store.ready().await.is_ok()
    })
    .await;
    assert!(person.is_signed_in().await);
    halfway.world.advance(seconds(1)).await;
    halfway.verify(&code).await.next("/account");
    person.post("sign-out", &[]).await.next("/sign-in");
    assert!(!person.is_signed_in().await);
}
