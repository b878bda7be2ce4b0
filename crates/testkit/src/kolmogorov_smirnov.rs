//! The two-sample Kolmogorov-Smirnov test, which tells whether two samples of times come from one
//! distribution, and Holm's correction for many such tests.
//!
//! Tests are in `tests/product/enumeration/measurement.rs`, because a benchmark has none.
//!
//! `p_value` is the asymptotic value with Stephens' correction for small samples (Numerical Recipes
//! §14.3.3). It is accurate from four samples on.

use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// The largest distance between the two empirical distributions, from 0 to 1.
    pub distance: f64,
    /// The probability of at least this distance if both samples come from one distribution.
    pub p_value: f64,
    /// The difference of the medians.
    pub median_difference: Duration,
}

/// Compares two samples, neither of which is empty.
pub fn compare(a: &[Duration], b: &[Duration]) -> Comparison {
    let (a, b) = (sorted(a), sorted(b));
    let fraction_up_to = |sample: &[Duration], limit: Duration| {
        sample.partition_point(|time| *time <= limit) as f64 / sample.len().max(1) as f64
    };
    let distances = a
        .iter()
        .chain(&b)
        .map(|time| (fraction_up_to(&a, *time) - fraction_up_to(&b, *time)).abs());
    let distance = distances.fold(0.0, f64::max);
    let size = (a.len() * b.len()) as f64 / (a.len() + b.len()).max(1) as f64;
    let p_value = kolmogorov_survival((size.sqrt() + 0.12 + 0.11 / size.sqrt()) * distance);
    Comparison {
        distance,
        p_value,
        median_difference: median_of_sorted(&a).abs_diff(median_of_sorted(&b)),
    }
}

/// All unordered pairs of different elements.
pub fn all_pairs<T>(samples: &[T]) -> impl Iterator<Item = (&T, &T)> {
    let later = |at: usize| samples.iter().skip(at + 1);
    samples
        .iter()
        .enumerate()
        .flat_map(move |(at, one)| later(at).map(move |other| (one, other)))
}

pub fn median(sample: &[Duration]) -> Duration {
    median_of_sorted(&sorted(sample))
}

/// The p-values of several tests, each raised so that the probability of one false alarm among all
/// of them stays that of a single test (Holm 1979).
pub fn holm_correction(values: &[f64]) -> Vec<f64> {
    let mut ranked: Vec<(usize, f64)> = values.iter().copied().enumerate().collect();
    ranked.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    let mut least = 0.0_f64;
    for (rank, (_, value)) in ranked.iter_mut().enumerate() {
        least = least.max(*value * (values.len() - rank) as f64).min(1.0);
        *value = least;
    }
    ranked.sort_by_key(|(at, _)| *at);
    ranked.into_iter().map(|(_, value)| value).collect()
}

fn sorted(sample: &[Duration]) -> Vec<Duration> {
    let mut sorted = sample.to_vec();
    sorted.sort_unstable();
    sorted
}

fn median_of_sorted(sorted: &[Duration]) -> Duration {
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    (at(sorted.len().saturating_sub(1) / 2) + at(sorted.len() / 2)) / 2
}

/// The probability that Kolmogorov's distribution exceeds `lambda`.
pub fn kolmogorov_survival(lambda: f64) -> f64 {
    // The series converges slowly near 0, where the probability is 1 to fifteen digits.
    if lambda < 0.2 {
        return 1.0;
    }
    let term = |j: i32| {
        let sign = if j % 2 == 1 { 1.0 } else { -1.0 };
        sign * (-2.0 * f64::from(j * j) * lambda * lambda).exp()
    };
    (2.0 * (1..=100).map(term).sum::<f64>()).clamp(0.0, 1.0)
}
