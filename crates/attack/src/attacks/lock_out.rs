//! Shuts a number's owner out: strangers guess, so that the tenant locks; spend the number's
//! messages; have new codes sent, so that the owner's is void; and ask for neighbours' codes, so
//! that the prefix has none left. The owner has a browser that has signed in before, which has
//! counters of its own, and the last try before the tenant's lock is kept for it (requirement S9).

use anyhow::{Result, ensure};
use fastrand::Rng;

use crate::browser::Browser;
use crate::finding::Finding;
use crate::numbers::{address, number};
use crate::siege::Siege;
use crate::stage::{Stage, passcode};

/// Numbers that differ from the owner's in the last four digits alone: more than the prefix's
/// budgets have sends.
const NEIGHBOURS: usize = 60;
/// Where those who ask for them begin: nobody else's addresses.
const NEAR: usize = 100_000;

pub async fn play(stage: &Stage<'_>) -> Result<Finding> {
    let (waves, strangers) = (stage.of(2, 14), stage.of(30, 100));
    let place = stage.open_wide(&[]).await?;
    let victim = number(6, 1);
    let mut owner = place.browser().at(address(0));
    ensure!(
        owner.sign_in("sign-up", &victim).await?,
        "the owner cannot sign up"
    );

    let siege = Siege::begin(&place).await?;
    let near = (2..2 + NEIGHBOURS).map(|line| {
        let mut stranger = place.browser().at(address(NEAR + line));
        async move { stranger.ask(&number(6, line)).await }
    });
    stage.crowd(near).await?;
    let mut dice = stage.dice();
    let mut came_in = 0;
    for wave in 0..waves {
        owner.post("sign-out", &[]).await?;
        // Half of them before the owner comes, half meanwhile.
        let attackers: Vec<_> = (0..strangers * 2)
            .map(|at| {
                harass(
                    place.browser().at(address(1 + wave * strangers * 2 + at)),
                    &victim,
                    dice.fork(),
                )
            })
            .collect();
        let mut attackers = attackers.into_iter();
        let before: Vec<_> = attackers.by_ref().take(strangers).collect();
        stage.crowd(before.into_iter()).await?;
        let (_, is_in) =
            tokio::try_join!(stage.crowd(attackers), owner.sign_in("send-code", &victim))?;
        came_in += usize::from(is_in);
    }
    let mut finding = siege.end(waves * strangers * 2 + NEIGHBOURS).await?;

    // Each success gives strangers new tries.
    let successes = u64::try_from(waves)?;
    let tries = stage.promises.tries()? * (successes + 1);
    finding.at_most(
        "verifies by strangers",
        finding.reached.verifies.saturating_sub(successes),
        tries,
    );
    finding.at_most(
        "SMS",
        finding.reached.messages,
        stage.promises.count("guard.number_daily_total")?,
    );
    finding.all("owner in", came_in, waves);
    Ok(finding)
}

/// What a stranger does to a number.
async fn harass(mut browser: Browser, victim: &str, mut dice: Rng) -> Result<()> {
    browser.ask(victim).await?;
    for _ in 0..3 {
        browser.verify(&passcode(&mut dice)).await?;
    }
    browser.post("resend-code", &[]).await?;
    Ok(())
}
