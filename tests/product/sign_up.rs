//! New users: created once, named by nobody but themselves.

use std::collections::BTreeMap;

use crate::support::{KNOWN, UNKNOWN, World, seconds, wait_until};

fn calls(expected: &[(&str, u64)]) -> BTreeMap<String, u64> {
    expected
        .iter()
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}

#[tokio::test]
async fn upstream_calls_of_each_journey_are_as_few_as_the_design_says() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;

    let before = world.upstream.calls().await;
    let mut returning = world.browser();
    returning.ask(KNOWN).await;
    returning
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .next("/account");
    for _ in 0..5 {
        assert!(returning.is_signed_in().await);
    }
    assert_eq!(
        world.upstream.since(&before).await,
        calls(&[("otp_send", 1), ("otp_authenticate", 1)])
    );
    returning.post("sign-out", &[]).await;
    let with_end = calls(&[
        ("otp_send", 1),
        ("otp_authenticate", 1),
        ("session_logout", 1),
    ]);
    assert_eq!(world.upstream.since(&before).await, with_end);

    let before = world.upstream.calls().await;
    let mut new = world.browser();
    new.post("sign-up", &[("phone", UNKNOWN)])
        .await
        .next("/code");
    world.settled().await;
    new.verify(&world.upstream.code(UNKNOWN).await)
        .await
        .next("/account");
    let three = calls(&[("user_create", 1), ("otp_send", 1), ("otp_authenticate", 1)]);
    assert_eq!(world.upstream.since(&before).await, three);

    let before = world.upstream.calls().await;
    let mut named = world.browser();
    named
        .post(
            "sign-up",
            &[
                ("phone", "+447400777888"),
                ("name", " Ada\t\u{7} Lovelace "),
            ],
        )
        .await
        .next("/code");
    world.settled().await;
    assert_eq!(
        world.upstream.since(&before).await,
        calls(&[("user_create", 1), ("otp_send", 1)]),
        "the name waits"
    );
    named
        .verify(&world.upstream.code("+447400777888").await)
        .await
        .next("/account");
    wait_until("the name", async || {
        world.upstream.count("user_update").await == 1
    })
    .await;
    let four = calls(&[
        ("user_create", 1),
        ("otp_send", 1),
        ("otp_authenticate", 1),
        ("user_update", 1),
    ]);
    assert_eq!(world.upstream.since(&before).await, four);
    let user = world.upstream.user("+447400777888", "Active").await;
    assert!(user.to_string().contains("Lovelace"), "{user}");

    let shared = world.upstream.calls().await;
    assert_eq!(
        (shared["token"], shared["jwks"]),
        (1, 1),
        "shared by all journeys"
    );
    assert_eq!(world.audit.count("user_created"), 2);
}

#[tokio::test]
async fn a_name_is_written_only_for_the_user_that_this_flow_created() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    let mut browser = world.browser();
    browser
        .post("sign-up", &[("phone", KNOWN), ("name", "Mallory")])
        .await
        .next("/code");
    world.settled().await;
    browser
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .next("/account");

    // A stranger plants a name with a new number; its owner then signs in from elsewhere.
    let mut stranger = world.browser();
    stranger
        .post("sign-up", &[("phone", UNKNOWN), ("name", "Mallory")])
        .await
        .next("/code");
    world.settled().await;
    world.advance(seconds(31)).await;
    let mut owner = world.browser();
    owner.ask(UNKNOWN).await;
    owner
        .verify(&world.upstream.code(UNKNOWN).await)
        .await
        .next("/account");
    world.product.close().await;
    assert_eq!(world.upstream.count("user_update").await, 0);
}

#[tokio::test]
async fn somebody_who_is_disabled_cannot_come_back_by_signing_up() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Disabled").await;
    let mut browser = world.browser();
    let answer = browser
        .post("sign-up", &[("phone", KNOWN), ("name", "Ada")])
        .await;
    answer.next("/code");
    world.settled().await;
    assert_eq!(world.upstream.messages(KNOWN).await.len(), 0);
    browser.verify("123456").await.problem(401, "code_refused");
}

#[tokio::test]
async fn creating_users_has_a_budget_of_its_own() {
    let world = World::with(|settings| settings.guard.address_sign_ups_hourly = 2).await;
    let sign_up = async |number: u32| {
        let mut browser = world.browser().at("203.0.113.7");
        let answer = browser
            .post("sign-up", &[("phone", &format!("+4474001{number:05}"))])
            .await;
        world.settled().await;
        answer
    };
    sign_up(1).await.next("/code");
    sign_up(2).await.next("/code");
    sign_up(3).await.problem(429, "slow_down");
    world
        .browser()
        .at("203.0.113.7")
        .ask(KNOWN)
        .await
        .next("/code");
    assert_eq!(world.upstream.count("user_create").await, 2);
}

#[tokio::test]
async fn a_user_whose_creation_fails_gets_no_code_and_nobody_is_told() {
    for kind in ["reset", "garbage", "status"] {
        let world = World::start().await;
        world.upstream.fault("user_create", kind, None).await;
        let mut browser = world.browser();
        let answer = browser.post("sign-up", &[("phone", UNKNOWN)]).await;
        answer.next("/code");
        assert_eq!(answer.took, seconds(1));
        world.settled().await;
        assert_eq!(world.upstream.count("user_create").await, 1, "{kind}");
        assert_eq!(world.upstream.count("otp_send").await, 0, "{kind}");
        assert_eq!(
            world.audit.events_named("otp_send_result")[0]["sent"],
            false
        );
    }
}
