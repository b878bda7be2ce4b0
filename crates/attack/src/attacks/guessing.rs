//! Guesses one number's codes from many addresses.
//!
//! A resend or a new flow gives no new attempts. They are counted by number, until its owner signs
//! in or a lock of the tenant has ended (requirements C5, C6).

use std::time::Duration;

use anyhow::{Result, ensure};
use fastrand::Rng;

use crate::browser::Browser;
use crate::context::{AttackContext, random_passcode};
use crate::expected_limits::windows_started;
use crate::finding::Finding;
use crate::fixtures::{client_address, phone_number};
use crate::measurement::Measurement;

/// Guesses of a flow: two that it allows, and one after a resend.
const GUESSES: usize = 3;

pub async fn run(context: &AttackContext<'_>) -> Result<Finding> {
    let (addresses, rounds) = (context.scaled(100, 1000), context.scaled(2, 4));
    let environment = context
        .start_environment_without_service_limits(&[])
        .await?;
    let victim = phone_number(0, 1);
    let mut owner = environment.browser().with_address(client_address(0));
    ensure!(
        owner.sign_in("sign-up", &victim).await?,
        "the owner cannot sign up"
    );
    owner.post("sign-out", &[]).await?;

    let measurement = Measurement::start(&environment).await?;
    let mut rng = context.rng();
    let attackers: Vec<_> = (1..=addresses)
        .map(|index| {
            let browser = environment.browser().with_address(client_address(index));
            guess_codes(browser, &victim, rounds, rng.fork())
        })
        .collect();
    let guessed: usize = context
        .run_all(attackers.into_iter())
        .await?
        .into_iter()
        .sum();
    let mut finding = measurement.finish(addresses * rounds * GUESSES).await?;

    let (limits, upstream, duration) = (context.limits, finding.upstream, finding.duration);
    let attempts =
        limits.attempts()? * windows_started(limits.duration("transmit.otp_lockout")?, duration);
    let sends =
        limits.count("guard.number_hourly")? * windows_started(Duration::from_secs(3600), duration);
    finding.check_at_most("verifies", upstream.verifies, attempts);
    finding.check_at_most("SMS", upstream.messages, sends);
    finding.check_none("code guessed", guessed);
    finding.check_all(
        "owner in",
        usize::from(owner.sign_in("send-code", &victim).await?),
        1,
    );
    Ok(finding)
}

/// Returns how many guesses were correct.
async fn guess_codes(browser: Browser, victim: &str, rounds: usize, mut rng: Rng) -> Result<usize> {
    let mut guessed = 0;
    for _ in 0..rounds {
        // A browser without cookies starts a new flow.
        let mut browser = browser.clone();
        browser.send_code(victim).await?;
        for index in 0..GUESSES {
            if index + 1 == GUESSES {
                browser.post("resend-code", &[]).await?;
            }
            let response = browser.verify_code(&random_passcode(&mut rng)).await?;
            guessed += usize::from(response.is_ok());
        }
    }
    Ok(guessed)
}
