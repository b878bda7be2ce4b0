//! Compares the bytes of responses for known, unknown, locked, inactive and limited numbers.
//!
//! It compares both steps and the page between them, with and without JavaScript (requirements E1,
//! E4). The limits of country and service are lifted, because they would end the attack early.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;

use crate::account_state::AccountState;
use crate::browser::Browser;
use crate::context::{AttackContext, random_passcode};
use crate::environment::Environment;
use crate::finding::Finding;
use crate::fingerprint::fingerprint;
use crate::fixtures::{client_address, phone_number};
use crate::measurement::Measurement;

const STEPS: [&str; 7] = [
    "send-code",
    "the page",
    "verify-code",
    "the page again",
    "resend-code",
    "another verify-code",
    "sign-up",
];
/// A round that found a difference is repeated. Two responses can show different seconds because
/// a second passed between them.
const MAX_REPEATS: usize = 3;

pub async fn run(context: &AttackContext<'_>) -> Result<Finding> {
    let rounds = context.scaled(1, 10);
    let environment = context
        .start_environment_without_service_limits(&[])
        .await?;
    let measurement = Measurement::start(&environment).await?;
    let mut rng = context.rng();
    let mut differences = BTreeSet::new();
    let mut count = 0;
    context.add_steps(rounds * 2);
    for round in 0..rounds * 2 {
        let mut found = None;
        for _ in 0..MAX_REPEATS {
            let (index, guess) = (count, random_passcode(&mut rng));
            count += 1;
            let different = compare_accounts(&environment, index, &guess, round % 2 == 1).await?;
            // A real difference shows in every repeat.
            found = Some(found.map_or(different.clone(), |before: BTreeSet<_>| {
                &before & &different
            }));
            if found.as_ref().is_some_and(BTreeSet::is_empty) {
                break;
            }
        }
        differences.extend(found.into_iter().flatten());
        context.finish_step();
    }
    let mut finding = measurement
        .finish(count * STEPS.len() * AccountState::ALL.len())
        .await?;
    ensure!(
        finding.upstream.sends >= u64::try_from(count)? * 4,
        "the numbers do not differ upstream"
    );
    finding.check_none("response that differs", differences.len());
    Ok(finding)
}

/// The steps at which a response differs from that for a known number.
async fn compare_accounts(
    environment: &Environment,
    index: usize,
    guess: &str,
    without_javascript: bool,
) -> Result<BTreeSet<(AccountState, &'static str)>> {
    let mut browsers = Vec::new();
    for (position, state) in AccountState::ALL.into_iter().enumerate() {
        // All numbers have the same last digits, because pages show them.
        let (phone, address) = (
            phone_number(index * 8 + position, 56),
            client_address(index * 16 + position),
        );
        state
            .create_account(environment, &phone, client_address(index * 16 + 8))
            .await?;
        let browser = environment.browser().with_address(address);
        browsers.push((
            state,
            phone,
            if without_javascript {
                browser.without_javascript()
            } else {
                browser
            },
        ));
    }
    let mut different = BTreeSet::new();
    for step in STEPS {
        // Concurrently, because pages show the remaining time.
        let responses = browsers
            .iter_mut()
            .map(|(_, phone, browser)| fingerprint_of_step(browser, step, phone, guess));
        let responses = try_join_all(responses).await?;
        let for_known = responses.first();
        let differs = |response: &&String| Some(*response) != for_known;
        let states = browsers
            .iter()
            .zip(&responses)
            .filter(|(_, response)| differs(response));
        different.extend(states.map(|((state, ..), _)| (*state, step)));
    }
    Ok(different)
}

async fn fingerprint_of_step(
    browser: &mut Browser,
    step: &str,
    phone: &str,
    guess: &str,
) -> Result<String> {
    let response = match step {
        "send-code" => browser.send_code(phone).await?,
        "resend-code" => browser.post(step, &[]).await?,
        "verify-code" | "another verify-code" => browser.verify_code(guess).await?,
        // In another browser at the same address, because this one has an active flow.
        "sign-up" => {
            browser
                .without_cookies()
                .post(step, &[("phone", phone), ("name", "Ada")])
                .await?
        }
        _ => browser.clone().without_javascript().get("/code").await?,
    };
    Ok(fingerprint(&response))
}
