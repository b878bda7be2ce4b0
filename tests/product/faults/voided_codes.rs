//! A 401 proves that nothing was processed: what was reserved is given back, and the answer says
//! nothing of it.

use crate::support::{KNOWN, World, different_code, seconds};

#[tokio::test]
async fn t7_a_401_burns_no_try_whether_or_not_a_new_client_token_can_be_had() {
    let reference = {
        let world = World::start().await;
        let (mut browser, code) = world.asked(KNOWN).await;
        let answer = browser.verify(&different_code(&code)).await;
        (answer.problem(401, "code_refused"), answer.took)
    };
    for renewal in ["granted", "status", "reset", "hang"] {
        let world = World::start().await;
        let (mut browser, code) = world.asked(KNOWN).await;
        world.upstream.status("otp_authenticate", 401).await;
        if renewal != "granted" {
            world.upstream.fault("token", renewal, None).await;
        }
        // Two tries are all that a stranger has.
        for _ in 0..4 {
            let answer = if renewal == "hang" {
                crate::faults::patiently(&browser, "verify-code", &[("code", &code)]).await
            } else {
                browser.verify(&code).await
            };
            // Without a client token in hand, the next one is told so before anything is written.
            if answer.status == 503 {
                answer.problem(503, "unavailable");
                continue;
            }
            assert_eq!(
                answer.problem(401, "code_refused"),
                reference.0,
                "{renewal}"
            );
            assert!(answer.took >= reference.1, "{renewal}");
        }
        let failed = world.audit.events_named("authn_login_fail");
        assert!(
            failed.iter().all(|event| event["reason"] == "upstream"),
            "{failed:?}"
        );
        assert!(!failed.is_empty());
        world
            .upstream
            .fault("otp_authenticate", "reset", Some(0))
            .await;
        world.upstream.fault("token", "reset", Some(0)).await;
        world.advance(seconds(61)).await;
        assert_eq!(
            browser
                .verify(&different_code(&code))
                .await
                .problem(401, "code_refused")["tries_left"],
            1,
            "{renewal}"
        );
        browser.verify(&code).await.next("/account");
    }
}

#[tokio::test]
async fn c6_an_upstream_that_says_401_to_every_code_gives_no_endless_guesses() {
    let world = World::start().await;
    let (mut browser, code) = world.asked(KNOWN).await;
    world.upstream.status("otp_authenticate", 401).await;
    let mut guesses = 0;
    let spent = loop {
        let answer = browser.verify(&different_code(&code)).await;
        if answer.status == 429 {
            break answer;
        }
        answer.problem(401, "code_refused");
        guesses += 1;
        assert!(
            guesses < 30,
            "a flow has two tries, and so many that come back"
        );
    };
    assert_eq!(spent.problem(429, "slow_down")["tries_left"], 0);
    // The number's own count stands, too: the rest of its tries is not to be had in another flow.
    world
        .upstream
        .fault("otp_authenticate", "reset", Some(0))
        .await;
    world.advance(seconds(61)).await;
    let before = world.upstream.count("otp_authenticate").await;
    let mut other = world.browser();
    other.ask(KNOWN).await.next("/code");
    let code = world.upstream.code(KNOWN).await;
    other.verify(&code).await.problem(401, "code_refused");
    assert_eq!(
        world.upstream.count("otp_authenticate").await,
        before,
        "upstream is not asked"
    );
}

#[tokio::test]
async fn s10_a_401_costs_no_send_of_the_number() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    world.upstream.status("otp_send", 401).await;
    // Five codes an hour is what a number has.
    for _ in 0..8 {
        world.browser().ask(KNOWN).await.next("/code");
        world.advance(seconds(1)).await;
    }
    assert_eq!(world.upstream.messages(KNOWN).await.len(), 0);
    assert!(
        world
            .audit
            .events_named("otp_requested")
            .iter()
            .all(|event| event["decision"] == "queued")
    );
    world.upstream.fault("otp_send", "reset", Some(0)).await;
    world.advance(seconds(11)).await;
    let mut browser = world.browser();
    browser.ask(KNOWN).await.next("/code");
    browser
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .next("/account");
}
