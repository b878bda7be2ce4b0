//! Sets cookies in a browser before its owner signs in (session fixation).
//!
//! The cookies are an invented session, the attacker's own session, and a flow that the attacker
//! started for the owner's number. None of them becomes the owner's session (requirements K4, K5).
//! The limits of country and service are lifted, because there are many new owners.

use anyhow::{Context, Result};

use crate::browser::{FLOW_COOKIE, SESSION_COOKIE};
use crate::context::{AttackContext, random_token};
use crate::environment::Environment;
use crate::finding::Finding;
use crate::fixtures::{client_address, phone_number};
use crate::measurement::Measurement;

#[derive(Clone, Copy, Debug, Default)]
struct FixationRound {
    /// How many cookies gave the attacker the owner's session.
    fixed: usize,
    /// How often the owner could sign in.
    owner_in: usize,
}

/// Cookies of a round.
const COOKIES: usize = 3;

pub async fn run(context: &AttackContext<'_>) -> Result<Finding> {
    let rounds = context.scaled(5, 30);
    let environment = context
        .start_environment_without_service_limits(&[])
        .await?;
    let measurement = Measurement::start(&environment).await?;
    let mut rng = context.rng();
    let rounds: Vec<_> = (0..rounds)
        .map(|index| run_round(&environment, index, random_token(&mut rng)))
        .collect();
    let results = context.run_concurrently(4, rounds.into_iter()).await?;
    let mut finding = measurement.finish(results.len() * COOKIES).await?;
    finding.check_none(
        "session fixed",
        results.iter().map(|round| round.fixed).sum(),
    );
    finding.check_all(
        "owners in",
        results.iter().map(|round| round.owner_in).sum(),
        results.len() * COOKIES,
    );
    Ok(finding)
}

async fn run_round(
    environment: &Environment,
    index: usize,
    invented: String,
) -> Result<FixationRound> {
    let mut attacker = environment
        .browser()
        .with_address(client_address(index * 16));
    let is_signed_in = attacker
        .sign_in("sign-up", &phone_number(500 + index * 4, 0))
        .await?;
    let own = attacker
        .cookie(SESSION_COOKIE)
        .filter(|_| is_signed_in)
        .context("the attacker has no session")?
        .to_owned();
    let attacker_subject = attacker.signed_in_subject().await?;

    let mut round = FixationRound::default();
    for (position, cookie) in [&invented, &own].into_iter().enumerate() {
        let mut owner = environment
            .browser()
            .with_address(client_address(index * 16 + 1 + position));
        owner.set_cookie(SESSION_COOKIE, cookie);
        let is_signed_in = owner
            .sign_in("sign-up", &phone_number(500 + index * 4 + 1 + position, 0))
            .await?;
        let mut other_browser = attacker.without_cookies();
        other_browser.set_cookie(SESSION_COOKIE, cookie);
        let subject = other_browser.signed_in_subject().await?;
        // The attacker may still be signed in as themselves, or not at all.
        let is_fixed = owner.cookie(SESSION_COOKIE) == Some(cookie.as_str())
            || subject.is_some_and(|subject| Some(subject) != attacker_subject);
        round.fixed += usize::from(is_fixed);
        round.owner_in += usize::from(is_signed_in);
    }

    let (phone, mut owner) = (
        phone_number(500 + index * 4 + 3, 0),
        environment
            .browser()
            .with_address(client_address(index * 16 + 4)),
    );
    let mut attacker = attacker.without_cookies();
    let code = attacker
        .request_code("sign-up", &phone)
        .await?
        .context("the attacker's flow has no code")?;
    let flow = attacker
        .cookie(FLOW_COOKIE)
        .context("the attacker has no flow")?
        .to_owned();
    owner.set_cookie(FLOW_COOKIE, &flow);
    // The owner's own request sends nothing, because the flow has a code. The owner verifies it.
    owner.send_code(&phone).await?;
    round.owner_in += usize::from(
        owner.verify_code(&code).await?.is_ok() && owner.signed_in_subject().await?.is_some(),
    );
    let attacker_in =
        attacker.verify_code(&code).await?.is_ok() || attacker.signed_in_subject().await?.is_some();
    round.fixed += usize::from(attacker_in || owner.cookie(SESSION_COOKIE) == Some(flow.as_str()));
    Ok(round)
}
