//! Whether two samples can come from one distribution.

/// The chance that two samples of one distribution differ at least as much as these (two-sample Kolmogorov–Smirnov test, with
/// the asymptotic distribution in Stephens' form).
pub fn same_distribution(one: &[f64], other: &[f64]) -> f64 {
    let (n, m) = (one.len() as f64, other.len() as f64);
    let effective = (n * m / (n + m)).sqrt();
    let lambda = (effective + 0.12 + 0.11 / effective) * distance(one, other);
    // The series below converges slowly where its sum is 1 to many digits.
    if lambda < 0.3 {
        return 1.0;
    }
    let term = |k: f64| 2.0 * (-2.0 * k * k * lambda * lambda).exp();
    let sum = (1..=100).map(|k| if k % 2 == 1 { term(f64::from(k)) } else { -term(f64::from(k)) }).sum::<f64>();
    sum.clamp(0.0, 1.0)
}

/// The greatest distance of the two empirical distribution functions.
fn distance(one: &[f64], other: &[f64]) -> f64 {
    let below = |sample: &[f64], value: f64| {
        let count = sample.iter().filter(|found| **found <= value).count();
        count as f64 / sample.len().max(1) as f64
    };
    let steps = one.iter().chain(other);
    steps.map(|value| (below(one, *value) - below(other, *value)).abs()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uniform(count: u32, from: f64, to: f64) -> Vec<f64> {
        (0..count).map(|at| from + (to - from) * f64::from(at) / f64::from(count)).collect()
    }

    #[test]
    fn one_distribution_is_found_alike_and_two_are_not() {
        let sample = uniform(300, 100.0, 110.0);
        assert!((same_distribution(&sample, &sample) - 1.0).abs() < 1e-9);
        assert!(same_distribution(&sample, &uniform(300, 100.2, 110.2)) > 0.05);
        assert!(same_distribution(&sample, &uniform(300, 103.0, 113.0)) < 1e-9);
    }

    #[test]
    fn the_chance_is_that_of_the_tables() {
        // Of 100 and 100 values the critical distance is 0.188 for 0.05, and 0.270 for 0.001. Shifts between two steps are rounded up.
        let shifted = |by: f64| same_distribution(&uniform(100, 0.0, 1.0), &uniform(100, by, 1.0 + by));
        assert!(shifted(0.175) > 0.05 && shifted(0.195) < 0.05);
        assert!(shifted(0.255) > 0.001 && shifted(0.275) < 0.001);
    }
}
