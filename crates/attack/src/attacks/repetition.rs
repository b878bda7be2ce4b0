//! SMS pumping with one number, whose owner signs in again and again from a recognised device.
//!
//! Each success ends the cool-down and refunds the limits of unverified sends. It does not refund
//! the total of the number a day (requirement S1).

use std::time::Duration;

use anyhow::{Context, Result};

use crate::clock;
use crate::context::AttackContext;
use crate::expected_limits::windows_started;
use crate::finding::Finding;
use crate::fixtures::{client_address, phone_number};
use crate::measurement::Measurement;

/// How long the attacker waits for a message.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(1);
/// A round has three posts. Without a pause they would exceed the ten posts a second that one
/// address may make, which this attack does not test.
const PAUSE: Duration = Duration::from_millis(300);

pub async fn run(context: &AttackContext<'_>) -> Result<Finding> {
    let rounds = context.scaled(36, 60);
    let environment = context.start_environment(&[]).await?;
    let phone = phone_number(4, 0);
    environment.sandbox.set_user(&phone, "Active").await?;
    let measurement = Measurement::start(&environment).await?;
    let mut browser = environment.browser().with_address(client_address(0));
    let mut accepted = 0;
    context.add_steps(rounds);
    for _ in 0..rounds {
        let message_count = environment.sandbox.messages_to(&phone).await?.len();
        browser.send_code(&phone).await?;
        if let Some(code) = environment
            .sandbox
            .wait_for_code(&phone, message_count, MESSAGE_TIMEOUT)
            .await?
        {
            accepted += usize::from(browser.verify_code(&code).await?.is_ok());
            browser.post("sign-out", &[]).await?;
        }
        clock::sleep(PAUSE).await;
        context.finish_step();
    }
    let mut finding = measurement.finish(rounds).await?;

    let days = windows_started(Duration::from_secs(86_400), finding.duration);
    let upstream = finding.upstream;
    finding.check_at_most(
        "SMS",
        upstream.messages,
        context.limits.count("guard.number_daily_total")? * days,
    );
    finding.check_all(
        "codes accepted",
        accepted,
        usize::try_from(upstream.messages).context("too many messages to count")?,
    );
    Ok(finding)
}
