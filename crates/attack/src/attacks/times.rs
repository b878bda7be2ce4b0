//! Tells known, unknown, locked, inactive and limited numbers apart by the time that answers take,
//! at both steps (requirement E2). Upstream takes its time, for each case another; all cases are
//! asked about in turn, in an order that the dice make, and every two samples of times are
//! compared. The test asks whether they come from one distribution, whatever that is: on a busy
//! machine all are late alike.
//!
//! So many questions are more than the budgets of the service allow. They are lifted here, which
//! only helps the attacker.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, ensure};
use fastrand::Rng;
use futures_util::future::try_join_all;

use crate::browser::Answer;
use crate::case::Case;
use crate::finding::Finding;
use crate::numbers::{address, number};
use crate::place::Place;
use crate::siege::Siege;
use crate::stage::{Stage, passcode};
use latchkey_testkit::kolmogorov_smirnov::{all_pairs, compare, holm_correction};

/// Moments that answers leave at, in a short attack; a long one has the defaults.
const EARLY: [(&str, &str); 2] = [
    ("sign_in.answer_after", "500ms"),
    ("sign_in.refuse_after", "600ms,3s,10s"),
];
const DEFAULT: [(&str, &str); 2] = [
    ("sign_in.answer_after", "1s"),
    ("sign_in.refuse_after", "1500ms,5s,10s"),
];
/// How long upstream takes, for each case another; less than the moments by far, so that a busy
/// machine keeps to them.
const LATENCIES: [(&str, u64); 5] = [
    ("known", 200),
    ("unknown", 5),
    ("locked", 120),
    ("inactive", 60),
    ("wrong", 200),
];
/// How probable it may be that some two samples of one distribution are found different, in all.
const FALSE_ALARM: f64 = 0.001;
/// Rounds at once.
const AT_ONCE: usize = 5;

/// How long two answers took.
type Times = [Duration; 2];

pub async fn play(stage: &Stage<'_>) -> Result<Finding> {
    let rounds = stage.of(40, 300);
    let place = stage
        .open_wide(if stage.is_short() { &EARLY } else { &DEFAULT })
        .await?;
    for (case, millis) in LATENCIES {
        for operation in ["otp_send", "otp_authenticate"] {
            place
                .sandbox
                .latency(operation, case, Duration::from_millis(millis))
                .await?;
        }
    }

    let siege = Siege::begin(&place).await?;
    let mut dice = stage.dice();
    let turns: Vec<_> = (0..rounds)
        .map(|at| turn(&place, at, dice.fork()))
        .collect();
    let mut samples: BTreeMap<Case, [Vec<Duration>; 2]> = BTreeMap::new();
    for (case, times) in stage
        .few(AT_ONCE, turns.into_iter())
        .await?
        .into_iter()
        .flatten()
    {
        let sample = samples.entry(case).or_default();
        sample
            .iter_mut()
            .zip(times)
            .for_each(|(sample, time)| sample.push(time));
    }
    let mut finding = siege.end(rounds * Case::ALL.len() * 2).await?;

    // Alike because nothing happened would prove nothing: of a limited number a stranger's code is
    // sent, and a known and a locked one have codes to be compared with.
    let (asked, reached) = (u64::try_from(rounds)?, finding.reached);
    ensure!(
        reached.sends >= asked * 5 && reached.verifies >= asked * 2,
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
    let chances: Vec<f64> = pairs
        .map(|(one, other)| compare(one, other).p_value)
        .collect();
    finding.none(
        "pair told apart",
        holm_correction(&chances)
            .into_iter()
            .filter(|chance| *chance < FALSE_ALARM)
            .count(),
    );
    Ok(finding)
}

/// Asks about a number of each case, at once and in an order that the dice make, and then guesses a
/// code of each.
async fn turn(place: &Place, at: usize, mut dice: Rng) -> Result<Vec<(Case, Times)>> {
    let mut cases = Case::ALL;
    dice.shuffle(&mut cases);
    let mut browsers = Vec::new();
    for (position, case) in cases.into_iter().enumerate() {
        let (phone, here) = (number(at * 8 + position, 56), address(at * 16 + position));
        case.prepare(place, &phone, address(at * 16 + 8)).await?;
        browsers.push((case, phone, place.browser().at(here)));
    }
    let sent = try_join_all(
        browsers
            .iter_mut()
            .map(|(_, phone, browser)| browser.ask(phone)),
    )
    .await?;
    let guesses: Vec<_> = browsers.iter().map(|_| passcode(&mut dice)).collect();
    let guesses = browsers
        .iter_mut()
        .zip(&guesses)
        .map(|((.., browser), guess)| browser.verify(guess));
    let refused = try_join_all(guesses).await?;
    ensure!(sent.iter().all(Answer::is_ok), "a code cannot be asked for");
    ensure!(
        refused.iter().all(|answer| answer.status == 401),
        "a wrong code is not refused as one"
    );
    let times = sent
        .iter()
        .zip(&refused)
        .map(|(sent, refused)| [sent, refused].map(|one| one.took));
    Ok(browsers.iter().map(|(case, ..)| *case).zip(times).collect())
}
