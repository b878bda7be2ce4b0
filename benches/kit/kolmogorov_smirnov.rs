//! Whether two samples of times come from one distribution: the two-sample test of Kolmogorov and Smirnov, and Holm's correction
//! for making it many times.
//!
//! `p` is the asymptotic value with Stephens' correction for small samples (Numerical Recipes §14.3.3): good from four samples on.

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
    let distances = a.iter().chain(&b).map(|time| (share(&a, *time) - share(&b, *time)).abs());
    let d = distances.fold(0.0, f64::max);
    let size = (a.len() * b.len()) as f64 / (a.len() + b.len()).max(1) as f64;
    let p = survival((size.sqrt() + 0.12 + 0.11 / size.sqrt()) * d);
    Comparison { d, p, medians: middle(&a).abs_diff(middle(&b)) }
}

/// The middle of a sample.
pub fn median(sample: &[Duration]) -> Duration {
    middle(&sorted(sample))
}

/// The p-values of several tests, each raised so that the chance of one false alarm among them all stays what it is for one
/// (Holm 1979).
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
fn survival(lambda: f64) -> f64 {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(values: impl IntoIterator<Item = u64>) -> Vec<Duration> {
        values.into_iter().map(Duration::from_millis).collect()
    }

    #[test]
    fn known_values_of_the_distribution() {
        // The critical values of every table: 5 %, 1 % and 0.1 %.
        for (lambda, p) in [(1.3581, 0.05), (1.6276, 0.01), (1.9495, 0.001), (0.8276, 0.5)] {
            assert!((survival(lambda) - p).abs() < p * 1e-3, "{lambda}: {}", survival(lambda));
        }
        assert_eq!((survival(0.0), survival(40.0)), (1.0, 0.0));
    }

    #[test]
    fn known_distances() {
        let same = compare(&millis(0..300), &millis(0..300));
        assert_eq!((same.d, same.p, same.medians), (0.0, 1.0, Duration::ZERO));
        let apart = compare(&millis(0..300), &millis(300..600));
        assert!(apart.d == 1.0 && apart.p < 1e-100 && apart.medians == Duration::from_millis(300), "{apart:?}");
        // Shifted by 40 of 300: D = 40/300; λ = (√150 + 0.12 + 0.11/√150)·D = 1.6502, p = 2(e^-5.446 − e^-21.79) = 0.00863.
        let shifted = compare(&millis(0..300), &millis(40..340));
        assert!((shifted.d - 40.0 / 300.0).abs() < 1e-12 && (shifted.p - 0.00863).abs() < 5e-5, "{shifted:?}");
        // Ties are one step of both.
        let ties = compare(&millis([1, 1, 1, 2]), &millis([1, 1, 1, 2]));
        assert_eq!((ties.d, ties.p), (0.0, 1.0));
    }

    #[test]
    fn medians_and_corrections() {
        assert_eq!(median(&millis([5, 1, 3])), Duration::from_millis(3));
        assert_eq!(median(&millis([4, 1, 3, 2])), Duration::from_micros(2500));
        let raised = holm(&[0.04, 0.01, 0.03]);
        for (raised, expected) in raised.iter().zip([0.06, 0.03, 0.06]) {
            assert!((raised - expected).abs() < 1e-12, "{raised}");
        }
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
    }
}
