//! Failures that only a success, the operator or 400 days reset (C7).

use latchkey::server::admin::commands::{AdminCommand, run_command};

use crate::lockout::*;

#[tokio::test]
async fn c7_failures_alert_at_50_stop_unrecognised_at_90_and_everybody_at_100() {
    let app = app_with_tenant(20, |settings| {
        // A tenant that forgets immediately, so that only the long-term count matters.
        settings.transmit.otp_lockout = Some(HumanDuration::seconds(1));
        settings.transmit.otp_failure_memory = Some(HumanDuration::seconds(1));
        unlimited_codes(settings);
    })
    .await;
    let (mut first, mut second) = (owner(&app).await, owner(&app).await);
    app.advance(minutes(2)).await;
    let before = attempt_count(&app).await;
    let failures = async || attempt_count(&app).await - before;
    for failure in 1..=90 {
        let mut attacker = app.browser();
        attacker.start(KNOWN_PHONE).await;
        attacker.fail(KNOWN_PHONE).await;
        // The longest delay between two failures.
        app.advance(minutes(HOUR)).await;
        assert_eq!(failures().await, failure);
        assert_eq!(
            app.audit.count("authn_login_fail_max"),
            usize::from(failure >= 50),
            "{failure}"
        );
    }
    assert_eq!(
        app.audit.events_named("authn_login_fail_max")[0]["failures"],
        50
    );
    sign_in_with_new_code(&mut app.browser())
        .await
        .assert_code_refused();
    assert_eq!(
        failures().await,
        90,
        "unrecognised devices are refused, also with the right code"
    );

    // A recognised device can continue up to a hundred; its last failure makes it unrecognised.
    for _ in 0..10 {
        first.start(KNOWN_PHONE).await;
        first.fail(KNOWN_PHONE).await;
        app.advance(minutes(HOUR)).await;
    }
    assert_eq!(failures().await, 100);
    sign_in_with_new_code(&mut second)
        .await
        .assert_code_refused();
    assert_eq!(failures().await, 100, "no device has attempts left");
    app.advance(minutes(399 * DAY)).await;
    sign_in_with_new_code(&mut second)
        .await
        .assert_code_refused();
    assert_eq!(failures().await, 100, "for 400 days");

    run_command(
        &app.product.admin_services(),
        &AdminCommand::Unlock {
            identifier: KNOWN_PHONE.to_owned(),
        },
    )
    .await;
    assert_eq!(app.audit.count("authn_login_unlock"), 1);
    app.advance(minutes(HOUR)).await;
    sign_in_with_new_code(&mut second)
        .await
        .assert_next("/account");
    assert_eq!(app.audit.count("authn_login_fail_max"), 1);
}
