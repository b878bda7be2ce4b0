//! What a known browser has for itself, and what is kept for it of budgets that many numbers share
//! (requirements C6, S4, S9): strangers who ask for other people's codes shut nobody out who has
//! signed in before.

use std::sync::Arc;

use latchkey::server::settings::{GuardSettings, Settings};
use serde_json::json;

use crate::support::{Answer, Browser, KNOWN, World, minutes, seconds};

const OTHER: &str = "+447400777888";
const DAY: u64 = 24 * 60;

/// A number that differs from the owner's in the last four digits alone.
fn neighbour(which: u32) -> String {
    format!("{}{:04}", &KNOWN[..KNOWN.len() - 4], 9000 + which)
}

/// A browser that has signed in with the number, and out again.
async fn owner(world: &Arc<World>) -> Browser {
    let mut owner = world.browser();
    owner.sign_in(KNOWN).await.next("/account");
    owner.post("sign-out", &[]).await.next("/sign-in");
    owner
}

/// Whether a code comes, which is then not typed.
async fn gets_a_code(world: &Arc<World>) -> bool {
    let before = world.upstream.messages(KNOWN).await.len();
    world.browser().ask(KNOWN).await.next("/code");
    world.settled().await;
    world.upstream.messages(KNOWN).await.len() > before
}

/// In and out again.
async fn comes_in(browser: &mut Browser, phone: &str) {
    browser.sign_in(phone).await.next("/account");
    browser.post("sign-out", &[]).await.next("/sign-in");
}

/// A stranger at one address asks for codes of so many neighbours, none of whom is a user.
async fn asks_for_neighbours(world: &Arc<World>, first: u32, many: u32) -> Vec<Answer> {
    let stranger = world.browser();
    let asking = (first..first + many)
        .map(|which| stranger.form("send-code", &[("phone", &neighbour(which))]));
    let answers = world.drive_all(asking.collect()).await;
    world.settled().await;
    answers
}

#[tokio::test]
async fn s9_a_stranger_asks_for_the_codes_of_neighbouring_numbers() {
    let world = World::start().await;
    let mut owner = owner(&world).await;
    let withheld = |limit: &str| world.audit.count_matching(|event| event["limit"] == limit);
    let mut first = 0;
    // Twenty an hour, fifty a day: what a single address can ask for.
    for (many, limit) in [
        (20, "sends_prefix_hour"),
        (20, "sends_prefix_hour"),
        (10, "sends_prefix_day"),
    ] {
        asks_for_neighbours(&world, first, many)
            .await
            .iter()
            .for_each(|answer| answer.next("/code"));
        first += many;
        assert!(
            !gets_a_code(&world).await,
            "on a new phone no code comes until the hour, or the day, is over"
        );
        assert!(withheld(limit) > 0, "{limit}");
        comes_in(&mut owner, KNOWN).await;
        world.advance(minutes(61)).await;
    }
    comes_in(&mut owner, KNOWN).await;
    world.advance(minutes(DAY - 2 * 61)).await;
    assert!(gets_a_code(&world).await);
}

#[tokio::test]
async fn s9_a_stranger_closes_the_country_or_the_whole_service() {
    let of_country = |settings: &mut Settings| {
        (settings.guard.country_hourly, settings.guard.country_daily) = (10, 15);
    };
    let of_service = |settings: &mut Settings| {
        (settings.guard.service_hourly, settings.guard.service_daily) = (10, 15);
    };
    let closings: [&dyn Fn(&mut Settings); 2] = [&of_country, &of_service];
    for close in closings {
        let world = World::with(|settings| close(settings)).await;
        let mut owner = owner(&world).await;
        for (first, many) in [(0, 10), (10, 5)] {
            asks_for_neighbours(&world, first, many)
                .await
                .iter()
                .for_each(|answer| answer.next("/code"));
            // Everybody is told who has not signed in before, also the owner on a new phone.
            world.browser().ask(KNOWN).await.problem(429, "slow_down");
            comes_in(&mut owner, KNOWN).await;
            world.advance(minutes(61)).await;
        }
        world.browser().ask(KNOWN).await.problem(429, "slow_down");
        comes_in(&mut owner, KNOWN).await;
        world.advance(minutes(DAY)).await;
        assert!(gets_a_code(&world).await);
    }
}

/// One of the settings of a budget.
type Total = fn(&mut GuardSettings) -> &mut u32;

#[tokio::test]
async fn s9_a_third_of_every_total_is_kept_for_known_browsers_and_no_more() {
    let totals: [(Total, bool); 5] = [
        (|guard| &mut guard.prefix_daily_total, false),
        (|guard| &mut guard.country_daily_total, true),
        (|guard| &mut guard.service_minutely, true),
        (|guard| &mut guard.service_hourly_total, true),
        (|guard| &mut guard.service_daily_total, true),
    ];
    for (number, (total, is_told)) in totals.into_iter().enumerate() {
        let world = World::with(|settings| *total(&mut settings.guard) = 9).await;
        // The first of nine was the owner's own, as a stranger.
        let mut owner = owner(&world).await;
        asks_for_neighbours(&world, 0, 5)
            .await
            .iter()
            .for_each(|answer| answer.next("/code"));
        let refused = async |mut browser: Browser| {
            let before = world.upstream.messages(KNOWN).await.len();
            let answer = browser.ask(KNOWN).await;
            assert_eq!(
                answer.status,
                if is_told { 429 } else { 200 },
                "total {number}"
            );
            assert_eq!(
                world.upstream.messages(KNOWN).await.len(),
                before,
                "total {number}"
            );
        };
        refused(world.browser()).await;
        for _ in 0..3 {
            comes_in(&mut owner, KNOWN).await;
        }
        refused(owner).await;
    }
}

/// A tenant that locks as late as any.
async fn patient_tenant() -> Arc<World> {
    let world = World::with(|settings| settings.transmit.otp_max_failures = 20).await;
    world.upstream.policy(json!({ "max_failures": 20 })).await;
    world
}

#[tokio::test]
async fn c6_s9_a_known_browser_has_no_more_tries_than_a_code_whatever_flows_it_begins() {
    let world = patient_tenant().await;
    let mut stolen = owner(&world).await;
    let before = world.upstream.count("otp_authenticate").await;
    let guessed = async || world.upstream.count("otp_authenticate").await - before;
    for _ in 0..4 {
        stolen.cookies.remove("latchkey-flow");
        stolen.ask(KNOWN).await.next("/code");
        for _ in 0..4 {
            stolen.guess(KNOWN).await.problem(401, "code_refused");
        }
        world.advance(seconds(31)).await;
    }
    assert_eq!(guessed().await, 5);
    // One lock after the last of them the browser has as many again, the right code among them.
    world.advance(minutes(16)).await;
    stolen.cookies.remove("latchkey-flow");
    stolen.ask(KNOWN).await.next("/code");
    for _ in 0..4 {
        stolen.guess(KNOWN).await.problem(401, "code_refused");
    }
    let code = world.upstream.code(KNOWN).await;
    stolen.verify(&code).await.next("/account");
    assert_eq!(guessed().await, 10);
}

#[tokio::test]
async fn s9_a_browser_that_was_a_stranger_for_a_while_is_one_no_sooner_than_others_when_it_is_known_again()
 {
    for is_known_for_another in [false, true] {
        let world = patient_tenant().await;
        world.upstream.user(OTHER, "Active").await;
        let mut tablet = world.browser();
        if is_known_for_another {
            comes_in(&mut tablet, OTHER).await;
        }
        comes_in(&mut tablet, KNOWN).await;
        for _ in 0..2 {
            tablet.ask(KNOWN).await.next("/code");
            for _ in 0..5 {
                tablet.guess(KNOWN).await.problem(401, "code_refused");
            }
            world.advance(minutes(16)).await;
        }
        comes_in(&mut tablet, KNOWN).await;
        // One slip of the finger, some day.
        world.advance(minutes(DAY)).await;
        tablet.ask(KNOWN).await.next("/code");
        tablet.guess(KNOWN).await.problem(401, "code_refused");
        tablet
            .verify(&world.upstream.code(KNOWN).await)
            .await
            .next("/account");
        let new: Vec<_> = world
            .audit
            .events_named("authn_login_success")
            .iter()
            .map(|event| event["new_browser"] == true)
            .collect();
        let [.., as_a_stranger, at_last] = new.as_slice() else {
            panic!("{new:?}")
        };
        assert_eq!(
            (*as_a_stranger, *at_last),
            (true, false),
            "{is_known_for_another}"
        );
    }
}
