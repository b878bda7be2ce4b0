//! Failures that nothing ends but a success, the operator or 400 days (C7).

use latchkey::server::admin::admin_socket::{AdminCommand, carry_out};

use crate::lockout::*;

#[tokio::test]
async fn c7_fifty_failures_are_put_on_record_once_ninety_stop_strangers_and_a_hundred_stop_everybody()
 {
    let world = tenant(20, |settings| {
        // A tenant that forgets at once: the long count alone is looked at.
        settings.transmit.otp_lockout = HumanDuration::seconds(1);
        settings.transmit.otp_failure_memory = Some(HumanDuration::seconds(1));
        codes_without_end(settings);
    })
    .await;
    let (mut first, mut second) = (owner(&world).await, owner(&world).await);
    world.advance(minutes(2)).await;
    let before = guesses(&world).await;
    let failures = async || guesses(&world).await - before;
    for failure in 1..=90 {
        let mut stranger = world.browser();
        stranger.ask(KNOWN).await.next("/code");
        stranger.guess(KNOWN).await.problem(401, "code_refused");
        // The longest wait between two.
        world.advance(minutes(HOUR)).await;
        assert_eq!(failures().await, failure);
        assert_eq!(
            world.audit.count("authn_login_fail_max"),
            usize::from(failure >= 50),
            "{failure}"
        );
    }
    assert_eq!(
        world.audit.events_named("authn_login_fail_max")[0]["failures"],
        50
    );
    signs_in(&mut world.browser())
        .await
        .problem(401, "code_refused");
    assert_eq!(
        failures().await,
        90,
        "strangers have stopped, also with the right code"
    );

    // Whoever has a known browser goes on to a hundred; its last failure makes a stranger of it.
    for _ in 0..10 {
        first.ask(KNOWN).await.next("/code");
        first.guess(KNOWN).await.problem(401, "code_refused");
        world.advance(minutes(HOUR)).await;
    }
    assert_eq!(failures().await, 100);
    signs_in(&mut second).await.problem(401, "code_refused");
    assert_eq!(failures().await, 100, "nobody may try any more");
    world.advance(minutes(399 * DAY)).await;
    signs_in(&mut second).await.problem(401, "code_refused");
    assert_eq!(failures().await, 100, "for 400 days");

    carry_out(
        &world.product,
        &AdminCommand::Unlock {
            identifier: KNOWN.to_owned(),
        },
    )
    .await;
    assert_eq!(world.audit.count("authn_login_unlock"), 1);
    world.advance(minutes(HOUR)).await;
    signs_in(&mut second).await.next("/account");
    assert_eq!(world.audit.count("authn_login_fail_max"), 1);
}
