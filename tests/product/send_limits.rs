//! Whom a send costs, who is told, and what is given back (requirements S1 to S6, S10).

use std::collections::BTreeMap;

use crate::support::{Browser, KNOWN, UNKNOWN, World, minutes, seconds};

#[tokio::test]
async fn s1_a_number_gets_so_many_codes_in_an_hour_and_a_day_and_nobody_is_told() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    let mut sent = Vec::new();
    for _ in 0..4 {
        for _ in 0..7 {
            let answer = world.browser().ask(KNOWN).await;
            answer.next("/code");
            assert_eq!(answer.took, seconds(1));
            world.advance(seconds(60)).await;
        }
        sent.push(world.upstream.messages(KNOWN).await.len());
        world.advance(minutes(60)).await;
    }
    assert_eq!(sent, [5, 10, 10, 10], "five an hour, ten a day");
    world.advance(minutes(20 * 60)).await;
    world.browser().ask(KNOWN).await;
    assert_eq!(world.upstream.messages(KNOWN).await.len(), 11);
    let withheld: BTreeMap<_, _> = world
        .audit
        .events_named("otp_requested")
        .iter()
        .filter_map(limit)
        .collect();
    assert_eq!(
        withheld.keys().collect::<Vec<_>>(),
        ["sends_day", "sends_hour"]
    );
}

fn limit(event: &serde_json::Value) -> Option<(String, ())> {
    (event["decision"] == "withheld").then(|| (event["limit"].as_str().unwrap().to_owned(), ()))
}

#[tokio::test]
async fn s1_strangers_share_the_cool_down_of_a_number_silently() {
    let world = World::start().await;
    let (_, _) = world.asked(KNOWN).await;
    for _ in 0..3 {
        let mut stranger = world.browser();
        stranger.ask(KNOWN).await.next("/code");
        // Its own resend button counts down all the same.
        stranger
            .post("resend-code", &[])
            .await
            .problem(429, "slow_down");
    }
    assert_eq!(world.upstream.messages(KNOWN).await.len(), 1);
    world.advance(seconds(30)).await;
    world.browser().ask(KNOWN).await.next("/code");
    assert_eq!(world.upstream.messages(KNOWN).await.len(), 2);
}

#[tokio::test]
async fn s2_s6_an_address_has_so_many_sends_in_an_hour_and_is_told() {
    let world = World::with(|settings| settings.guard.address_hourly = 3).await;
    let ask = async |number: u32, address: &str| {
        let phone = format!("+4474001{number:05}");
        world.browser().at(address).ask(&phone).await
    };
    for number in 0..3 {
        ask(number, "203.0.113.7").await.next("/code");
    }
    let refused = ask(3, "203.0.113.7").await;
    let wait = refused.problem(429, "slow_down")["retry_after"]
        .as_u64()
        .unwrap();
    assert!((3590..=3600).contains(&wait), "{wait}");
    assert_eq!(refused.took, seconds(0));
    assert_eq!(refused.cookies(), Vec::<&str>::new());
    ask(4, "::ffff:203.0.113.7").await.problem(429, "slow_down");
    ask(5, "203.0.113.8").await.next("/code");
    let mut form = world.browser().at("203.0.113.7").without_script();
    form.ask(KNOWN).await.leads_to("/sign-in");
    world.advance(seconds(wait)).await;
    ask(6, "203.0.113.7").await.next("/code");
    assert!(
        world
            .audit
            .events_named("excess_rate_limit_exceeded")
            .iter()
            .all(|event| event["limit"] == "sends_address_hour")
    );
    assert!(
        !world.audit.text().contains("sends_address_hour 203"),
        "a limit's name holds no address"
    );
}

#[tokio::test]
async fn s2_whoever_holds_an_ipv6_network_holds_all_its_addresses() {
    let world = World::with(|settings| {
        settings.guard.address_hourly = 2;
        settings.guard.network_hourly = 3;
    })
    .await;
    for (number, address, status) in [
        (0, "2001:db8:1:1::1", 200),
        (1, "2001:db8:1:1::2", 200),
        (2, "2001:db8:1:1:ffff::3", 429),
        (3, "2001:db8:1:2::1", 200),
        (4, "2001:db8:1:3::1", 429),
        (5, "2001:db8:2:1::1", 200),
    ] {
        let answer = world
            .browser()
            .at(address)
            .ask(&format!("+4474001{number:05}"))
            .await;
        assert_eq!(answer.status.as_u16(), status, "{address}");
    }
}

#[tokio::test]
async fn s3_the_schedule_of_a_flow_is_fixed_and_shown() {
    let world = World::with(|settings| settings.guard.number_hourly = 100).await;
    let (mut browser, _) = world.asked(KNOWN).await;
    for wait in [30, 60, 120, 120] {
        // Answers leave a second after the send.
        world.advance(seconds(wait - 2)).await;
        assert_eq!(
            browser
                .post("resend-code", &[])
                .await
                .problem(429, "slow_down")["retry_after"],
            1
        );
        world.advance(seconds(1)).await;
        browser.post("resend-code", &[]).await.next("/code");
        world.settled().await;
    }
    assert_eq!(world.upstream.messages(KNOWN).await.len(), 5);
}

#[tokio::test]
async fn s3_of_two_resends_at_once_one_is_sent() {
    let world = World::start().await;
    let (browser, _) = world.asked(KNOWN).await;
    world.advance(seconds(30)).await;
    let answers = world
        .drive_all((0..8).map(|_| browser.form("resend-code", &[])).collect())
        .await;
    world.settled().await;
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 200).count(),
        1
    );
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.problem(429, "slow_down");
    }
    assert_eq!(world.upstream.messages(KNOWN).await.len(), 2);
    // What was charged for the others was given back: three are left in this hour.
    for _ in 0..3 {
        world.advance(minutes(3)).await;
        world.browser().ask(KNOWN).await.next("/code");
    }
    assert_eq!(world.upstream.messages(KNOWN).await.len(), 5);
}

#[tokio::test]
async fn s3_of_two_first_sends_at_once_one_is_sent() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    let browser = world.browser();
    let forms = (0..8)
        .map(|_| browser.form("send-code", &[("phone", KNOWN)]))
        .collect();
    for answer in world.drive_all(forms).await {
        answer.next("/code");
    }
    world.settled().await;
    assert_eq!(world.upstream.messages(KNOWN).await.len(), 1);
}

#[tokio::test]
async fn s4_s6_the_whole_service_has_a_budget_and_says_so_to_everybody_alike() {
    let world = World::with(|settings| settings.guard.service_minutely = 2).await;
    world.upstream.user(KNOWN, "Active").await;
    for number in 0..2 {
        world
            .browser()
            .ask(&format!("+4474001{number:05}"))
            .await
            .next("/code");
    }
    let (known, unknown) = (
        world.browser().ask(KNOWN).await,
        world.browser().ask(UNKNOWN).await,
    );
    assert_eq!(
        known.problem(429, "slow_down"),
        unknown.problem(429, "slow_down")
    );
    // A number with a spent budget of its own is told the same, or its owner would show.
    let limited = world.browser().ask("+447400100000").await;
    assert_eq!(
        limited.problem(429, "slow_down"),
        known.problem(429, "slow_down")
    );
    world.advance(seconds(60)).await;
    world.browser().ask(KNOWN).await.next("/code");
    assert_eq!(world.upstream.messages(KNOWN).await.len(), 1);
    // A browser's own flow keeps its answer, whatever the service says: nothing is sent for it.
    let mut again: Browser = world.browser();
    again.ask("+447400100009").await.next("/code");
    again.ask("+447400100009").await.next("/code");
}

#[tokio::test]
async fn s10_a_send_is_never_made_again_when_it_may_have_arrived() {
    for (kind, wait) in [("hang", 10), ("reset", 0), ("garbage", 0), ("status", 0)] {
        let world = World::start().await;
        world.upstream.user(KNOWN, "Active").await;
        world.upstream.fault("otp_send", kind, None).await;
        let mut browser = world.browser();
        let answer = browser.post("send-code", &[("phone", KNOWN)]).await;
        answer.next("/code");
        assert_eq!(answer.took, seconds(1), "{kind}");
        world.advance(seconds(wait)).await;
        world.settled().await;
        assert_eq!(world.upstream.count("otp_send").await, 1, "{kind}");
        let result = &world.audit.events_named("otp_send_result")[0];
        assert_eq!(result["sent"], false, "{kind}");
        assert!(
            result["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty()),
            "the operator reads why: {result}"
        );
        assert_eq!(browser.get("/code").await.status, 200, "the flow lives");
    }
}

#[tokio::test]
async fn s10_a_refused_client_token_proves_that_nothing_was_sent_and_is_renewed_once() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    let fault =
        serde_json::json!({ "operation": "otp_send", "kind": "status", "status": 401, "times": 1 });
    world.upstream.set_fault(fault).await;
    world.browser().ask(KNOWN).await.next("/code");
    assert_eq!(world.upstream.count("otp_send").await, 2);
    assert_eq!(world.upstream.messages(KNOWN).await.len(), 1);
}

#[tokio::test]
async fn budgets_are_given_back_when_the_number_surely_did_not_leave() {
    let world = World::with(|settings| {
        settings.guard.number_hourly = 1;
        settings.guard.service_hourly = 1;
    })
    .await;
    // The client token is in hand.
    world.product.transmit.prepare().await.unwrap();
    world.upstream.stop().await;
    let answer = world.browser().ask(KNOWN).await;
    assert!(
        matches!(answer.status.as_u16(), 200 | 503),
        "{}",
        answer.status
    );
    world.upstream.restart().await;
    world.upstream.user(KNOWN, "Active").await;
    world.advance(seconds(60)).await;
    world.browser().ask(KNOWN).await.next("/code");
    assert_eq!(world.upstream.messages(KNOWN).await.len(), 1);
}
