//! SMS pumping by somebody who owns the numbers: every code is typed, so that the budgets of
//! unverified sends are given back. The totals are not: that of the prefix for a day, and that of
//! the whole service for a minute (requirement S4).

use std::time::Duration;

use anyhow::{Context, Result};

use crate::browser::Browser;
use crate::clock;
use crate::finding::Finding;
use crate::numbers::{address, number};
use crate::place::Place;
use crate::promises::windows;
use crate::siege::Siege;
use crate::stage::Stage;

/// How long a pumper waits for a message, and who is told to wait, waits no longer.
const PATIENCE: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(90);
/// Pumpers at once: with more, codes that are not typed yet would spend the prefix's budget of
/// unverified sends.
const AT_ONCE: usize = 12;

pub async fn play(stage: &Stage<'_>) -> Result<Finding> {
    let numbers = stage.of(140, 400);
    let place = stage.open(&[]).await?;
    let siege = Siege::begin(&place).await?;
    let pumpers = (0..numbers).map(|line| {
        let browser = place.browser().at(address(line));
        pump(&place, browser, number(3, line), stage.is_short())
    });
    let signed_in = stage
        .few(AT_ONCE, pumpers)
        .await?
        .into_iter()
        .filter(|signed_in| *signed_in)
        .count();
    let mut finding = siege.end(numbers).await?;

    let (promises, reached, took) = (stage.promises, finding.reached, finding.took);
    let a_minute = promises.share_of_strangers("guard.service_minutely")?
        * windows(Duration::from_secs(60), took);
    let a_day = promises.share_of_strangers("guard.prefix_daily_total")?
        * windows(Duration::from_secs(86_400), took);
    finding.at_most("SMS", reached.messages, a_day.min(a_minute));
    finding.at_most("users created", reached.creations, a_day.min(a_minute));
    let messages = usize::try_from(reached.messages).context("so many messages")?;
    finding.all("codes that opened", signed_in, messages);
    Ok(finding)
}

/// Whether a code came, and opened. In a short attack nobody waits for a minute to pass.
async fn pump(place: &Place, mut browser: Browser, phone: String, is_short: bool) -> Result<bool> {
    let waits = |wait: &Duration| !is_short && *wait <= LONGEST_WAIT;
    loop {
        let answer = browser.post("sign-up", &[("phone", &phone)]).await?;
        match answer.retry_after().filter(waits) {
            Some(wait) => clock::pause(wait).await,
            None if answer.is_ok() => break,
            None => return Ok(false),
        }
    }
    match place.sandbox.code(&phone, 0, PATIENCE).await? {
        Some(code) => Ok(browser.verify(&code).await?.is_ok()),
        None => Ok(false),
    }
}
