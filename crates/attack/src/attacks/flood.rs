//! Posts forged, invalid and oversized forms, half of them from one address.
//!
//! None reaches upstream, little is written, memory stays bounded, and honest users can sign in
//! meanwhile (requirements H1, H9).

use std::time::Duration;

use anyhow::Result;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, ORIGIN};
use reqwest::{Method, RequestBuilder};

use crate::browser::{Browser, FLOW_COOKIE, SESSION_COOKIE};
use crate::clock;
use crate::context::{AttackContext, random_passcode, random_token};
use crate::environment::Environment;
use crate::finding::Finding;
use crate::fixtures::{client_address, phone_number};
use crate::measurement::Measurement;
use crate::sandbox::UpstreamCounts;

/// Honest users who sign up meanwhile.
const HONEST_USERS: usize = 10;
/// Addresses of the second half.
const ADDRESSES: usize = 5000;
/// Allowed growth of memory, in KB. Most of it is kept by the allocator for the next burst.
const MAX_MEMORY_KB: u64 = 32_000;
/// Allowed growth of files, in KB. Most of it is audit events: sixty of each kind a minute.
const MAX_WRITTEN_KB: u64 = 4_000;
const KB: u64 = 1_000;

const FORM_TYPE: &str = "application/x-www-form-urlencoded";
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

pub async fn run(context: &AttackContext<'_>) -> Result<Finding> {
    let posts = context.scaled(3000, 30_000);
    let environment = context.start_environment(&[]).await?;
    let mut user = environment.browser().with_address(client_address(0));
    user.sign_in("sign-up", &phone_number(8, 0)).await?;

    let measurement = Measurement::start(&environment).await?;
    let (memory_before, written_before) =
        (environment.resident_memory(), environment.written_bytes()?);
    let mut rng = context.rng();
    let forged: Vec<_> = (0..posts)
        .map(|index| {
            let client = if index % 2 == 0 {
                client_address(1)
            } else {
                client_address(2 + index / 2 % ADDRESSES)
            };
            forge_request(
                &environment,
                environment.browser().with_address(client),
                index / 2,
                &random_token(&mut rng),
                &random_passcode(&mut rng),
            )
        })
        .collect();
    let attackers = forged.into_iter().map(|(mut browser, request)| async move {
        // A refusal before the end of an oversized form may close the connection.
        Ok(browser
            .send(request)
            .await
            .is_ok_and(|response| response.is_ok()))
    });
    let (accepted, signed_in) = tokio::try_join!(
        context.run_all(attackers),
        sign_up_honest_users(&environment)
    )?;
    let mut finding = measurement.finish(posts).await?;
    let honest_users = u64::try_from(HONEST_USERS)?;
    let UpstreamCounts {
        creations,
        sends,
        verifies,
        messages,
    } = finding.upstream;
    finding.upstream = UpstreamCounts {
        creations: 0,
        sends,
        verifies,
        messages,
    } - UpstreamCounts {
        creations: 0,
        sends: honest_users,
        verifies: honest_users,
        messages: honest_users,
    };

    let calls = creations + sends + verifies;
    finding.check_at_most("calls upstream", calls.saturating_sub(3 * honest_users), 0);
    finding.check_none(
        "post accepted",
        accepted
            .into_iter()
            .filter(|is_accepted| *is_accepted)
            .count(),
    );
    finding.check_at_most(
        "KB written",
        environment.written_bytes()?.saturating_sub(written_before) / KB,
        MAX_WRITTEN_KB,
    );
    if let Some((before, after)) = memory_before.zip(environment.resident_memory()) {
        finding.check_at_most(
            "KB of memory",
            after.saturating_sub(before) / KB,
            MAX_MEMORY_KB,
        );
    }
    finding.check_all("honest users in", signed_in, HONEST_USERS);
    Ok(finding)
}

/// How many honest users can sign up, one after another.
async fn sign_up_honest_users(environment: &Environment) -> Result<usize> {
    let mut signed_in = 0;
    for index in 0..HONEST_USERS {
        let mut user = environment
            .browser()
            .with_address(client_address(10_000 + index));
        signed_in += usize::from(user.sign_in("sign-up", &phone_number(9, index)).await?);
        clock::sleep(Duration::from_millis(200)).await;
    }
    Ok(signed_in)
}

/// One of several kinds of requests, all of which must be refused.
fn forge_request(
    environment: &Environment,
    mut browser: Browser,
    kind: usize,
    token: &str,
    code: &str,
) -> (Browser, RequestBuilder) {
    let post = |endpoint: &str| {
        environment
            .browser()
            .request(Method::POST, &format!("/api/{endpoint}"))
    };
    let same_origin = |endpoint: &str| post(endpoint).header(ORIGIN, environment.origin());
    let form = [("phone", phone_number(10, kind))];
    let request = match kind % 12 {
        0 => post("send-code")
            .form(&form)
            .header(ORIGIN, "https://evil.example"),
        1 => post("sign-up").form(&form),
        2 => same_origin("send-code")
            .form(&form)
            .header(SEC_FETCH_SITE, "cross-site"),
        3 => post("send-code")
            .form(&form)
            .headers(two_origins(environment)),
        4 => same_origin("send-code")
            .header(CONTENT_TYPE, FORM_TYPE)
            .body(b"phone=\xff\xfe".to_vec()),
        5 => same_origin("send-code")
            .header(CONTENT_TYPE, "application/json")
            .body("{\"phone\":\"+447400123456\"}"),
        6 => same_origin("sign-up")
            .header(CONTENT_TYPE, FORM_TYPE)
            .body(vec![b'a'; 64 * 1024]),
        7 => same_origin("send-code").form(&[("phone", "<script>")]),
        8 => same_origin("send-code").form(&[("country", "GB")]),
        9 => same_origin("resend-code").form(&[("phone", "")]),
        10 => same_origin("revoke-session").form(&[("id", "others")]),
        _ => same_origin("verify-code").form(&[("code", code)]),
    };
    browser.set_cookie(FLOW_COOKIE, token);
    browser.set_cookie(SESSION_COOKIE, token);
    (browser, request)
}

/// Two `Origin` headers: the server's own, and another one.
fn two_origins(environment: &Environment) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for origin in [environment.origin(), "https://evil.example"] {
        if let Ok(value) = origin.parse() {
            headers.append(ORIGIN, value);
        }
    }
    headers
}
