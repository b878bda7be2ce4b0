//! Strangers who want to shut the owner of a number out, and how the owner gets in all the same
//! (requirements C7, S9): from a browser that signed in before at once, from a new phone when the
//! wait that each test names is over.
//!
//! - here: who guesses
//! - `sends`: who spends the number's codes, and has new ones sent
//! - `failures`: what a year of failures comes to

use std::sync::Arc;

use latchkey::domain::{Identifier, IdentifierType};
use latchkey::server::settings::{HumanDuration, Settings};
use latchkey::server::transmit::{ClientAttributes, SendOtp};
use serde_json::json;

use crate::support::{Answer, Browser, KNOWN, World, minutes, seconds};

mod failures;
mod sends;

const HOUR: u64 = 60;
const DAY: u64 = 24 * HOUR;

/// A tenant that locks after so many failures, never forgets them but by its lock or a success, and
/// says so.
async fn tenant(max_failures: u32, change: impl FnOnce(&mut Settings)) -> Arc<World> {
    let world = World::with(|settings| {
        settings.transmit.otp_max_failures = max_failures;
        change(settings);
    })
    .await;
    world
        .upstream
        .policy(json!({ "max_failures": max_failures }))
        .await;
    world
}

/// Nothing but guesses is limited: strangers get codes without end.
fn codes_without_end(settings: &mut Settings) {
    let guard = &mut settings.guard;
    (
        guard.number_hourly,
        guard.number_daily,
        guard.number_daily_total,
    ) = (10_000, 10_000, 10_000);
    (
        guard.prefix_hourly,
        guard.prefix_daily,
        guard.prefix_daily_total,
    ) = (10_000, 10_000, 10_000);
    (
        guard.country_hourly,
        guard.country_daily,
        guard.country_daily_total,
    ) = (10_000, 10_000, 10_000);
    (guard.service_hourly, guard.service_daily) = (10_000, 10_000);
}

/// Nothing of country and service is limited, however many strangers ask at once.
fn room_for_a_thousand(settings: &mut Settings) {
    let guard = &mut settings.guard;
    (
        guard.country_hourly,
        guard.country_daily,
        guard.country_daily_total,
    ) = (10_000, 10_000, 10_000);
    (
        guard.service_minutely,
        guard.service_hourly,
        guard.service_daily,
    ) = (10_000, 10_000, 10_000);
}

/// A browser that has signed in with the number, and out again.
async fn owner(world: &Arc<World>) -> Browser {
    let mut owner = world.browser();
    owner.sign_in(KNOWN).await.next("/account");
    owner.post("sign-out", &[]).await.next("/sign-in");
    owner
}

async fn guesses(world: &World) -> u64 {
    world.upstream.count("otp_authenticate").await
}

async fn codes(world: &World) -> usize {
    world.upstream.messages(KNOWN).await.len()
}

/// How often the tenant said that it is locked.
fn locked(world: &World) -> usize {
    world.audit.count_matching(|event| {
        event["detail"]
            .as_str()
            .is_some_and(|why| why.contains("auth_locked"))
    })
}

/// Whether the tenant locks the number now: it would not even send, if its policy said so.
async fn is_locked(world: &World) -> bool {
    world
        .upstream
        .policy(json!({ "lock_refuses_send": true }))
        .await;
    let identifier = Identifier::canonical(
        IdentifierType::PhoneNumber,
        KNOWN.to_owned(),
        Some("GB".into()),
    );
    let send = SendOtp {
        identifier: &identifier,
        message: None,
        sender_id: None,
        client: ClientAttributes::default(),
    };
    let sent = world.product.transmit.send_otp(&send).await;
    world
        .upstream
        .policy(json!({ "lock_refuses_send": false }))
        .await;
    sent.is_err_and(|failure| failure.error_code.as_deref() == Some("auth_locked"))
}

/// Asks for a code, gets it, types it.
async fn signs_in(browser: &mut Browser) -> Answer {
    browser.world.keep_up();
    let before = codes(&browser.world).await;
    browser.ask(KNOWN).await.next("/code");
    assert_eq!(codes(&browser.world).await, before + 1, "no code came");
    let code = browser.world.upstream.code(KNOWN).await;
    browser.verify(&code).await
}

/// A stranger at an address of their own asks for a code and types wrong ones as long as the flow
/// has tries.
async fn guesses_a_flow(world: &Arc<World>) {
    let mut stranger = world.browser();
    stranger.ask(KNOWN).await.next("/code");
    while stranger.guess(KNOWN).await.status == 401 {}
}

/// A thousand strangers at as many addresses, a hundred at a time.
async fn a_thousand_strangers(world: &Arc<World>) {
    for _ in 0..10 {
        let mut strangers: Vec<Browser> = (0..100).map(|_| world.browser()).collect();
        let asking = strangers
            .iter()
            .map(|stranger| stranger.form("send-code", &[("phone", KNOWN)]))
            .collect();
        for (stranger, answer) in strangers.iter_mut().zip(world.drive_all(asking).await) {
            answer.next("/code");
            stranger.keep(&answer);
        }
        world.settled().await;
        let wrong = crate::support::different_code(&world.upstream.code(KNOWN).await);
        let typing = strangers
            .iter()
            .map(|stranger| stranger.form("verify-code", &[("code", &wrong)]))
            .collect();
        for answer in world.drive_all(typing).await {
            answer.problem(401, "code_refused");
        }
        world.advance(seconds(31)).await;
    }
}

#[tokio::test]
async fn s9_strangers_at_a_thousand_addresses_guess() {
    // As many guesses as a code has tries; the tenant hears no more.
    for (max_failures, tries) in [(20, 5), (3, 2)] {
        let world = tenant(max_failures, room_for_a_thousand).await;
        let mut owner = owner(&world).await;
        world.advance(seconds(31)).await;
        let before = guesses(&world).await;
        a_thousand_strangers(&world).await;
        assert_eq!(guesses(&world).await - before, tries, "{max_failures}");

        // On a new phone the owner is one of the strangers: no code for the rest of the hour, since
        // five were asked for …
        let mut phone = world.browser();
        let sent = codes(&world).await;
        phone.ask(KNOWN).await.next("/code");
        assert_eq!(codes(&world).await, sent);
        // … but the browser that is known has codes and tries of its own,
        signs_in(&mut owner).await.next("/account");
        assert_eq!(locked(&world), 0);
        // and when it is in, the strangers' failures and sends are forgotten.
        signs_in(&mut world.browser()).await.next("/account");
    }
}

#[tokio::test]
async fn s9_a_new_phone_alone_waits_until_the_strangers_have_rested() {
    for max_failures in [20, 3] {
        let world = tenant(max_failures, |_| {}).await;
        world.upstream.user(KNOWN, "Active").await;
        for _ in 0..5 {
            guesses_a_flow(&world).await;
            world.advance(seconds(31)).await;
        }
        let before = codes(&world).await;
        world.browser().ask(KNOWN).await.next("/code");
        assert_eq!(codes(&world).await, before);
        // An hour after the first of their five codes, which is longer than their tries are spent.
        world.advance(minutes(HOUR)).await;
        signs_in(&mut world.browser()).await.next("/account");
    }
}

#[tokio::test]
async fn s9_strangers_who_wait_between_guesses_leave_the_last_try_to_known_browsers() {
    // At 20 by default; at 3 where the settings say that the tenant remembers for a day.
    for (max_failures, memory) in [(20, None), (3, Some(HumanDuration::days(1)))] {
        let world = tenant(max_failures, |settings| {
            settings.transmit.otp_failure_memory = memory;
            codes_without_end(settings);
        })
        .await;
        let mut owner = owner(&world).await;
        world.advance(seconds(31)).await;
        let (begun, before) = (world.now(), guesses(&world).await);
        while world.now().since(begun) < minutes(DAY / 2) {
            guesses_a_flow(&world).await;
            world.advance(minutes(16)).await;
        }
        assert_eq!(guesses(&world).await - before, u64::from(max_failures) - 1);
        signs_in(&mut owner).await.next("/account");
        assert_eq!(locked(&world), 0);
    }
}

#[tokio::test]
async fn s9_a_new_phone_waits_a_day_where_the_tenant_is_said_to_remember_for_one() {
    let world = tenant(3, |settings| {
        settings.transmit.otp_failure_memory = Some(HumanDuration::days(1))
    })
    .await;
    world.upstream.user(KNOWN, "Active").await;
    guesses_a_flow(&world).await;
    // The right code is refused, and says nothing; the page of whoever spent the tries says when
    // there are more.
    world.advance(minutes(16)).await;
    signs_in(&mut world.browser())
        .await
        .problem(401, "code_refused");
    world.advance(minutes(DAY)).await;
    signs_in(&mut world.browser()).await.next("/account");
}

#[tokio::test]
async fn s9_what_is_left_at_a_maximum_of_3_by_default_when_strangers_wait_between_guesses() {
    let world = tenant(3, codes_without_end).await;
    let mut owner = owner(&world).await;
    world.advance(seconds(31)).await;
    // Two at once are all that strangers have: nothing locks however many they are.
    guesses_a_flow(&world).await;
    signs_in(&mut owner).await.next("/account");
    owner.post("sign-out", &[]).await;
    // Who waits for a lock's length between them has the third, and the tenant locks: for
    // everybody, and for that long.
    world.advance(seconds(31)).await;
    guesses_a_flow(&world).await;
    world.advance(minutes(16)).await;
    guesses_a_flow(&world).await;
    signs_in(&mut owner).await.problem(401, "code_refused");
    assert!(locked(&world) > 0);
    world.advance(minutes(15)).await;
    owner.post("resend-code", &[]).await.next("/code");
    world.settled().await;
    owner
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .next("/account");
}

#[tokio::test]
async fn s9_the_waits_between_failures_and_the_codes_of_a_day_bound_how_long_strangers_lock_a_tenant_of_3()
 {
    let world = tenant(3, |_| {}).await;
    let mut owner = owner(&world).await;
    world.advance(seconds(31)).await;
    let (begun, before) = (world.now(), guesses(&world).await);
    let mut locks = 0;
    while world.now().since(begun) < minutes(DAY) {
        guesses_a_flow(&world).await;
        // Each lock is over before the next wave.
        locks += usize::from(is_locked(&world).await);
        world.advance(minutes(16)).await;
    }
    let made = guesses(&world).await - before;
    println!("{made} guesses, {locks} locks");
    // Ten codes a day and two tries each make at most six locks of a quarter of an hour.
    assert!(
        locks > 0 && locks <= 6 && made <= 20,
        "{made} guesses, {locks} locks"
    );
    signs_in(&mut owner).await.next("/account");
}
