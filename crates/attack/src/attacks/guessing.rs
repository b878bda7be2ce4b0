//! Guesses one number's codes from many addresses. A resend and a new flow give no new tries: the
//! count is kept by number, until its owner signs in or a lock of the tenant's has passed
//! (requirements C5, C6).

use std::time::Duration;

use anyhow::{Result, ensure};
use fastrand::Rng;

use crate::browser::Browser;
use crate::finding::Finding;
use crate::numbers::{address, number};
use crate::promises::windows;
use crate::siege::Siege;
use crate::stage::{Stage, passcode};

/// Guesses of a flow: two that it has, and one after a resend.
const GUESSES: usize = 3;

pub async fn play(stage: &Stage<'_>) -> Result<Finding> {
    let (addresses, rounds) = (stage.of(100, 1000), stage.of(2, 4));
    let place = stage.open_wide(&[]).await?;
    let victim = number(0, 1);
    let mut owner = place.browser().at(address(0));
    ensure!(
        owner.sign_in("sign-up", &victim).await?,
        "the owner cannot sign up"
    );
    owner.post("sign-out", &[]).await?;

    let siege = Siege::begin(&place).await?;
    let mut dice = stage.dice();
    let guessers: Vec<_> = (1..=addresses)
        .map(|at| {
            let browser = place.browser().at(address(at));
            guess(browser, &victim, rounds, dice.fork())
        })
        .collect();
    let guessed: usize = stage.crowd(guessers.into_iter()).await?.into_iter().sum();
    let mut finding = siege.end(addresses * rounds * GUESSES).await?;

    let (promises, reached, took) = (stage.promises, finding.reached, finding.took);
    let tries = promises.tries()? * windows(promises.span("transmit.otp_lockout")?, took);
    let sends = promises.count("guard.number_hourly")? * windows(Duration::from_secs(3600), took);
    finding.at_most("verifies", reached.verifies, tries);
    finding.at_most("SMS", reached.messages, sends);
    finding.none("code guessed", guessed);
    finding.all(
        "owner in",
        usize::from(owner.sign_in("send-code", &victim).await?),
        1,
    );
    Ok(finding)
}

/// How many guesses were right.
async fn guess(browser: Browser, victim: &str, rounds: usize, mut dice: Rng) -> Result<usize> {
    let mut guessed = 0;
    for _ in 0..rounds {
        // Without cookies: every round is a new flow.
        let mut browser = browser.clone();
        browser.ask(victim).await?;
        for at in 0..GUESSES {
            if at + 1 == GUESSES {
                browser.post("resend-code", &[]).await?;
            }
            let answer = browser.verify(&passcode(&mut dice)).await?;
            guessed += usize::from(answer.is_ok());
        }
    }
    Ok(guessed)
}
