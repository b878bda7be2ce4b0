//! What a guess costs, and whom it hurts (requirements C3 to C10, S9).

use http::StatusCode;
use latchkey::server::admin::admin_socket::{AdminCommand, carry_out};
use latchkey::server::settings::human_duration::HumanDuration;
use serde_json::json;

use crate::support::{Browser, KNOWN, World, different_code, minutes, seconds, wait_until};

#[tokio::test]
async fn c3_a_code_works_once() {
    let world = World::start().await;
    let (mut browser, code) = world.asked(KNOWN).await;
    let replay = browser.clone();
    browser.verify(&code).await.next("/account");
    replay.clone().verify(&code).await.problem(409, "no_flow");
    let mut second = world.browser();
    second.ask(KNOWN).await;
    assert_ne!(world.upstream.code(KNOWN).await, code);
    second.verify(&code).await.problem(401, "code_refused");
    assert_eq!(world.audit.count("session_created"), 1);
}

#[tokio::test]
async fn c4_of_fifty_correct_codes_at_once_one_wins() {
    for max_failures in [3, 20] {
        let world = World::with(|settings| settings.transmit.otp_max_failures = max_failures).await;
        let tries = world.settings.transmit.tries_per_code() as usize;
        let (browser, code) = world.asked(KNOWN).await;
        world
            .upstream
            .latency("otp_authenticate", "correct", 30)
            .await;
        let answers = world
            .drive_all(
                (0..50)
                    .map(|_| browser.form("verify-code", &[("code", &code)]))
                    .collect(),
            )
            .await;
        let won: Vec<_> = answers
            .iter()
            .filter(|answer| answer.status == StatusCode::OK)
            .collect();
        assert_eq!(won.len(), 1);
        assert!(won[0].cookie("latchkey").is_some());
        for answer in answers
            .iter()
            .filter(|answer| answer.status != StatusCode::OK)
        {
            assert!(
                matches!(answer.status.as_u16(), 401 | 409 | 429),
                "{} {}",
                answer.status,
                answer.body
            );
            assert_eq!(answer.cookie("latchkey"), None);
        }
        assert_eq!(world.audit.count("session_created"), 1);
        assert!(world.upstream.count("otp_authenticate").await as usize <= tries);
    }
}

#[tokio::test]
async fn c5_many_browsers_at_many_addresses_share_the_tries_of_a_number() {
    let world = World::with(|settings| settings.guard.number_hourly = 100).await;
    world.upstream.user(KNOWN, "Active").await;
    for _ in 0..8 {
        let mut browser = world.browser();
        browser.ask(KNOWN).await;
        let tries = [browser.guess(KNOWN).await, browser.guess(KNOWN).await];
        // Each flow sees its own tries alone.
        assert_eq!(tries[0].problem(401, "code_refused")["tries_left"], 1);
        assert_eq!(tries[1].problem(401, "code_refused")["tries_left"], 0);
        browser.guess(KNOWN).await.problem(429, "slow_down");
        world.advance(seconds(31)).await;
    }
    assert_eq!(world.upstream.count("otp_authenticate").await, 2);
    assert!(world.audit.count("authn_login_lock") > 0);
    // One lockout later there are as many again.
    world.advance(minutes(15)).await;
    let mut browser = world.browser();
    browser.ask(KNOWN).await;
    browser
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .next("/account");
}

#[tokio::test]
async fn c5_guesses_at_once_do_not_pass_the_limit() {
    let world = World::start().await;
    let (browser, code) = world.asked(KNOWN).await;
    let wrong = different_code(&code);
    let answers = world
        .drive_all(
            (0..30)
                .map(|_| browser.form("verify-code", &[("code", &wrong)]))
                .collect(),
        )
        .await;
    let refused = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::UNAUTHORIZED)
        .count();
    assert_eq!(refused, 2);
    assert_eq!(
        answers
            .iter()
            .filter(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS)
            .count(),
        28
    );
    assert_eq!(world.upstream.count("otp_authenticate").await, 2);
}

#[tokio::test]
async fn c6_a_new_code_does_not_refill_the_tries() {
    let world = World::start().await;
    let (mut browser, _) = world.asked(KNOWN).await;
    browser.guess(KNOWN).await.problem(401, "code_refused");
    world.advance(seconds(30)).await;
    browser.post("resend-code", &[]).await.next("/code");
    world.settled().await;
    assert_eq!(
        browser.guess(KNOWN).await.problem(401, "code_refused")["tries_left"],
        0
    );
    browser.guess(KNOWN).await.problem(429, "slow_down");
}

#[tokio::test]
async fn c6_the_wait_counts_from_the_last_try_not_from_the_first_send() {
    let world = World::start().await;
    let (mut browser, _) = world.asked(KNOWN).await;
    world.advance(minutes(14)).await;
    browser.post("resend-code", &[]).await.next("/code");
    world.settled().await;
    browser.guess(KNOWN).await.problem(401, "code_refused");
    browser.guess(KNOWN).await.problem(401, "code_refused");
    let problem = browser.guess(KNOWN).await.problem(429, "slow_down");
    let wait = problem["retry_after"].as_u64().unwrap();
    // What the page promises must hold: before that, the number's own count would refuse silently.
    assert!((890..=900).contains(&wait), "{wait}");
    world.advance(seconds(wait)).await;
    browser.post("resend-code", &[]).await.next("/code");
    world.settled().await;
    browser
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .next("/account");
}

#[tokio::test]
async fn c7_strangers_stop_at_their_limit_until_the_operator_unlocks() {
    let world = World::with(|settings| {
        settings.guard.stranger_failures = 4;
        settings.guard.number_hourly = 100;
        settings.guard.number_daily = 100;
    })
    .await;
    world.upstream.user(KNOWN, "Active").await;
    for _ in 0..2 {
        let mut browser = world.browser();
        browser.ask(KNOWN).await;
        browser.guess(KNOWN).await.problem(401, "code_refused");
        browser.guess(KNOWN).await.problem(401, "code_refused");
        world.advance(minutes(16)).await;
        world.upstream.user(KNOWN, "Active").await;
    }
    assert_eq!(world.upstream.count("otp_authenticate").await, 4);
    // Days later the count stands, and says nothing.
    world.advance(minutes(3 * 24 * 60)).await;
    let mut browser = world.browser();
    browser.ask(KNOWN).await;
    let code = world.upstream.code(KNOWN).await;
    browser.verify(&code).await.problem(401, "code_refused");
    assert_eq!(world.upstream.count("otp_authenticate").await, 4);
    carry_out(
        &world.product,
        &AdminCommand::Unlock {
            identifier: KNOWN.to_owned(),
        },
    )
    .await;
    browser.verify(&code).await.next("/account");
}

#[tokio::test]
async fn c9_a_success_resets_the_failures() {
    let world = World::start().await;
    for _ in 0..3 {
        let (mut browser, code) = world.asked(KNOWN).await;
        assert_eq!(
            browser.guess(KNOWN).await.problem(401, "code_refused")["tries_left"],
            1
        );
        browser.verify(&code).await.next("/account");
    }
    assert_eq!(world.audit.count("session_created"), 3);
}

#[tokio::test]
async fn c10_a_code_is_taken_from_the_browser_that_asked_alone() {
    let world = World::start().await;
    let (browser, code) = world.asked(KNOWN).await;
    world.browser().verify(&code).await.problem(409, "no_flow");
    // A thief with a flow of their own, for their own number.
    let (mut thief, own) = world.asked("+447400777888").await;
    thief.verify(&code).await.problem(401, "code_refused");
    // Who takes the cookie of an ended flow has nothing.
    let stale = thief.clone();
    thief.verify(&own).await.next("/account");
    stale.clone().verify(&own).await.problem(409, "no_flow");
    stale
        .clone()
        .post("resend-code", &[])
        .await
        .problem(409, "no_flow");
    // Starting over with another number ends the former flow.
    let mut changed = browser.clone();
    changed.ask("+447400999000").await;
    assert_ne!(
        changed.cookie("latchkey-flow"),
        browser.cookie("latchkey-flow")
    );
    browser.clone().verify(&code).await.problem(409, "no_flow");
}

#[tokio::test]
async fn s9_strangers_cannot_use_up_the_last_try_of_a_known_browser() {
    let world = World::start().await;
    let mut owner = world.browser();
    owner.sign_in(KNOWN).await;
    owner.post("sign-out", &[]).await;
    assert!(owner.cookie("latchkey-browser").is_some());
    let mut stranger = world.browser();
    stranger.ask(KNOWN).await;
    for _ in 0..2 {
        stranger.guess(KNOWN).await.problem(401, "code_refused");
    }
    // Neither the cool-down of the number nor the spent tries stand in the owner's way.
    owner.ask(KNOWN).await.next("/code");
    assert_eq!(world.upstream.messages(KNOWN).await.len(), 3);
    owner
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .next("/account");
    // The cookie is rotated at each success, and shows nothing for another number.
    let mut thief = world.browser();
    thief.cookies.insert(
        "latchkey-browser".to_owned(),
        owner.cookie("latchkey-browser").unwrap().to_owned(),
    );
    thief.ask("+447400777888").await.next("/code");
}

#[tokio::test]
async fn guard_off_leaves_the_tries_per_code_on() {
    let world = World::with(|settings| settings.guard.enabled = false).await;
    let (mut browser, _) = world.asked(KNOWN).await;
    for _ in 0..3 {
        browser.post("resend-code", &[]).await.next("/code");
    }
    world.settled().await;
    assert_eq!(
        world.upstream.messages(KNOWN).await.len(),
        4,
        "no cool-down"
    );
    browser.guess(KNOWN).await.problem(401, "code_refused");
    browser.guess(KNOWN).await.problem(401, "code_refused");
    browser.guess(KNOWN).await.problem(429, "slow_down");
    let mut second: Browser = world.browser();
    second.ask(KNOWN).await;
    second.guess(KNOWN).await.problem(401, "code_refused");
    assert_eq!(world.upstream.count("otp_authenticate").await, 2);
}

#[tokio::test]
async fn c2_a_resend_that_is_withheld_does_not_prolong_the_code_before_it() {
    let world = World::with(|settings| {
        settings.transmit.otp_lifetime = HumanDuration::minutes(20);
        settings.guard.number_hourly = 1;
    })
    .await;
    world
        .upstream
        .policy(json!({ "otp_lifetime": "20m" }))
        .await;
    let (mut browser, code) = world.asked(KNOWN).await;
    world.advance(minutes(9)).await;
    browser.post("resend-code", &[]).await.next("/code");
    world.advance(minutes(2)).await;
    let before = world.upstream.calls().await;
    browser.verify(&code).await.problem(401, "code_refused");
    assert!(world.upstream.since(&before).await.is_empty());
}

#[tokio::test]
async fn a_try_counts_against_a_number_only_where_a_code_was_sent_from_here() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    world.upstream.user("+447400777888", "Disabled").await;
    let mut browser = world.browser();
    browser.ask("+447400777888").await.next("/code");
    wait_until("the outcome to be noted", async || noted(&browser).await).await;
    let before = world.upstream.calls().await;
    let answer = browser.verify("123456").await;
    assert_eq!(answer.problem(401, "code_refused")["tries_left"], 1);
    assert_eq!(answer.took.as_millis(), 1500);
    assert!(world.upstream.since(&before).await.is_empty());
}

/// Whether the flow of a browser knows what became of its send.
async fn noted(browser: &Browser) -> bool {
    use latchkey::server::crypto::opaque_token::Token;
    let parts = browser.world.product.site.sign_in.parts();
    let id = Token::parse(browser.cookie("latchkey-flow").unwrap())
        .unwrap()
        .hash();
    parts
        .flows
        .get(id, browser.world.now())
        .await
        .unwrap()
        .unwrap()
        .codes
        .newest()
        .is_none()
}
