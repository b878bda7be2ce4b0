//! SMS pumping by an owner of the numbers, who verifies every code.
//!
//! A success refunds the limits of unverified sends. It does not refund the totals of the prefix a
//! day and of the whole service a minute (requirement S4).

use std::time::Duration;

use anyhow::{Context, Result};

use crate::browser::Browser;
use crate::clock;
use crate::context::AttackContext;
use crate::environment::Environment;
use crate::expected_limits::windows_started;
use crate::finding::Finding;
use crate::fixtures::{client_address, phone_number};
use crate::measurement::Measurement;

/// How long an attacker waits for a message.
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(2);
/// The longest `Retry-After` that an attacker waits for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(90);
/// With more concurrent attackers, codes that are not verified yet would use up the prefix's limit
/// of unverified sends.
const CONCURRENCY: usize = 12;

pub async fn run(context: &AttackContext<'_>) -> Result<Finding> {
    let numbers = context.scaled(140, 400);
    let environment = context.start_environment(&[]).await?;
    let measurement = Measurement::start(&environment).await?;
    let attackers = (0..numbers).map(|index| {
        let browser = environment.browser().with_address(client_address(index));
        pump_number(
            &environment,
            browser,
            phone_number(3, index),
            context.is_short(),
        )
    });
    let signed_in = context
        .run_concurrently(CONCURRENCY, attackers)
        .await?
        .into_iter()
        .filter(|signed_in| *signed_in)
        .count();
    let mut finding = measurement.finish(numbers).await?;

    let (limits, upstream, duration) = (context.limits, finding.upstream, finding.duration);
    let by_minute = limits.share_of_unrecognised("guard.service_minutely")?
        * windows_started(Duration::from_secs(60), duration);
    let by_day = limits.share_of_unrecognised("guard.prefix_daily_total")?
        * windows_started(Duration::from_secs(86_400), duration);
    finding.check_at_most("SMS", upstream.messages, by_day.min(by_minute));
    finding.check_at_most("users created", upstream.creations, by_day.min(by_minute));
    let messages = usize::try_from(upstream.messages).context("too many messages to count")?;
    finding.check_all("codes accepted", signed_in, messages);
    Ok(finding)
}

/// Returns whether a code arrived and was accepted. A short attack does not wait for the next
/// minute.
async fn pump_number(
    environment: &Environment,
    mut browser: Browser,
    phone: String,
    is_short: bool,
) -> Result<bool> {
    let is_awaited = |wait: &Duration| !is_short && *wait <= MAX_RETRY_AFTER;
    loop {
        let response = browser.post("sign-up", &[("phone", &phone)]).await?;
        match response.retry_after().filter(is_awaited) {
            Some(wait) => clock::sleep(wait).await,
            None if response.is_ok() => break,
            None => return Ok(false),
        }
    }
    match environment
        .sandbox
        .wait_for_code(&phone, 0, MESSAGE_TIMEOUT)
        .await?
    {
        Some(code) => Ok(browser.verify_code(&code).await?.is_ok()),
        None => Ok(false),
    }
}
