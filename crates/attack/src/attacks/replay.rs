//! Shows flow cookies again. A flow ends with the sign-in; a code opens only a flow that it was
//! sent for; a cookie that was not given out is none (requirements C3, C10). The budgets of country
//! and service are lifted: victims are many, and new.

use anyhow::{Context, Result};

use crate::browser::{FLOW, KNOWN_BROWSER, SESSION};
use crate::finding::Finding;
use crate::numbers::{address, number};
use crate::place::Place;
use crate::siege::Siege;
use crate::stage::{Stage, token};

/// Forged cookies of a round that are nothing but dice.
const RANDOM: usize = 10;

/// What a round came to.
#[derive(Clone, Copy, Debug, Default)]
struct Round {
    attempts: usize,
    let_in: usize,
    /// Whether the code opened the flow that it was for.
    victim_in: bool,
}

pub async fn play(stage: &Stage<'_>) -> Result<Finding> {
    let rounds = stage.of(5, 50);
    let place = stage.open_wide(&[]).await?;
    let siege = Siege::begin(&place).await?;
    let mut dice = stage.dice();
    let rounds: Vec<_> = (0..rounds)
        .map(|at| {
            let forged = (0..RANDOM).map(|_| token(&mut dice)).collect();
            round(&place, at, forged)
        })
        .collect();
    let played = stage.few(8, rounds.into_iter()).await?;
    let mut finding = siege
        .end(played.iter().map(|round| round.attempts).sum())
        .await?;

    // The victim's code once, and once for a flow of the attacker's own.
    finding.at_most(
        "verifies",
        finding.reached.verifies,
        u64::try_from(played.len() * 2)?,
    );
    finding.none("attacker in", played.iter().map(|round| round.let_in).sum());
    finding.all(
        "victims in",
        played.iter().filter(|round| round.victim_in).count(),
        played.len(),
    );
    Ok(finding)
}

async fn round(place: &Place, at: usize, mut forged: Vec<String>) -> Result<Round> {
    let (victims, attackers) = (number(200 + at, 1), number(300 + at, 2));
    let browser = |host: usize| place.browser().at(address(at * 16 + host));
    let mut victim = browser(0);
    let code = victim
        .begin("sign-up", &victims)
        .await?
        .context("the victim gets no code")?;
    let flow = victim
        .cookie(FLOW)
        .context("the victim has no flow")?
        .to_owned();
    let mut round = Round::default();

    // The code, which the attacker has seen over the victim's shoulder: in a flow for the
    // attacker's number, and in one for the victim's that nothing was sent for.
    let mut other_number = browser(1);
    other_number
        .begin("sign-up", &attackers)
        .await?
        .context("the attacker gets no code")?;
    let mut other_flow = browser(2);
    other_flow.ask(&victims).await?;
    for attacker in [&mut other_number, &mut other_flow] {
        round.attempts += 1;
        round.let_in += usize::from(attacker.verify(&code).await?.is_ok());
    }

    // Cookies that were not given out, and some that were, under other names.
    forged.extend(spoiled(&flow));
    for cookie in forged {
        let mut attacker = browser(3);
        attacker.plant(FLOW, &cookie);
        round.attempts += 1;
        round.let_in += usize::from(attacker.verify(&code).await?.is_ok());
    }
    let mut attacker = browser(4);
    [SESSION, KNOWN_BROWSER]
        .iter()
        .for_each(|name| attacker.plant(name, &flow));
    round.attempts += 1;
    round.let_in += usize::from(attacker.who().await?.is_some());

    round.victim_in = victim.verify(&code).await?.is_ok() && victim.who().await?.is_some();

    // The flow again, which has ended: elsewhere, and in the browser that it was for.
    let mut victim_again = victim.without_cookies();
    for attacker in [&mut browser(5), &mut victim_again] {
        attacker.plant(FLOW, &flow);
        round.attempts += 1;
        round.let_in +=
            usize::from(attacker.verify(&code).await?.is_ok() || attacker.who().await?.is_some());
    }
    Ok(round)
}

/// The cookie with something wrong: a letter changed, cut, doubled, in other clothes.
fn spoiled(cookie: &str) -> Vec<String> {
    let (first, rest) = cookie.split_at(1);
    let other = if first == "A" { "B" } else { "A" };
    vec![
        format!("{other}{rest}"),
        rest.to_owned(),
        format!("{cookie}{cookie}"),
        format!("{cookie}="),
        format!("\"{cookie}\""),
        cookie.to_lowercase(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spoiled_cookie_is_the_cookie() {
        let cookie = "ABcd";
        assert!(spoiled(cookie).iter().all(|spoiled| spoiled != cookie));
        assert_eq!(spoiled(cookie)[0], "BBcd");
    }
}
