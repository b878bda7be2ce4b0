//! Tells known, unknown, locked, inactive and limited numbers apart by the time that answers take, at both steps (requirement E2).
//! Upstream takes its time, for each case another; all cases are asked about in turn, in an order that the dice make, and every
//! two samples of times are compared. The test asks whether they come from one distribution, whatever that is: on a busy machine
//! all are late alike.
//!
//! So many questions are more than the budgets of the service allow. They are lifted here, which only helps the attacker.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use futures_util::future::try_join_all;

use crate::finding::Finding;
use crate::kolmogorov_smirnov::{compare, holm};
use crate::numbers::{address, number};
use crate::place::Place;
use crate::siege::Siege;
use crate::stage::{Stage, passcode};

/// Moments that answers leave at, in a short attack; a long one has the defaults.
const EARLY: [(&str, &str); 2] = [("sign_in.answer_after", "500ms"), ("sign_in.refuse_after", "600ms,3s,10s")];
const DEFAULT: [(&str, &str); 2] = [("sign_in.answer_after", "1s"), ("sign_in.refuse_after", "1500ms,5s,10s")];
/// How long upstream takes, for each case another; less than the moments by far, so that a busy machine keeps to them.
const LATENCIES: [(&str, u64); 5] = [("known", 200), ("unknown", 5), ("locked", 120), ("inactive", 60), ("wrong", 200)];
/// How probable it may be that some two samples of one distribution are found different, in all.
const FALSE_ALARM: f64 = 0.001;
/// Rounds at once.
const AT_ONCE: usize = 5;

/// A kind of number that must look like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    Known,
    Unknown,
    Locked,
    Inactive,
    Limited,
}

impl Case {
    pub const ALL: [Self; 5] = [Self::Known, Self::Unknown, Self::Locked, Self::Inactive, Self::Limited];

    /// Makes a number of this kind. Somebody at `elsewhere` has just asked for a code of a limited one: strangers have to wait.
    pub async fn prepare(self, place: &Place, phone: &str, elsewhere: Ipv4Addr) -> Result<()> {
        let status = match self {
            Self::Known | Self::Limited => "Active",
            Self::Locked => "Locked",
            Self::Inactive => "Disabled",
            Self::Unknown => return Ok(()),
        };
        place.sandbox.user(phone, status).await?;
        if self == Self::Limited {
            place.browser().at(elsewhere).ask(phone).await?;
        }
        Ok(())
    }
}

/// How long two answers took.
type Times = [Duration; 2];

pub async fn play(stage: &Stage<'_>) -> Result<Finding> {
    let rounds = stage.of(40, 300);
    let place = stage.open_wide(if stage.is_short() { &EARLY } else { &DEFAULT }).await?;
    for (case, millis) in LATENCIES {
        for operation in ["otp_send", "otp_authenticate"] {
            place.sandbox.latency(operation, case, Duration::from_millis(millis)).await?;
        }
    }

    let siege = Siege::begin(&place).await?;
    let mut dice = stage.dice();
    let turns: Vec<_> = (0..rounds).map(|at| turn(&place, at, dice.fork())).collect();
    let mut samples: BTreeMap<Case, [Vec<Duration>; 2]> = BTreeMap::new();
    for (case, times) in stage.few(AT_ONCE, turns.into_iter()).await?.into_iter().flatten() {
        let sample = samples.entry(case).or_default();
        sample.iter_mut().zip(times).for_each(|(sample, time)| sample.push(time));
    }
    let mut finding = siege.end(rounds * Case::ALL.len() * 2).await?;

    let samples: Vec<_> = samples.into_values().collect();
    let [sends, verifies] = [0, 1].map(|step| samples.iter().filter_map(|sample| sample.get(step)).collect::<Vec<_>>());
    let pairs = pairs(&sends).into_iter().chain(pairs(&verifies)).collect::<Vec<_>>();
    let chances: Vec<f64> = pairs.iter().map(|(one, other)| compare(one, other).p).collect();
    finding.none("pair told apart", holm(&chances).into_iter().filter(|chance| *chance < FALSE_ALARM).count());
    Ok(finding)
}

/// Asks about a number of each case, at once and in an order that the dice make, and then guesses a code of each.
async fn turn(place: &Place, at: usize, mut dice: Rng) -> Result<Vec<(Case, Times)>> {
    let mut cases = Case::ALL;
    dice.shuffle(&mut cases);
    let mut browsers = Vec::new();
    for (position, case) in cases.into_iter().enumerate() {
        let (phone, here) = (number(at * 8 + position, 56), address(at * 16 + position));
        case.prepare(place, &phone, address(at * 16 + 8)).await?;
        browsers.push((case, phone, place.browser().at(here)));
    }
    let sent = try_join_all(browsers.iter_mut().map(|(_, phone, browser)| browser.ask(phone))).await?;
    let guesses: Vec<_> = browsers.iter().map(|_| passcode(&mut dice)).collect();
    let guesses = browsers.iter_mut().zip(&guesses).map(|((.., browser), guess)| browser.verify(guess));
    let refused = try_join_all(guesses).await?;
    let times = sent.iter().zip(&refused).map(|(sent, refused)| [sent, refused].map(|one| one.took));
    Ok(browsers.iter().map(|(case, ..)| *case).zip(times).collect())
}

/// Every two of them.
fn pairs<'a>(samples: &[&'a Vec<Duration>]) -> Vec<(&'a [Duration], &'a [Duration])> {
    let later = |at: usize| samples.iter().skip(at + 1);
    let of = |(at, one): (usize, &&'a Vec<Duration>)| {
        later(at).map(|other| (one.as_slice(), other.as_slice())).collect::<Vec<_>>()
    };
    samples.iter().enumerate().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_two_are_compared_once() {
        let samples = [1, 2, 3, 4, 5].map(|time| vec![Duration::from_secs(time)]);
        let pairs = pairs(&samples.iter().collect::<Vec<_>>());
        assert_eq!(pairs.len(), 10);
        assert!(pairs.iter().all(|(one, other)| one[0] < other[0]));
    }
}
