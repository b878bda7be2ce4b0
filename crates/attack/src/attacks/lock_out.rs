//! Tries to lock a number's owner out (requirement S9).
//!
//! Attackers guess codes, so that the tenant locks the number. They request new codes, so that the
//! owner's code is replaced and the limits of the number and its prefix are used up. The owner has
//! a recognised device: it has counters of its own and the last attempt before the tenant's lock.

use anyhow::{Result, ensure};
use fastrand::Rng;

use crate::browser::Browser;
use crate::context::{AttackContext, random_passcode};
use crate::finding::Finding;
use crate::fixtures::{client_address, phone_number};
use crate::measurement::Measurement;

/// Numbers with the owner's prefix: more than the limits of the prefix allow.
const NEIGHBOURS: usize = 60;
/// The first address that requests their codes.
const FIRST_NEIGHBOUR_ADDRESS: usize = 100_000;

pub async fn run(context: &AttackContext<'_>) -> Result<Finding> {
    let (waves, attackers_per_half) = (context.scaled(2, 14), context.scaled(30, 100));
    let environment = context
        .start_environment_without_service_limits(&[])
        .await?;
    let victim = phone_number(6, 1);
    let mut owner = environment.browser().with_address(client_address(0));
    ensure!(
        owner.sign_in("sign-up", &victim).await?,
        "the owner cannot sign up"
    );

    let measurement = Measurement::start(&environment).await?;
    let neighbours = (2..2 + NEIGHBOURS).map(|index| {
        let mut attacker = environment
            .browser()
            .with_address(client_address(FIRST_NEIGHBOUR_ADDRESS + index));
        async move { attacker.send_code(&phone_number(6, index)).await }
    });
    context.run_all(neighbours).await?;
    let mut rng = context.rng();
    let mut owner_sign_ins = 0;
    for wave in 0..waves {
        owner.post("sign-out", &[]).await?;
        // Half of them before the owner signs in, half concurrently.
        let attackers: Vec<_> = (0..attackers_per_half * 2)
            .map(|index| {
                attack_number(
                    environment
                        .browser()
                        .with_address(client_address(1 + wave * attackers_per_half * 2 + index)),
                    &victim,
                    rng.fork(),
                )
            })
            .collect();
        let mut attackers = attackers.into_iter();
        let before: Vec<_> = attackers.by_ref().take(attackers_per_half).collect();
        context.run_all(before.into_iter()).await?;
        let (_, is_signed_in) = tokio::try_join!(
            context.run_all(attackers),
            owner.sign_in("send-code", &victim)
        )?;
        owner_sign_ins += usize::from(is_signed_in);
    }
    let mut finding = measurement
        .finish(waves * attackers_per_half * 2 + NEIGHBOURS)
        .await?;

    // Each success of the owner gives the attackers new attempts.
    let successes = u64::try_from(waves)?;
    let attempts = context.limits.attempts()? * (successes + 1);
    finding.check_at_most(
        "verifies by attackers",
        finding.upstream.verifies.saturating_sub(successes),
        attempts,
    );
    finding.check_at_most(
        "SMS",
        finding.upstream.messages,
        context.limits.count("guard.number_daily_total")?,
    );
    finding.check_all("owner in", owner_sign_ins, waves);
    Ok(finding)
}

async fn attack_number(mut browser: Browser, victim: &str, mut rng: Rng) -> Result<()> {
    browser.send_code(victim).await?;
    for _ in 0..3 {
        browser.verify_code(&random_passcode(&mut rng)).await?;
    }
    browser.post("resend-code", &[]).await?;
    Ok(())
}
