//! Plants cookies from a sibling host (cookie tossing, RFC 6265 §8.6).
//!
//! Browsers refuse a planted cookie under a name of ours, because of its `__Host-`. They accept a
//! name that only looks the same to a parser that strips Unicode white space, and may send it
//! first. It must neither sign the owner in as the attacker nor sign the owner out. An older
//! browser also accepts our own names. Then the cookie comes twice, and must not expire the genuine
//! one.

use anyhow::{Context, Result};

use crate::browser::{Browser, DEVICE_COOKIE, FLOW_COOKIE, SESSION_COOKIE};
use crate::context::AttackContext;
use crate::environment::Environment;
use crate::finding::Finding;
use crate::fixtures::{client_address, phone_number};
use crate::measurement::Measurement;

/// What stands before a name of ours: white space of Unicode in UTF-8 and in single bytes, and
/// characters that parsers strip or fold.
const PREFIXES: [&[u8]; 12] = [
    "\u{2000}".as_bytes(),
    "\u{200a}".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{3000}".as_bytes(),
    "\u{a0}".as_bytes(),
    "\u{85}".as_bytes(),
    "\u{feff}".as_bytes(),
    b"\xa0",
    b"\x85",
    b"\t\xa0 ",
    b"\"",
    b"$",
];

#[derive(Clone, Copy, Debug, Default)]
struct TossingRound {
    attempts: usize,
    /// Requests that were answered as the attacker.
    as_attacker: usize,
    /// Lookalikes that signed the owner out.
    signed_out: usize,
    /// Genuine cookies that a response expired.
    expired: usize,
    /// Whether the owner could sign in under planted cookies, and is signed in afterwards.
    owner_in: usize,
}

/// Sign-ins of a round that must succeed.
const OWNERS: usize = 2;

pub async fn run(context: &AttackContext<'_>) -> Result<Finding> {
    let rounds = context.scaled(4, 20);
    let environment = context
        .start_environment_without_service_limits(&[])
        .await?;
    let measurement = Measurement::start(&environment).await?;
    let rounds: Vec<_> = (0..rounds)
        .map(|index| run_round(&environment, index))
        .collect();
    let results = context.run_concurrently(4, rounds.into_iter()).await?;
    let sum = |count: fn(&TossingRound) -> usize| results.iter().map(count).sum::<usize>();
    let mut finding = measurement.finish(sum(|round| round.attempts)).await?;
    finding.check_none("session of the attacker", sum(|round| round.as_attacker));
    finding.check_none("owner signed out", sum(|round| round.signed_out));
    finding.check_none("cookie expired", sum(|round| round.expired));
    finding.check_all(
        "owners in",
        sum(|round| round.owner_in),
        results.len() * OWNERS,
    );
    Ok(finding)
}

async fn run_round(environment: &Environment, index: usize) -> Result<TossingRound> {
    let browser = |host: usize| {
        environment
            .browser()
            .with_address(client_address(index * 16 + host))
    };
    let phone = |which: usize| phone_number(700 + index * 4 + which, 0);
    let (mut attacker, mut owner) = (browser(0), browser(1));
    for (person, phone) in [(&mut attacker, phone(0)), (&mut owner, phone(1))] {
        let is_signed_in = person.sign_in("sign-up", &phone).await?;
        anyhow::ensure!(is_signed_in, "a person cannot sign in before the attack");
    }
    // The attacker's own session and a flow of the attacker's are what is planted.
    attacker
        .request_code("sign-up", &phone(2))
        .await?
        .context("the attacker's flow has no code")?;
    let attackers_subject = attacker.signed_in_subject().await?;
    let owners_subject = owner.signed_in_subject().await?;
    let mut round = TossingRound::default();
    for prefix in PREFIXES {
        let mut target = owner.clone().with_planted(&planted(&attacker, prefix)?)?;
        let subject = target.signed_in_subject().await?;
        round.attempts += 1;
        round.as_attacker += usize::from(subject.is_some() && subject == attackers_subject);
        round.signed_out += usize::from(subject != owners_subject);
        round.expired += visit_and_count_expired(&mut target, &owner).await?;
    }
    // Under our own names: every cookie comes twice.
    let mut target = owner.clone().with_planted(&planted(&attacker, b"")?)?;
    let subject = target.signed_in_subject().await?;
    round.attempts += 1;
    round.as_attacker += usize::from(subject.is_some() && subject == attackers_subject);
    round.expired += visit_and_count_expired(&mut target, &owner).await?;

    round.owner_in += usize::from(owner.signed_in_subject().await? == owners_subject);
    let [odd, ..] = PREFIXES;
    let mut newcomer = browser(2).with_planted(&planted(&attacker, odd)?)?;
    round.owner_in += usize::from(
        newcomer.sign_in("sign-up", &phone(3)).await?
            && newcomer.signed_in_subject().await? != attackers_subject,
    );
    Ok(round)
}

/// The attacker's cookies under our names with a prefix, as one line.
fn planted(attacker: &Browser, prefix: &[u8]) -> Result<Vec<u8>> {
    let pairs: Vec<Vec<u8>> = [SESSION_COOKIE, FLOW_COOKIE, DEVICE_COOKIE]
        .into_iter()
        .map(|name| {
            let value = attacker
                .cookie(name)
                .context("the attacker has no cookie")?;
            Ok([prefix, name.as_bytes(), b"=", value.as_bytes()].concat())
        })
        .collect::<Result<_>>()?;
    Ok(pairs.join(b"; ".as_slice()))
}

/// Visits the pages and endpoints that expire cookies which name nothing, and counts the owner's
/// cookies that are gone then.
async fn visit_and_count_expired(target: &mut Browser, owner: &Browser) -> Result<usize> {
    for page in ["/account", "/sign-in", "/code"] {
        target.get(page).await?;
    }
    target.post("extend-session", &[]).await?;
    target.post("resend-code", &[]).await?;
    let names = [SESSION_COOKIE, DEVICE_COOKIE];
    let lost = names
        .into_iter()
        .filter(|name| target.cookie(name) != owner.cookie(name));
    Ok(lost.count())
}
