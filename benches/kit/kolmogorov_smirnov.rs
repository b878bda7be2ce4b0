//! Whether two samples of times come from one distribution: the two-sample test of Kolmogorov and
//! Smirnov, and Holm's correction for making it many times.
//!
//! Its own test is `tests/product/neutral/measure.rs`, since a benchmark has none.
//!
//! `p` is the asymptotic value with Stephens' correction for small samples (Numerical Recipes
//! §14.3.3): good from four samples on.

use std::time::Duration;

/// What the test says of two samples.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// The largest distance between the two empirical distributions, 0 to 1.
    pub d: f64,
    /// How likely a distance of at least `d` is if both come from one distribution.
    pub p: f64,
    /// The distance between the medians.
    pub medians: Duration,
}

/// Compares two samples, neither of which is empty.
pub fn compare(a: &[Duration], b: &[Duration]) -> Comparison {
    let (a, b) = (sorted(a), sorted(b));
    let share = |sample: &[Duration], until: Duration| {
        sample.partition_point(|time| *time <= until) as f64 / sample.len().max(1) as f64
    };
    let distances = a
        .iter()
        .chain(&b)
        .map(|time| (share(&a, *time) - share(&b, *time)).abs());
    let d = distances.fold(0.0, f64::max);
    let size = (a.len() * b.len()) as f64 / (a.len() + b.len()).max(1) as f64;
    let p = survival((size.sqrt() + 0.12 + 0.11 / size.sqrt()) * d);
    Comparison {
        d,
        p,
        medians: middle(&a).abs_diff(middle(&b)),
    }
}

/// Every two of them, once.
pub fn pairs<T>(samples: &[T]) -> impl Iterator<Item = (&T, &T)> {
    let later = |at: usize| samples.iter().skip(at + 1);
    samples
        .iter()
        .enumerate()
        .flat_map(move |(at, one)| later(at).map(move |other| (one, other)))
}

/// The middle of a sample.
pub fn median(sample: &[Duration]) -> Duration {
    middle(&sorted(sample))
}

/// The p-values of several tests, each raised so that the chance of one false alarm among them all
/// stays what it is for one (Holm 1979).
pub fn holm(values: &[f64]) -> Vec<f64> {
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

fn middle(sorted: &[Duration]) -> Duration {
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    (at(sorted.len().saturating_sub(1) / 2) + at(sorted.len() / 2)) / 2
}

/// The probability that Kolmogorov's distribution exceeds `lambda`.
pub fn survival(lambda: f64) -> f64 {
    // The series converges slowly near 0, where it is 1 to fifteen digits.
    if lambda < 0.2 {
        return 1.0;
    }
    let term = |j: i32| {
        let sign = if j % 2 == 1 { 1.0 } else { -1.0 };
        sign * (-2.0 * f64::from(j * j) * lambda * lambda).exp()
    };
    (2.0 * (1..=100).map(term).sum::<f64>()).clamp(0.0, 1.0)
}
