//! Plants cookies in a browser before its owner signs in: a session that was never given out, the
//! attacker's own session, and a flow that the attacker began for the owner's number. None of them
//! becomes the owner's session (requirements K4, K5). The budgets of country and service are
//! lifted: owners are many, and new.

use anyhow::{Context, Result};

use crate::browser::{FLOW, SESSION};
use crate::finding::Finding;
use crate::numbers::{address, number};
use crate::place::Place;
use crate::siege::Siege;
use crate::stage::{Stage, token};

/// What a round came to.
#[derive(Clone, Copy, Debug, Default)]
struct Round {
    /// The owner's session, in the attacker's hands.
    fixed: usize,
    /// Whether the owner is in, each time.
    owner_in: usize,
}

/// Cookies that are planted in a round.
const PLANTED: usize = 3;

pub async fn play(stage: &Stage<'_>) -> Result<Finding> {
    let rounds = stage.of(5, 30);
    let place = stage.open_wide(&[]).await?;
    let siege = Siege::begin(&place).await?;
    let mut dice = stage.dice();
    let rounds: Vec<_> = (0..rounds)
        .map(|at| round(&place, at, token(&mut dice)))
        .collect();
    let played = stage.few(4, rounds.into_iter()).await?;
    let mut finding = siege.end(played.len() * PLANTED).await?;
    finding.none(
        "session fixed",
        played.iter().map(|round| round.fixed).sum(),
    );
    finding.all(
        "owners in",
        played.iter().map(|round| round.owner_in).sum(),
        played.len() * PLANTED,
    );
    Ok(finding)
}

async fn round(place: &Place, at: usize, invented: String) -> Result<Round> {
    let mut attacker = place.browser().at(address(at * 16));
    let is_in = attacker
        .sign_in("sign-up", &number(500 + at * 4, 0))
        .await?;
    let own = attacker
        .cookie(SESSION)
        .filter(|_| is_in)
        .context("the attacker has no session")?
        .to_owned();
    let attackers = attacker.who().await?;

    let mut round = Round::default();
    for (at_cookie, planted) in [&invented, &own].into_iter().enumerate() {
        let mut owner = place.browser().at(address(at * 16 + 1 + at_cookie));
        owner.plant(SESSION, planted);
        let is_in = owner
            .sign_in("sign-up", &number(500 + at * 4 + 1 + at_cookie, 0))
            .await?;
        let mut again = attacker.without_cookies();
        again.plant(SESSION, planted);
        let who = again.who().await?;
        // The attacker may be whoever they were, or nobody any more.
        let became = owner.cookie(SESSION) == Some(planted.as_str())
            || who.is_some_and(|who| Some(who) != attackers);
        round.fixed += usize::from(became);
        round.owner_in += usize::from(is_in);
    }

    let (phone, mut owner) = (
        number(500 + at * 4 + 3, 0),
        place.browser().at(address(at * 16 + 4)),
    );
    let mut attacker = attacker.without_cookies();
    let code = attacker
        .begin("sign-up", &phone)
        .await?
        .context("the attacker's flow has no code")?;
    let flow = attacker
        .cookie(FLOW)
        .context("the attacker has no flow")?
        .to_owned();
    owner.plant(FLOW, &flow);
    // The owner's own request changes nothing: a code is on its way. It is typed here.
    owner.ask(&phone).await?;
    round.owner_in +=
        usize::from(owner.verify(&code).await?.is_ok() && owner.who().await?.is_some());
    let taken = attacker.verify(&code).await?.is_ok() || attacker.who().await?.is_some();
    round.fixed += usize::from(taken || owner.cookie(SESSION) == Some(flow.as_str()));
    Ok(round)
}
