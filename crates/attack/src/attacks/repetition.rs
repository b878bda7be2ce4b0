//! SMS pumping with one number: its owner signs in over and over, from a browser that is known.
//! Each success ends the cool-down and gives the unverified budgets back; the total of the number
//! for a day stays (requirement S1).

use std::time::Duration;

use anyhow::{Context, Result};

use crate::clock;
use crate::finding::Finding;
use crate::numbers::{address, number};
use crate::promises::windows;
use crate::siege::Siege;
use crate::stage::Stage;

/// How long the pumper waits for a message.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two rounds, which are three posts each: one address may post ten times a second, and
/// that is not what is tried here.
const REST: Duration = Duration::from_millis(300);

pub async fn play(stage: &Stage<'_>) -> Result<Finding> {
    let rounds = stage.of(36, 60);
    let place = stage.open(&[]).await?;
    let phone = number(4, 0);
    place.sandbox.user(&phone, "Active").await?;
    let siege = Siege::begin(&place).await?;
    let mut browser = place.browser().at(address(0));
    let mut opened = 0;
    stage.expect(rounds);
    for _ in 0..rounds {
        let had = place.sandbox.inbox_of(&phone).await?.len();
        browser.ask(&phone).await?;
        if let Some(code) = place.sandbox.code(&phone, had, PATIENCE).await? {
            opened += usize::from(browser.verify(&code).await?.is_ok());
            browser.post("sign-out", &[]).await?;
        }
        clock::pause(REST).await;
        stage.step();
    }
    let mut finding = siege.end(rounds).await?;

    let days = windows(Duration::from_secs(86_400), finding.took);
    let reached = finding.reached;
    finding.at_most(
        "SMS",
        reached.messages,
        stage.promises.count("guard.number_daily_total")? * days,
    );
    finding.all(
        "codes that opened",
        opened,
        usize::try_from(reached.messages).context("so many messages")?,
    );
    Ok(finding)
}
