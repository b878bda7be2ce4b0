//! Compares every pair of account states, and prints the verdict.

use std::time::Duration;

use crate::scenario::{AccountState, Scenario, ScenarioResult};
use latchkey_testkit::kolmogorov_smirnov::{
    Comparison, all_pairs, compare, holm_correction, median,
};
use latchkey_testkit::latencies::print_line;

/// Requirement E2: p must be above this for each pair …
const MIN_P: f64 = 0.01;
/// … and the medians must not differ by more.
const MAX_MEDIAN_DIFFERENCE: Duration = Duration::from_millis(5);

/// A pair of account states in a scenario.
struct StatePair {
    scenario: String,
    states: (AccountState, AccountState),
    samples: usize,
    medians: (Duration, Duration),
    comparison: Comparison,
}

/// The results of all scenarios.
#[derive(Default)]
pub struct Verdicts {
    pairs: Vec<StatePair>,
    /// Scenarios whose responses had different bytes, and these responses.
    different_responses: Vec<(String, Vec<String>)>,
}

impl Verdicts {
    pub fn record(&mut self, scenario: &Scenario, result: &ScenarioResult) {
        let times: Vec<(&AccountState, &Vec<Duration>)> = result.times.iter().collect();
        let pairs = all_pairs(&times).map(|((state, sample), (other, others))| StatePair {
            scenario: scenario.to_string(),
            states: (**state, **other),
            samples: sample.len().min(others.len()),
            medians: (median(sample), median(others)),
            comparison: compare(sample, others),
        });
        self.pairs.extend(pairs);
        if result.responses.len() > 1 {
            self.different_responses.push((
                scenario.to_string(),
                result.responses.iter().cloned().collect(),
            ));
        }
    }

    /// Prints the table. Returns whether no states can be told apart.
    pub fn print(&self) -> bool {
        let corrected = holm_correction(
            &self
                .pairs
                .iter()
                .map(|pair| pair.comparison.p_value)
                .collect::<Vec<_>>(),
        );
        let mut scenario = "";
        let mut different = 0;
        for (pair, corrected) in self.pairs.iter().zip(&corrected) {
            if pair.scenario != scenario {
                scenario = &pair.scenario;
                print_line(format_args!("\n{scenario}"));
                print_line(format_args!(
                    "| {:25} | {:>4} | {:>6} | {:>8} | {:>8} | {:>10} | {:>10} | {:>7} | verdict |",
                    "pair", "n", "D", "p", "Holm's", "median ms", "median ms", "diff ms"
                ));
                print_line(format_args!("|---|---|---|---|---|---|---|---|---|"));
            }
            let Comparison {
                distance,
                p_value,
                median_difference,
            } = pair.comparison;
            let is_same = *corrected > MIN_P && median_difference <= MAX_MEDIAN_DIFFERENCE;
            different += usize::from(!is_same);
            print_line(format_args!(
                "| {:25} | {:>4} | {distance:>6.3} | {p_value:>8.2e} | {corrected:>8.2e} | \
                 {:>10.2} | {:>10.2} | {:>7.2} | {} |",
                format!("{:?}, {:?}", pair.states.0, pair.states.1),
                pair.samples,
                millis(pair.medians.0),
                millis(pair.medians.1),
                millis(median_difference),
                if is_same { "same" } else { "DIFFERENT" },
            ));
        }
        let raw = self
            .pairs
            .iter()
            .filter(|pair| pair.comparison.p_value <= MIN_P)
            .count();
        print_line(format_args!(
            "\n{} pairs, {different} different; p ≤ {MIN_P} without the correction: {raw}, \
             expected by chance: {:.1}",
            self.pairs.len(),
            self.pairs.len() as f64 * MIN_P,
        ));
        for (scenario, responses) in &self.different_responses {
            print_line(format_args!(
                "{scenario}: {} responses with different bytes:",
                responses.len()
            ));
            responses
                .iter()
                .for_each(|response| print_line(format_args!("{response}\n")));
        }
        different == 0 && self.different_responses.is_empty()
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
