//! Forges client addresses, so that each message counts for another address, and identities, by the
//! headers in which proxies name the signed-in user (requirement S8).

use std::time::Duration;

use anyhow::{Context, Result};
use fastrand::Rng;
use reqwest::header::ORIGIN;
use reqwest::{Method, RequestBuilder};

use crate::browser::{Browser, CLIENT_ADDRESS_HEADER};
use crate::context::AttackContext;
use crate::environment::Environment;
use crate::expected_limits::windows_started;
use crate::finding::Finding;
use crate::fixtures::{client_address, phone_number};
use crate::measurement::Measurement;

/// Headers in which proxies name the client address.
const CLIENT_HEADERS: [&str; 7] = [
    "x-real-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "fastly-client-ip",
    "x-original-forwarded-for",
];
/// Headers in which proxies name the signed-in user.
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
/// Paths that need a session.
const PROTECTED_PATHS: [&str; 3] = ["/account", "/api/session", FORWARD_AUTH];
const FORWARD_AUTH: &str = "/forward-auth";
/// The identity that the attacker claims.
const FORGED_IDENTITY: &str = "somebody-else";
/// The real address of the attacker, as the proxy sees it.
const REAL_ADDRESS: &str = "203.0.113.9";

/// Whether requests come from a trusted proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Peer {
    /// Its headers are ignored.
    Untrusted,
    /// It appends the attacker's real address to the forged header.
    Trusted,
}

pub async fn run(context: &AttackContext<'_>) -> Result<Finding> {
    let from_untrusted_peer = spoof_addresses(context, Peer::Untrusted).await?;
    let behind_proxy = spoof_addresses(context, Peer::Trusted).await?;
    Ok(from_untrusted_peer
        .merge(behind_proxy)
        .merge(spoof_identities(context).await?))
}

/// Sends messages to many numbers from one address, with many forged addresses.
async fn spoof_addresses(context: &AttackContext<'_>, peer: Peer) -> Result<Finding> {
    let numbers = context.scaled(40, 200);
    let (trusted, what) = match peer {
        Peer::Untrusted => ("192.0.2.0/24", "SMS from a peer"),
        Peer::Trusted => ("127.0.0.0/8", "SMS behind a proxy"),
    };
    let environment = context
        .start_environment(&[("server.trusted_proxies", trusted)])
        .await?;
    for index in 0..numbers {
        environment
            .sandbox
            .set_user(&phone_number(100 + index, 0), "Active")
            .await?;
    }
    let measurement = Measurement::start(&environment).await?;
    let mut rng = context.rng();
    let attackers = (0..numbers).map(|index| {
        let mut browser = environment.browser();
        let form = [("phone", phone_number(100 + index, 0))];
        let request = browser
            .request(Method::POST, "/api/send-code")
            .form(&form)
            .header(ORIGIN, environment.origin());
        let request = with_forged_address(request, peer, &mut rng, index);
        async move { browser.send(request).await }
    });
    let attackers: Vec<_> = attackers.collect();
    context.run_all(attackers.into_iter()).await?;
    let mut finding = measurement.finish(numbers).await?;
    let hours = windows_started(Duration::from_secs(3600), finding.duration);
    finding.check_at_most(
        what,
        finding.upstream.messages,
        context.limits.count("guard.address_hourly")? * hours,
    );
    Ok(finding)
}

/// Adds a forged client address in one of several forms.
fn with_forged_address(
    mut request: RequestBuilder,
    peer: Peer,
    rng: &mut Rng,
    index: usize,
) -> RequestBuilder {
    let forged = client_address(rng.usize(..100_000)).to_string();
    request = request.header("forwarded", format!("for={forged};proto=https"));
    for header in CLIENT_HEADERS {
        request = request.header(header, &forged);
    }
    match (peer, index % 4) {
        (Peer::Untrusted, _) => request.header(CLIENT_ADDRESS_HEADER, forged),
        (Peer::Trusted, 0) => {
            request.header(CLIENT_ADDRESS_HEADER, format!("{forged}, {REAL_ADDRESS}"))
        }
        (Peer::Trusted, 1) => request
            .header(CLIENT_ADDRESS_HEADER, forged)
            .header(CLIENT_ADDRESS_HEADER, REAL_ADDRESS),
        (Peer::Trusted, 2) => request.header(
            CLIENT_ADDRESS_HEADER,
            format!("{forged}, unknown, {REAL_ADDRESS}:443"),
        ),
        (Peer::Trusted, _) => request.header(
            CLIENT_ADDRESS_HEADER,
            format!("{forged}, 127.0.0.1, {REAL_ADDRESS}, 127.0.0.1"),
        ),
    }
}

/// Claims an identity without a session, and another identity with a session.
async fn spoof_identities(context: &AttackContext<'_>) -> Result<Finding> {
    let environment = context.start_environment(&[]).await?;
    let mut user = environment.browser().with_address(client_address(0));
    user.sign_in("sign-up", &phone_number(7, 0)).await?;
    let real_subject = user
        .signed_in_subject()
        .await?
        .context("an honest user is not signed in")?;

    let measurement = Measurement::start(&environment).await?;
    let mut accepted = 0;
    for path in PROTECTED_PATHS {
        let response =
            request_with_identity_headers(&environment, &mut environment.browser(), path).await?;
        accepted += usize::from(response.is_some());
        let response = request_with_identity_headers(&environment, &mut user, path).await?;
        if path == FORWARD_AUTH {
            // It refuses a request that claims an identity, also with a session.
            accepted += usize::from(response.is_some());
            continue;
        }
        let response = response.context("a signed-in user is refused")?;
        accepted += usize::from(
            response.contains(FORGED_IDENTITY)
                || (path != "/account" && !response.contains(&real_subject)),
        );
    }
    let mut finding = measurement.finish(PROTECTED_PATHS.len() * 2).await?;
    finding.check_none("identity accepted", accepted);
    Ok(finding)
}

/// Returns head and body of the response if the request is accepted.
async fn request_with_identity_headers(
    environment: &Environment,
    browser: &mut Browser,
    path: &str,
) -> Result<Option<String>> {
    let request = IDENTITY_HEADERS.iter().fold(
        environment.browser().request(Method::GET, path),
        |request, header| request.header(*header, FORGED_IDENTITY),
    );
    let response = browser.send(request).await?;
    Ok(response
        .is_ok()
        .then(|| format!("{:?} {}", response.headers, response.body)))
}
