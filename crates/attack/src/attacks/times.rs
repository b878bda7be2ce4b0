//! Compares response times for known, unknown, locked, inactive and limited numbers, at both steps
//! (requirement E2).
//!
//! Upstream has a different latency for each account state. Then its latency for one state at a
//! time is just under, on and over the first step of `sign_in.refuse_after`. All states are
//! measured in each round, in random order, and every two samples of times are compared. The
//! statistical test asks whether both come from the same distribution, so a busy machine does not
//! matter.
//!
//! The limits of the service are lifted, because the attack needs more requests than they allow.

use std::collections::BTreeMap;
use std::ops::Range;
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
const SHORT_DELAYS: Delays = Delays {
    settings: [
        ("sign_in.answer_after", "500ms"),
        ("sign_in.refuse_after", "600ms,3s,10s"),
    ],
    first_step: 600,
};
const DEFAULT_DELAYS: Delays = Delays {
    settings: [
        ("sign_in.answer_after", "1s"),
        ("sign_in.refuse_after", "1500ms,5s,10s"),
    ],
    first_step: 1500,
};
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

/// What is added to the first step for upstream's latency, in milliseconds.
const NEAR_THE_STEP: [i64; 4] = [-250, -50, 0, 50];
/// The cases of the sandbox that are as slow as that, one at a time.
const SLOW_CASES: [&str; 2] = ["wrong", "locked"];

struct Delays {
    settings: [(&'static str, &'static str); 2],
    /// The first of `sign_in.refuse_after`, in milliseconds.
    first_step: u64,
}

/// Response times of send and verify.
type Times = [Duration; 2];

type Samples = BTreeMap<AccountState, [Vec<Duration>; 2]>;

pub async fn run(context: &AttackContext<'_>) -> Result<Finding> {
    let rounds = context.scaled(40, 300);
    let delays = if context.is_short() {
        SHORT_DELAYS
    } else {
        DEFAULT_DELAYS
    };
    let environment = context
        .start_environment_without_service_limits(&delays.settings)
        .await?;
    set_latencies(&environment, &["otp_send", "otp_authenticate"]).await?;

    let measurement = Measurement::start(&environment).await?;
    let mut rng = context.rng();
    let far_samples = run_rounds(context, &environment, 0..rounds, &mut rng).await?;
    let (near_samples, end) =
        run_near_the_step(context, &environment, delays.first_step, rounds, &mut rng).await?;
    let mut finding = measurement
        .finish(end * AccountState::ALL.len() * 2)
        .await?;

    // Equal times prove something only if upstream was called. A limited number has the code of
    // another browser; known and locked numbers have codes to compare with.
    let (end, upstream) = (u64::try_from(end)?, finding.upstream);
    ensure!(
        upstream.sends >= end * 5 && upstream.verifies >= end * 2,
        "the numbers do not differ upstream"
    );
    let sends = sample_of(&far_samples, 0);
    let verifies = [&far_samples, &near_samples].map(|samples| sample_of(samples, 1));
    let pairs = all_pairs(&sends).chain(verifies.iter().flat_map(|sample| all_pairs(sample)));
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

/// Measures while upstream's latency for one state at a time is near the first step. Returns the
/// number of the next round, too.
async fn run_near_the_step(
    context: &AttackContext<'_>,
    environment: &Environment,
    first_step: u64,
    mut next_round: usize,
    rng: &mut Rng,
) -> Result<(Samples, usize)> {
    let rounds = context.scaled(4, 20);
    let mut samples = Samples::new();
    for offset in NEAR_THE_STEP {
        let latency = Duration::from_millis(first_step.saturating_add_signed(offset));
        for case in SLOW_CASES {
            set_latencies(environment, &["otp_authenticate"]).await?;
            environment
                .sandbox
                .set_latency("otp_authenticate", case, latency)
                .await?;
            let numbers = next_round..next_round + rounds;
            next_round = numbers.end;
            for (state, times) in run_rounds(context, environment, numbers, rng).await? {
                let sample = samples.entry(state).or_default();
                sample
                    .iter_mut()
                    .zip(times)
                    .for_each(|(sample, times)| sample.extend(times));
            }
        }
    }
    Ok((samples, next_round))
}

/// Sets the latencies of the operations that are far below the response times.
async fn set_latencies(environment: &Environment, operations: &[&str]) -> Result<()> {
    for (case, millis) in UPSTREAM_LATENCIES {
        for operation in operations {
            environment
                .sandbox
                .set_latency(operation, case, Duration::from_millis(millis))
                .await?;
        }
    }
    Ok(())
}

/// The sample of each state at one endpoint.
fn sample_of(samples: &Samples, endpoint: usize) -> Vec<&Vec<Duration>> {
    samples
        .values()
        .filter_map(|sample| sample.get(endpoint))
        .collect()
}

/// Measures the rounds with these numbers.
async fn run_rounds(
    context: &AttackContext<'_>,
    environment: &Environment,
    numbers: Range<usize>,
    rng: &mut Rng,
) -> Result<Samples> {
    let rounds: Vec<_> = numbers
        .map(|index| run_round(environment, index, rng.fork()))
        .collect();
    let mut samples = Samples::new();
    let measured = context.run_concurrently(CONCURRENCY, rounds.into_iter());
    for (state, times) in measured.await?.into_iter().flatten() {
        let sample = samples.entry(state).or_default();
        sample
            .iter_mut()
            .zip(times)
            .for_each(|(sample, time)| sample.push(time));
    }
    Ok(samples)
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
