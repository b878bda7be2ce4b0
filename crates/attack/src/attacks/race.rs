//! Types codes many times at once. A try is reserved before anything is compared, so that no more
//! than the limit goes upstream however many come at once; and of several right codes one gets the
//! flow (requirements C4, C5).

use anyhow::{Context, Result};
use futures_util::future::try_join_all;

use crate::browser::Browser;
use crate::finding::Finding;
use crate::numbers::{address, number};
use crate::place::Place;
use crate::siege::Siege;
use crate::stage::{Stage, other_than};

/// Codes at once.
const AT_ONCE: usize = 50;

pub async fn play(stage: &Stage<'_>) -> Result<Finding> {
    let rounds = stage.of(3, 20);
    let tries = stage.promises.tries()?;
    let place = stage.open(&[]).await?;

    let siege = Siege::begin(&place).await?;
    let (mut one_winner, mut most) = (0, 0);
    stage.expect(rounds * 2);
    for at in 0..rounds {
        let (won, compared) = race(&place, at, false).await?;
        one_winner += usize::from(won == 1);
        most = most.max(compared);
        stage.step();
    }
    let (mut won_by_guessing, mut most_wrong) = (0, 0);
    for at in rounds..rounds * 2 {
        let (won, compared) = race(&place, at, true).await?;
        won_by_guessing += won;
        most_wrong = most_wrong.max(compared);
        stage.step();
    }
    let mut finding = siege.end(rounds * 2 * AT_ONCE).await?;

    finding.at_most("verifies of 50 right codes", most, tries);
    finding.at_most("verifies of 50 wrong codes", most_wrong, tries);
    finding.all("races with one winner", one_winner, rounds);
    finding.none("wrong code that won", won_by_guessing);
    Ok(finding)
}

/// How many of the codes let somebody in, and how many were compared upstream.
async fn race(place: &Place, at: usize, wrong: bool) -> Result<(usize, u64)> {
    let mut person = place.browser().at(address(at * 64));
    let right = person
        .begin("sign-up", &number(400 + at, 0))
        .await?
        .context("an honest person gets no code")?;
    let code = if wrong { other_than(&right) } else { right };
    let before = place.sandbox.tally().await?;
    let mut racers: Vec<Browser> = (0..AT_ONCE)
        .map(|host| person.clone().at(address(at * 64 + host)))
        .collect();
    let answers = try_join_all(racers.iter_mut().map(|racer| racer.verify(&code))).await?;
    let compared = place.sandbox.tally().await? - before;
    Ok((
        answers.iter().filter(|answer| answer.is_ok()).count(),
        compared.verifies,
    ))
}
