//! Every pair of kinds compared, and what is to be thought of it.

use std::time::Duration;

use crate::scenario::{Kind, Scenario, Taken};
use latchkey_testkit::kolmogorov_smirnov::{
    Comparison, all_pairs, compare, holm_correction, median,
};
use latchkey_testkit::latencies::print_line;

/// What E2 asks: p above this for each pair …
const LEAST_P: f64 = 0.01;
/// … and medians no further apart.
const MOST_APART: Duration = Duration::from_millis(5);

/// One pair of one scenario.
struct Pair {
    scenario: String,
    kinds: (Kind, Kind),
    samples: usize,
    medians: (Duration, Duration),
    comparison: Comparison,
}

/// What was found in all scenarios.
#[derive(Default)]
pub struct Verdicts {
    pairs: Vec<Pair>,
    /// Scenarios whose answers were not all the same bytes, and those answers.
    unlike: Vec<(String, Vec<String>)>,
}

impl Verdicts {
    pub fn record(&mut self, scenario: &Scenario, taken: &Taken) {
        let times: Vec<(&Kind, &Vec<Duration>)> = taken.times.iter().collect();
        let pairs = all_pairs(&times).map(|((kind, sample), (other, others))| Pair {
            scenario: scenario.to_string(),
            kinds: (**kind, **other),
            samples: sample.len().min(others.len()),
            medians: (median(sample), median(others)),
            comparison: compare(sample, others),
        });
        self.pairs.extend(pairs);
        if taken.answers.len() > 1 {
            self.unlike.push((
                scenario.to_string(),
                taken.answers.iter().cloned().collect(),
            ));
        }
    }

    /// Prints the table; whether nothing can be told apart.
    pub fn print(&self) -> bool {
        let corrected = holm_correction(
            &self
                .pairs
                .iter()
                .map(|pair| pair.comparison.p_value)
                .collect::<Vec<_>>(),
        );
        let mut scenario = "";
        let mut apart = 0;
        for (pair, corrected) in self.pairs.iter().zip(&corrected) {
            if pair.scenario != scenario {
                scenario = &pair.scenario;
                print_line(format_args!("\n{scenario}"));
                print_line(format_args!(
                    "| {:25} | {:>4} | {:>6} | {:>8} | {:>8} | {:>10} | {:>10} | {:>7} | verdict |",
                    "pair", "n", "D", "p", "Holm's", "median ms", "median ms", "apart"
                ));
                print_line(format_args!("|---|---|---|---|---|---|---|---|---|"));
            }
            let Comparison {
                distance,
                p_value,
                median_difference,
            } = pair.comparison;
            let alike = *corrected > LEAST_P && median_difference <= MOST_APART;
            apart += usize::from(!alike);
            print_line(format_args!(
                "| {:25} | {:>4} | {distance:>6.3} | {p_value:>8.2e} | {corrected:>8.2e} | {:>10.2} | {:>10.2} | {:>7.2} | {} |",
                format!("{:?}, {:?}", pair.kinds.0, pair.kinds.1),
                pair.samples,
                millis(pair.medians.0),
                millis(pair.medians.1),
                millis(median_difference),
                if alike { "alike" } else { "APART" },
            ));
        }
        let raw = self
            .pairs
            .iter()
            .filter(|pair| pair.comparison.p_value <= LEAST_P)
            .count();
        print_line(format_args!(
            "\n{} pairs, {apart} apart; p ≤ {LEAST_P} without the correction: {raw}, of which {:.1} are to be expected",
            self.pairs.len(),
            self.pairs.len() as f64 * LEAST_P,
        ));
        for (scenario, answers) in &self.unlike {
            print_line(format_args!(
                "{scenario}: {} answers that are not the same bytes:",
                answers.len()
            ));
            answers
                .iter()
                .for_each(|answer| print_line(format_args!("{answer}\n")));
        }
        apart == 0 && self.unlike.is_empty()
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
