//! Verifies codes many times concurrently.
//!
//! An attempt is reserved before anything is compared, so no more than the limit reaches upstream.
//! Of several correct codes one signs in (requirements C4, C5).

use anyhow::{Context, Result};
use futures_util::future::try_join_all;

use crate::browser::Browser;
use crate::context::{AttackContext, other_passcode};
use crate::environment::Environment;
use crate::finding::Finding;
use crate::fixtures::{client_address, phone_number};
use crate::measurement::Measurement;

const CONCURRENCY: usize = 50;

pub async fn run(context: &AttackContext<'_>) -> Result<Finding> {
    let rounds = context.scaled(3, 20);
    let attempts = context.limits.attempts()?;
    let environment = context.start_environment(&[]).await?;

    let measurement = Measurement::start(&environment).await?;
    let (mut one_winner, mut max_correct) = (0, 0);
    context.add_steps(rounds * 2);
    for index in 0..rounds {
        let (won, compared) = race(&environment, index, CodeKind::Correct).await?;
        one_winner += usize::from(won == 1);
        max_correct = max_correct.max(compared);
        context.finish_step();
    }
    let (mut won_by_wrong_code, mut max_wrong) = (0, 0);
    for index in rounds..rounds * 2 {
        let (won, compared) = race(&environment, index, CodeKind::Wrong).await?;
        won_by_wrong_code += won;
        max_wrong = max_wrong.max(compared);
        context.finish_step();
    }
    let mut finding = measurement.finish(rounds * 2 * CONCURRENCY).await?;

    finding.check_at_most("verifies of 50 correct codes", max_correct, attempts);
    finding.check_at_most("verifies of 50 wrong codes", max_wrong, attempts);
    finding.check_all("races with one winner", one_winner, rounds);
    finding.check_none("wrong code that won", won_by_wrong_code);
    Ok(finding)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CodeKind {
    Correct,
    Wrong,
}

/// Returns how many of the codes signed in, and how many were compared upstream.
async fn race(environment: &Environment, index: usize, kind: CodeKind) -> Result<(usize, u64)> {
    let mut user = environment
        .browser()
        .with_address(client_address(index * 64));
    let correct = user
        .request_code("sign-up", &phone_number(400 + index, 0))
        .await?
        .context("an honest user gets no code")?;
    let code = match kind {
        CodeKind::Correct => correct,
        CodeKind::Wrong => other_passcode(&correct),
    };
    let before = environment.sandbox.settled_counts().await?;
    let mut racers: Vec<Browser> = (0..CONCURRENCY)
        .map(|host| user.clone().with_address(client_address(index * 64 + host)))
        .collect();
    let responses = try_join_all(racers.iter_mut().map(|racer| racer.verify_code(&code))).await?;
    let compared = environment.sandbox.settled_counts().await? - before;
    Ok((
        responses.iter().filter(|response| response.is_ok()).count(),
        compared.verifies,
    ))
}
