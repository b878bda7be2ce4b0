//! Replays flow cookies.
//!
//! A flow ends with the sign-in, and a code is valid only in the flow that it was sent for. The
//! server accepts only cookies that it issued (requirements C3, C10). The limits of country and
//! service are lifted, because there are many new victims.

use anyhow::{Context, Result};

use crate::browser::{DEVICE_COOKIE, FLOW_COOKIE, SESSION_COOKIE};
use crate::context::{AttackContext, random_token};
use crate::environment::Environment;
use crate::finding::Finding;
use crate::fixtures::{client_address, phone_number};
use crate::measurement::Measurement;

/// Random cookies of a round.
const RANDOM_COOKIES: usize = 10;

#[derive(Clone, Copy, Debug, Default)]
struct ReplayRound {
    attempts: usize,
    attacker_sign_ins: usize,
    /// Whether the victim could sign in with the code.
    victim_signed_in: bool,
}

pub async fn run(context: &AttackContext<'_>) -> Result<Finding> {
    let rounds = context.scaled(5, 50);
    let environment = context
        .start_environment_without_service_limits(&[])
        .await?;
    let measurement = Measurement::start(&environment).await?;
    let mut rng = context.rng();
    let rounds: Vec<_> = (0..rounds)
        .map(|index| {
            let forged = (0..RANDOM_COOKIES)
                .map(|_| random_token(&mut rng))
                .collect();
            run_round(&environment, index, forged)
        })
        .collect();
    let results = context.run_concurrently(8, rounds.into_iter()).await?;
    let mut finding = measurement
        .finish(results.iter().map(|round| round.attempts).sum())
        .await?;

    // The victim's own, and one for the attacker's flow.
    finding.check_at_most(
        "verifies",
        finding.upstream.verifies,
        u64::try_from(results.len() * 2)?,
    );
    finding.check_none(
        "attacker in",
        results.iter().map(|round| round.attacker_sign_ins).sum(),
    );
    finding.check_all(
        "victims in",
        results
            .iter()
            .filter(|round| round.victim_signed_in)
            .count(),
        results.len(),
    );
    Ok(finding)
}

async fn run_round(
    environment: &Environment,
    index: usize,
    mut forged: Vec<String>,
) -> Result<ReplayRound> {
    let (victim_phone, attacker_phone) =
        (phone_number(200 + index, 1), phone_number(300 + index, 2));
    let browser = |host: usize| {
        environment
            .browser()
            .with_address(client_address(index * 16 + host))
    };
    let mut victim = browser(0);
    let code = victim
        .request_code("sign-up", &victim_phone)
        .await?
        .context("the victim gets no code")?;
    let flow = victim
        .cookie(FLOW_COOKIE)
        .context("the victim has no flow")?
        .to_owned();
    let mut round = ReplayRound::default();

    // The attacker knows the code. They use it in a flow for their own number, and in a flow for
    // the victim's number for which nothing was sent.
    let mut other_number = browser(1);
    other_number
        .request_code("sign-up", &attacker_phone)
        .await?
        .context("the attacker gets no code")?;
    let mut other_flow = browser(2);
    other_flow.send_code(&victim_phone).await?;
    for attacker in [&mut other_number, &mut other_flow] {
        round.attempts += 1;
        round.attacker_sign_ins += usize::from(attacker.verify_code(&code).await?.is_ok());
    }

    // Cookies that the server did not issue, and an issued one under other names.
    forged.extend(altered_cookies(&flow));
    for cookie in forged {
        let mut attacker = browser(3);
        attacker.set_cookie(FLOW_COOKIE, &cookie);
        round.attempts += 1;
        round.attacker_sign_ins += usize::from(attacker.verify_code(&code).await?.is_ok());
    }
    let mut attacker = browser(4);
    [SESSION_COOKIE, DEVICE_COOKIE]
        .iter()
        .for_each(|name| attacker.set_cookie(name, &flow));
    round.attempts += 1;
    round.attacker_sign_ins += usize::from(attacker.signed_in_subject().await?.is_some());

    round.victim_signed_in =
        victim.verify_code(&code).await?.is_ok() && victim.signed_in_subject().await?.is_some();

    // The flow has ended: in another browser, and in the victim's browser.
    let mut victim_again = victim.without_cookies();
    for attacker in [&mut browser(5), &mut victim_again] {
        attacker.set_cookie(FLOW_COOKIE, &flow);
        round.attempts += 1;
        round.attacker_sign_ins += usize::from(
            attacker.verify_code(&code).await?.is_ok()
                || attacker.signed_in_subject().await?.is_some(),
        );
    }
    Ok(round)
}

/// The cookie with one character changed, cut, doubled, padded, quoted and in lower case.
fn altered_cookies(cookie: &str) -> Vec<String> {
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
    fn altered_cookies_differ_from_the_cookie() {
        let cookie = "ABcd";
        assert!(
            altered_cookies(cookie)
                .iter()
                .all(|altered| altered != cookie)
        );
        assert_eq!(altered_cookies(cookie)[0], "BBcd");
    }
}
