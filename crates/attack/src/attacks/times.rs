//! Compares response times for known, unknown, locked, inactive and limited numbers, at both steps
//! (requirement E2).
//!
//! Upstream has a different latency for each account state. All states are measured in each round,
//! in random order, and every two samples of times are compared. The statistical test asks whether
//! both come from the same distribution, so a busy machine does not matter.
//!
//! The limits of the service are lifted, because the attack needs more requests than they allow.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, ensure};
use fastrand::Rng;
use futures_util::future::try_join_all;

use crate::account_state::AccountState;
use crate::browser::HttpResponse;
use crate::context::{AttackContext, random_passcode};
use crate::environment::Environment;
use crate::finding::Finding;
use crate::fixtures::{client_address, phone_number};
use crate::measurement::Measurement;
use latchkey_testkit::kolmogorov_smirnov::{all_pairs, compare, holm_correction};

/// Shorter response times for a short attack. A long one uses the defaults.
const SHORT_DELAYS: [(&str, &str); 2] = [
    ("sign_in.answer_after", "500ms"),
    ("sign_in.refuse_after", "600ms,3s,10s"),
];
const DEFAULT_DELAYS: [(&str, &str); 2] = [
    ("sign_in.answer_after", "1s"),
    ("sign_in.refuse_after", "1500ms,5s,10s"),
];
/// Upstream latencies in milliseconds. They are far below the fixed response times, so that a busy
/// machine meets these.
const UPSTREAM_LATENCIES: [(&str, u64); 5] = [
    ("known", 200),
    ("unknown", 5),
    ("locked", 120),
    ("inactive", 60),
    ("wrong", 200),
];
/// Probability that any two samples of the same distribution are found different.
const SIGNIFICANCE: f64 = 0.001;
const CONCURRENCY: usize = 5;

/// Response times of send and verify.
type Times = [Duration; 2];

pub async fn run(context: &AttackContext<'_>) -> Result<Finding> {
    let rounds = context.scaled(40, 300);
    let environment = context
        .start_environment_without_service_limits(if context.is_short() {
            &SHORT_DELAYS
        } else {
            &DEFAULT_DELAYS
        })
        .await?;
    for (case, millis) in UPSTREAM_LATENCIES {
        for operation in ["otp_send", "otp_authenticate"] {
            environment
                .sandbox
                .set_latency(operation, case, Duration::from_millis(millis))
                .await?;
        }
    }

    let measurement = Measurement::start(&environment).await?;
    let mut rng = context.rng();
    let measured_rounds: Vec<_> = (0..rounds)
        .map(|index| run_round(&environment, index, rng.fork()))
        .collect();
    let mut samples: BTreeMap<AccountState, [Vec<Duration>; 2]> = BTreeMap::new();
    for (state, times) in context
        .run_concurrently(CONCURRENCY, measured_rounds.into_iter())
        .await?
        .into_iter()
        .flatten()
    {
        let sample = samples.entry(state).or_default();
        sample
            .iter_mut()
            .zip(times)
            .for_each(|(sample, time)| sample.push(time));
    }
    let mut finding = measurement
        .finish(rounds * AccountState::ALL.len() * 2)
        .await?;

    // Equal times prove something only if upstream was called. A limited number has the code of
    // another browser; known and locked numbers have codes to compare with.
    let (rounds, upstream) = (u64::try_from(rounds)?, finding.upstream);
    ensure!(
        upstream.sends >= rounds * 5 && upstream.verifies >= rounds * 2,
        "the numbers do not differ upstream"
    );
    let samples: Vec<_> = samples.into_values().collect();
    let [sends, verifies] = [0, 1].map(|step| {
        samples
            .iter()
            .filter_map(|sample| sample.get(step))
            .collect::<Vec<_>>()
    });
    let pairs = all_pairs(&sends).chain(all_pairs(&verifies));
    let p_values: Vec<f64> = pairs
        .map(|(first, second)| compare(first, second).p_value)
        .collect();
    finding.check_none(
        "distinguishable pair",
        holm_correction(&p_values)
            .into_iter()
            .filter(|p_value| *p_value < SIGNIFICANCE)
            .count(),
    );
    Ok(finding)
}

/// Sends a code to a number of each state, concurrently and in random order, and then verifies a
/// wrong code of each.
async fn run_round(
    environment: &Environment,
    index: usize,
    mut rng: Rng,
) -> Result<Vec<(AccountState, Times)>> {
    let mut states = AccountState::ALL;
    rng.shuffle(&mut states);
    let mut browsers = Vec::new();
    for (position, state) in states.into_iter().enumerate() {
        let (phone, address) = (
            phone_number(index * 8 + position, 56),
            client_address(index * 16 + position),
        );
        state
            .create_account(environment, &phone, client_address(index * 16 + 8))
            .await?;
        browsers.push((state, phone, environment.browser().with_address(address)));
    }
    let sent = try_join_all(
        browsers
            .iter_mut()
            .map(|(_, phone, browser)| browser.send_code(phone)),
    )
    .await?;
    let guesses: Vec<_> = browsers.iter().map(|_| random_passcode(&mut rng)).collect();
    let guesses = browsers
        .iter_mut()
        .zip(&guesses)
        .map(|((.., browser), guess)| browser.verify_code(guess));
    let refused = try_join_all(guesses).await?;
    ensure!(
        sent.iter().all(HttpResponse::is_ok),
        "a code cannot be requested"
    );
    ensure!(
        refused.iter().all(|response| response.status == 401),
        "a wrong code is not refused with 401"
    );
    let times = sent
        .iter()
        .zip(&refused)
        .map(|(sent, refused)| [sent, refused].map(|response| response.duration));
    Ok(browsers
        .iter()
        .map(|(state, ..)| *state)
        .zip(times)
        .collect())
}
