//! Claims to be elsewhere, so that every message has an address of its own to be counted under; or
//! to be somebody, by the headers in which a proxy names to applications who is signed in
//! (requirement S8).

use std::time::Duration;

use anyhow::{Context, Result};
use fastrand::Rng;
use reqwest::header::ORIGIN;
use reqwest::{Method, RequestBuilder};

use crate::browser::{Browser, CLIENT_ADDRESS};
use crate::finding::Finding;
use crate::numbers::{address, number};
use crate::place::Place;
use crate::promises::windows;
use crate::siege::Siege;
use crate::stage::Stage;

/// Headers in which proxies of the world name a client.
const CLIENT_HEADERS: [&str; 7] = [
    "x-real-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "fastly-client-ip",
    "x-original-forwarded-for",
];
/// Headers in which proxies name who is signed in.
const IDENTITY_HEADERS: [&str; 8] = [
    "x-auth-request-user",
    "x-auth-request-phone",
    "x-auth-request-groups",
    "x-auth-request-jwt",
    "x-forwarded-user",
    "x-forwarded-groups",
    "x-remote-user",
    "remote-user",
];
/// Who answers only to somebody who is signed in.
const GUARDED: [&str; 3] = ["/account", "/api/session", "/forward-auth"];
/// Who the attacker claims to be.
const NOBODY: &str = "somebody-else";
/// Where the attacker truly is, as the proxy has it.
const TRULY: &str = "203.0.113.9";

/// Whether requests come from a proxy that is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Peer {
    /// It is none: what it claims is nothing.
    Untrusted,
    /// It adds the attacker's address to what the attacker claims.
    Trusted,
}

pub async fn play(stage: &Stage<'_>) -> Result<Finding> {
    let from_anywhere = posts(stage, Peer::Untrusted).await?;
    let behind_a_proxy = posts(stage, Peer::Trusted).await?;
    Ok(from_anywhere
        .and(behind_a_proxy)
        .and(somebody(stage).await?))
}

/// Messages to many numbers from one address that claims to be many.
async fn posts(stage: &Stage<'_>, peer: Peer) -> Result<Finding> {
    let numbers = stage.of(40, 200);
    let (trusted, what) = match peer {
        Peer::Untrusted => ("192.0.2.0/24", "SMS from a peer"),
        Peer::Trusted => ("127.0.0.0/8", "SMS behind a proxy"),
    };
    let place = stage.open(&[("server.trusted_proxies", trusted)]).await?;
    for at in 0..numbers {
        place.sandbox.user(&number(100 + at, 0), "Active").await?;
    }
    let siege = Siege::begin(&place).await?;
    let mut dice = stage.dice();
    let attackers = (0..numbers).map(|at| {
        let mut browser = place.browser();
        let form = [("phone", number(100 + at, 0))];
        let request = browser
            .request(Method::POST, "/api/send-code")
            .form(&form)
            .header(ORIGIN, place.origin());
        let request = claimed(request, peer, &mut dice, at);
        async move { browser.send(request).await }
    });
    let attackers: Vec<_> = attackers.collect();
    stage.crowd(attackers.into_iter()).await?;
    let mut finding = siege.end(numbers).await?;
    let hours = windows(Duration::from_secs(3600), finding.took);
    finding.at_most(
        what,
        finding.reached.messages,
        stage.promises.count("guard.address_hourly")? * hours,
    );
    Ok(finding)
}

/// A request that claims to come from somewhere else, in one of several ways.
fn claimed(mut request: RequestBuilder, peer: Peer, dice: &mut Rng, at: usize) -> RequestBuilder {
    let claim = address(dice.usize(..100_000)).to_string();
    request = request.header("forwarded", format!("for={claim};proto=https"));
    for header in CLIENT_HEADERS {
        request = request.header(header, &claim);
    }
    match (peer, at % 4) {
        (Peer::Untrusted, _) => request.header(CLIENT_ADDRESS, claim),
        (Peer::Trusted, 0) => request.header(CLIENT_ADDRESS, format!("{claim}, {TRULY}")),
        (Peer::Trusted, 1) => request
            .header(CLIENT_ADDRESS, claim)
            .header(CLIENT_ADDRESS, TRULY),
        (Peer::Trusted, 2) => {
            request.header(CLIENT_ADDRESS, format!("{claim}, unknown, {TRULY}:443"))
        }
        (Peer::Trusted, _) => request.header(
            CLIENT_ADDRESS,
            format!("{claim}, 127.0.0.1, {TRULY}, 127.0.0.1"),
        ),
    }
}

/// Claims to be signed in, and to be somebody else than who is.
async fn somebody(stage: &Stage<'_>) -> Result<Finding> {
    let place = stage.open(&[]).await?;
    let mut person = place.browser().at(address(0));
    person.sign_in("sign-up", &number(7, 0)).await?;
    let truly = person
        .who()
        .await?
        .context("an honest person is not signed in")?;

    let siege = Siege::begin(&place).await?;
    let mut believed = 0;
    for path in GUARDED {
        let answer = claim_identity(&place, &mut place.browser(), path).await?;
        believed += usize::from(answer.is_some());
        let answer = claim_identity(&place, &mut person, path).await?;
        let told = answer.context("who is signed in is refused")?;
        believed +=
            usize::from(told.contains(NOBODY) || (path != "/account" && !told.contains(&truly)));
    }
    let mut finding = siege.end(GUARDED.len() * 2).await?;
    finding.none("identity believed", believed);
    Ok(finding)
}

/// What is answered, head and body, if anybody is let in.
async fn claim_identity(
    place: &Place,
    browser: &mut Browser,
    path: &str,
) -> Result<Option<String>> {
    let request = IDENTITY_HEADERS.iter().fold(
        place.browser().request(Method::GET, path),
        |request, header| request.header(*header, NOBODY),
    );
    let answer = browser.send(request).await?;
    Ok(answer
        .is_ok()
        .then(|| format!("{:?} {}", answer.headers, answer.body)))
}
