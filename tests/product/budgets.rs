//! Budgets that hold for many numbers at once (requirements S2, S4, S5): two each, one that a
//! sign-in gives back and one that nothing does; and what comes between failures (C7, C8).

use crate::support::{Answer, Browser, KNOWN, World, minutes, seconds, wait_until};
use latchkey::server::settings::human_duration::HumanDuration;

/// A number whose prefix is told by `near`, and which of its ten thousand it is.
fn number(near: u32, which: u32) -> String {
    format!("+447400{near:02}{which:04}")
}

async fn ask(world: &std::sync::Arc<World>, phone: &str, address: &str) -> Answer {
    world.browser().at(address).ask(phone).await
}

async fn sent(world: &World, phones: impl Iterator<Item = String>) -> usize {
    let mut sent = 0;
    for phone in phones {
        sent += world.upstream.messages(&phone).await.len();
    }
    sent
}

fn limits(world: &World, event: &str) -> Vec<String> {
    world
        .audit
        .events_named(event)
        .iter()
        .filter_map(|event| event["limit"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn s4_numbers_near_each_other_share_a_budget_and_nobody_is_told() {
    let world = World::with(|settings| settings.guard.prefix_hourly = 3).await;
    for which in 0..5 {
        let phone = number(10, which);
        world.upstream.user(&phone, "Active").await;
        let answer = world.browser().ask(&phone).await;
        answer.next("/code");
        assert_eq!(answer.took, seconds(1), "withheld looks like sent");
    }
    assert_eq!(sent(&world, (0..5).map(|which| number(10, which))).await, 3);
    assert!(world.audit.text().contains("sends_prefix_hour"));
    let far = number(11, 0);
    world.upstream.user(&far, "Active").await;
    world.browser().ask(&far).await.next("/code");
    assert_eq!(
        sent(&world, std::iter::once(far)).await,
        1,
        "another prefix has its own"
    );
}

#[tokio::test]
async fn s4_a_sign_in_gives_back_what_is_counted_as_unverified_and_never_the_total() {
    let change = |settings: &mut latchkey::server::settings::Settings| {
        let guard = &mut settings.guard;
        (
            guard.prefix_hourly,
            guard.country_hourly,
            guard.service_hourly,
            guard.address_hourly,
        ) = (2, 2, 2, 2);
        guard.country_daily_total = 9;
    };
    let world = World::with(change).await;
    for which in 0..6 {
        let phone = number(10, which);
        world.upstream.user(&phone, "Active").await;
        let mut browser = world.browser().at("203.0.113.7");
        browser.ask(&phone).await.next("/code");
        browser
            .verify(&world.upstream.code(&phone).await)
            .await
            .next("/account");
    }
    ask(&world, &number(20, 1), "203.0.113.7")
        .await
        .problem(429, "slow_down");
    assert_eq!(
        limits(&world, "excess_rate_limit_exceeded"),
        ["sends_country_day_total"],
        "real use, up to the share of the total that strangers have"
    );
}

#[tokio::test]
async fn s4_a_resend_is_given_back_too_and_so_is_a_send_from_where_the_phone_was_before() {
    let world = World::with(|settings| settings.guard.address_hourly = 2).await;
    world.upstream.user(KNOWN, "Active").await;
    let mut browser = world.browser().at("203.0.113.7");
    browser.ask(KNOWN).await.next("/code");
    world.advance(seconds(31)).await;
    browser.post("resend-code", &[]).await.next("/code");
    ask(&world, &number(20, 1), "203.0.113.7")
        .await
        .problem(429, "slow_down");
    world.settled().await;
    // From the train to the office between code and verify.
    let mut moved = browser.clone().at("198.51.100.9");
    moved
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .next("/account");
    ask(&world, &number(20, 2), "203.0.113.7")
        .await
        .next("/code");
    ask(&world, &number(21, 3), "203.0.113.7")
        .await
        .next("/code");
    ask(&world, &number(22, 4), "203.0.113.7")
        .await
        .problem(429, "slow_down");
}

#[tokio::test]
async fn s4_a_country_has_a_budget_and_it_is_told_to_everybody_alike() {
    let world = World::with(|settings| settings.guard.country_hourly = 2).await;
    for which in 0..2 {
        world.browser().ask(&number(10, which)).await.next("/code");
    }
    world.upstream.user(KNOWN, "Active").await;
    let known = world.browser().ask(KNOWN).await;
    let unknown = world.browser().ask(&number(30, 1)).await;
    assert_eq!(
        known.problem(429, "slow_down"),
        unknown.problem(429, "slow_down")
    );
    world.browser().ask("+4915112345678").await.next("/code");
}

#[tokio::test]
async fn s2_an_address_may_send_to_so_many_countries() {
    let world = World::with(|settings| settings.guard.address_countries_daily = 3).await;
    for phone in [
        "+447400123456",
        "+4915112345678",
        "+33612345678",
        "+447400654321",
    ] {
        ask(&world, phone, "203.0.113.7").await.next("/code");
    }
    ask(&world, "+12015550123", "203.0.113.7")
        .await
        .problem(429, "slow_down");
    assert_eq!(
        limits(&world, "excess_rate_limit_exceeded"),
        ["countries_address_day"]
    );
    ask(&world, "+12015550123", "203.0.113.8")
        .await
        .next("/code");
    world.advance(minutes(24 * 60 + 1)).await;
    ask(&world, "+12015550123", "203.0.113.7")
        .await
        .next("/code");
}

#[tokio::test]
async fn s4_the_operator_is_told_before_a_budget_is_spent_and_once() {
    let world = World::with(|settings| settings.guard.service_hourly = 5).await;
    for which in 0..3 {
        world
            .browser()
            .ask(&number(10 + which, 0))
            .await
            .next("/code");
    }
    world.settled().await;
    assert_eq!(world.audit.count("excess_rate_limit_near"), 0);
    for which in 3..5 {
        world
            .browser()
            .ask(&number(10 + which, 0))
            .await
            .next("/code");
    }
    wait_until("the alert", async || {
        world.audit.count("excess_rate_limit_near") == 1
    })
    .await;
    let alert = world
        .audit
        .events_named("excess_rate_limit_near")
        .pop()
        .unwrap();
    assert_eq!(
        (
            alert["budget"].as_str(),
            alert["used"].as_u64(),
            alert["limit"].as_u64()
        ),
        (Some("sends_hour"), Some(4), Some(5))
    );
    world.browser().ask(KNOWN).await.problem(429, "slow_down");
    world.advance(minutes(61)).await;
    for which in 0..4 {
        world
            .browser()
            .ask(&number(20 + which, 0))
            .await
            .next("/code");
    }
    wait_until("the next window's", async || {
        world.audit.count("excess_rate_limit_near") == 2
    })
    .await;
}

#[tokio::test]
async fn s4_the_operator_is_told_before_strangers_have_used_up_their_share_of_a_total() {
    let world = World::with(|settings| settings.guard.service_daily_total = 9).await;
    for which in 0..4 {
        ask(&world, &number(10 + which, 0), "203.0.113.7")
            .await
            .next("/code");
    }
    world.settled().await;
    assert_eq!(world.audit.count("excess_rate_limit_near"), 0);
    ask(&world, &number(14, 0), "203.0.113.7")
        .await
        .next("/code");
    wait_until("the alert", async || {
        world.audit.count("excess_rate_limit_near") == 1
    })
    .await;
    let alert = world
        .audit
        .events_named("excess_rate_limit_near")
        .pop()
        .unwrap();
    assert_eq!(
        (alert["used"].as_u64(), alert["limit"].as_u64()),
        (Some(5), Some(6)),
        "of nine, three are kept"
    );
}

#[tokio::test]
async fn s4_who_asks_for_one_number_again_and_again_leaves_its_neighbours_their_codes() {
    let world = World::with(|settings| settings.guard.prefix_hourly = 3).await;
    for _ in 0..5 {
        world.browser().ask(&number(10, 0)).await.next("/code");
    }
    assert_eq!(limits(&world, "otp_requested"), ["cool_down"; 4]);
    let neighbour = number(10, 1);
    world.upstream.user(&neighbour, "Active").await;
    world.browser().ask(&neighbour).await.next("/code");
    assert_eq!(sent(&world, std::iter::once(neighbour)).await, 1);
}

#[tokio::test]
async fn a_flood_is_refused_before_the_store_is_asked() {
    let world = World::with(|settings| settings.guard.address_requests_at_once = 5).await;
    let flood = world.browser().at("203.0.113.7");
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(
            world
                .call(flood.form("verify-code", &[("code", "123456")]))
                .await
                .status
                .as_u16(),
        );
    }
    assert_eq!(statuses, [409, 409, 409, 409, 409, 429, 429, 429]);
    let other = world.browser().at("203.0.113.8");
    assert_eq!(
        world
            .call(other.form("verify-code", &[("code", "123456")]))
            .await
            .status,
        409
    );
    world.advance(seconds(1)).await;
    assert_eq!(
        world
            .call(flood.form("verify-code", &[("code", "123456")]))
            .await
            .status,
        409
    );
    assert_eq!(
        world.audit.count("excess_rate_limit_exceeded"),
        0,
        "a flood does not fill the record"
    );
}

#[tokio::test]
async fn s2_an_ipv6_site_is_refused_at_three_times_what_one_of_its_networks_may() {
    let world = World::start().await;
    let most = world.settings.guard.address_requests_at_once as usize;
    let (mut passed, mut refused) = (0, 0);
    for network in 0..10 {
        let browser = world.browser().at(&format!("2001:db8:1:{network}::1"));
        for _ in 0..most {
            match world
                .call(browser.form("verify-code", &[("code", "123456")]))
                .await
                .status
                .as_u16()
            {
                409 => passed += 1,
                429 => refused += 1,
                status => panic!("{status}"),
            }
        }
    }
    assert_eq!((passed, refused), (3 * most, 7 * most));
    let neighbour = world.browser().at("2001:db8:2::1");
    assert_eq!(
        world
            .call(neighbour.form("verify-code", &[("code", "123456")]))
            .await
            .status,
        409
    );
}

/// A tenant that locks nobody, and a guard that lets every number send and try.
async fn patient() -> std::sync::Arc<World> {
    World::with(|settings| {
        settings.transmit.otp_max_failures = 20;
        settings.transmit.otp_lockout = HumanDuration::seconds(1);
        let guard = &mut settings.guard;
        (
            guard.number_hourly,
            guard.number_daily,
            guard.number_daily_total,
        ) = (1000, 1000, 3000);
        (
            guard.prefix_hourly,
            guard.prefix_daily,
            guard.prefix_daily_total,
        ) = (1000, 1000, 1000);
        (guard.country_hourly, guard.country_daily) = (1000, 1000);
        guard.alert_failures = 4;
        guard.delay_after = 3;
        guard.delays = vec![HumanDuration::seconds(30), HumanDuration::minutes(10)];
    })
    .await
}

/// One more failure, by a browser of its own: asks for a code and types a wrong one.
async fn fail(world: &std::sync::Arc<World>) -> Browser {
    let mut stranger = world.browser();
    stranger.ask(KNOWN).await.next("/code");
    stranger.guess(KNOWN).await.problem(401, "code_refused");
    world.advance(seconds(31)).await;
    stranger
}

#[tokio::test]
async fn c8_the_wait_between_failures_grows_and_nobody_is_told() {
    let world = patient().await;
    world
        .upstream
        .policy(serde_json::json!({"max_failures": 20}))
        .await;
    world.upstream.user(KNOWN, "Active").await;
    for _ in 0..4 {
        fail(&world).await;
    }
    let tried = async || world.upstream.count("otp_authenticate").await;
    assert_eq!(
        tried().await,
        4,
        "three at will, and the fourth begins a wait of 30 s, which is over"
    );
    assert_eq!(
        world
            .audit
            .events_named("authn_login_fail_max")
            .pop()
            .unwrap()["failures"],
        4
    );
    fail(&world).await;
    assert_eq!(tried().await, 5);
    // The fifth began a wait of ten minutes, for a right code too.
    let mut owner = world.browser();
    owner.ask(KNOWN).await.next("/code");
    let code = world.upstream.code(KNOWN).await;
    owner.verify(&code).await.problem(401, "code_refused");
    assert_eq!(tried().await, 5);
    assert_eq!(limits(&world, "authn_login_lock"), ["delay"]);
    world.advance(minutes(10)).await;
    owner.post("resend-code", &[]).await.next("/code");
    world.settled().await;
    owner
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .next("/account");
}

#[tokio::test]
async fn c8_s9_strangers_failures_make_no_known_browser_wait() {
    let world = patient().await;
    world
        .upstream
        .policy(serde_json::json!({"max_failures": 20}))
        .await;
    let mut owner = world.browser();
    owner.sign_in(KNOWN).await.next("/account");
    owner.post("sign-out", &[]).await;
    for _ in 0..6 {
        fail(&world).await;
    }
    owner.ask(KNOWN).await.next("/code");
    owner
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .next("/account");
}

#[tokio::test]
async fn s9_a_known_browser_that_fails_too_often_is_a_stranger() {
    let world = patient().await;
    world
        .upstream
        .policy(serde_json::json!({"max_failures": 20}))
        .await;
    let mut thief = world.browser();
    thief.sign_in(KNOWN).await.next("/account");
    thief.post("sign-out", &[]).await;
    for _ in 0..10 {
        thief.ask(KNOWN).await;
        thief.guess(KNOWN).await.problem(401, "code_refused");
        world.advance(minutes(11)).await;
    }
    let before = world.upstream.messages(KNOWN).await.len();
    // A stranger's code is asked for first: as one of them it has to wait for the cool-down.
    world.browser().ask(KNOWN).await.next("/code");
    thief.cookies.remove("latchkey-flow");
    thief.ask(KNOWN).await.next("/code");
    assert_eq!(world.upstream.messages(KNOWN).await.len(), before + 1);
}

#[tokio::test]
async fn s9_so_many_browsers_are_known_for_a_number() {
    let world = World::with(|settings| settings.guard.browsers_per_number = 2).await;
    let mut browsers = Vec::new();
    for _ in 0..3 {
        let mut browser = world.browser();
        browser.sign_in(KNOWN).await.next("/account");
        browsers.push(browser);
        world.advance(minutes(2)).await;
    }
    let sends = async |browser: &mut Browser| {
        let before = world.upstream.messages(KNOWN).await.len();
        browser.post("sign-out", &[]).await;
        browser.ask(KNOWN).await.next("/code");
        world.upstream.messages(KNOWN).await.len() - before
    };
    // Strangers have begun the cool-down that they share.
    world.browser().ask(KNOWN).await.next("/code");
    let mut sent = Vec::new();
    for browser in &mut browsers {
        sent.push(sends(browser).await);
    }
    assert_eq!(
        sent,
        [0, 1, 1],
        "the one that signed in longest ago is a stranger"
    );
}

#[tokio::test]
async fn c7_failures_are_remembered_from_the_last_one() {
    let world = World::with(|settings| settings.guard.stranger_failures = 3).await;
    world.upstream.user(KNOWN, "Active").await;
    let days = |days: u64| minutes(days * 24 * 60);
    fail(&world).await;
    world.advance(days(300)).await;
    fail(&world).await;
    world.advance(days(300)).await;
    fail(&world).await;
    let tried = world.upstream.count("otp_authenticate").await;
    assert_eq!(tried, 3);
    world.advance(days(399)).await;
    fail(&world).await;
    assert_eq!(
        world.upstream.count("otp_authenticate").await,
        tried,
        "strangers have stopped"
    );
    world.advance(days(2)).await;
    fail(&world).await;
    assert_eq!(
        world.upstream.count("otp_authenticate").await,
        tried + 1,
        "400 days after the last"
    );
}
