//! The sandbox's random generator.
//!
//! Codes are unbiased and come from the system's CSPRNG (OWASP ASVS 6.5.3, 6.5.4).

use aws_lc_rs::{
    error::Unspecified,
    rand::{SecureRandom, SystemRandom},
};

/// Bytes below this map evenly to ten digits. Other bytes are rejected.
const REJECTION_BOUND: u8 = 250;

/// The system's CSPRNG.
#[derive(Debug)]
pub struct Random(SystemRandom);

impl Random {
    /// The one generator of the sandbox.
    #[expect(clippy::disallowed_methods, reason = "this is the sandbox's generator")]
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }

    /// The generator in the form that signing functions need.
    pub fn as_system_random(&self) -> &SystemRandom {
        &self.0
    }

    /// 128 random bits in hexadecimal.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn hex_id(&self) -> Result<String, Unspecified> {
        let bytes: [u8; 16] = self.bytes()?;
        Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
    }

    /// A code of `length` decimal digits, each equally likely (rejection sampling).
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn passcode(&self, length: usize) -> Result<String, Unspecified> {
        let mut code = String::with_capacity(length);
        while code.len() < length {
            let bytes: [u8; 16] = self.bytes()?;
            let digits = bytes
                .into_iter()
                .filter(|byte| *byte < REJECTION_BOUND)
                .map(|byte| char::from(b'0' + byte % 10));
            let missing = length - code.len();
            code.extend(digits.take(missing));
        }
        Ok(code)
    }

    fn bytes<const N: usize>(&self) -> Result<[u8; N], Unspecified> {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pearson's chi-squared statistic for a uniform distribution.
    fn chi_square(counts: &[u32]) -> f64 {
        let expected = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
        counts
            .iter()
            .map(|count| (f64::from(*count) - expected).powi(2) / expected)
            .sum()
    }

    /// The bounds are the 1 − 10⁻⁷ quantiles: 9 degrees of freedom for digits, 99 for pairs.
    #[test]
    fn c12_codes_are_unbiased() {
        let random = Random::new();
        let (mut digits, mut positions, mut pairs) = ([0; 10], [[0; 10]; 6], [0; 100]);
        for _ in 0..50_000 {
            let code: Vec<usize> = random
                .passcode(6)
                .unwrap()
                .bytes()
                .map(|digit| usize::from(digit - b'0'))
                .collect();
            assert_eq!(code.len(), 6);
            for (position, digit) in code.iter().enumerate() {
                digits[*digit] += 1;
                positions[position][*digit] += 1;
            }
            pairs[code[0] * 10 + code[5]] += 1;
        }
        assert!(chi_square(&digits) < 49.0, "digits {digits:?}");
        assert!(
            positions.iter().all(|counts| chi_square(counts) < 49.0),
            "positions {positions:?}"
        );
        assert!(chi_square(&pairs) < 186.0, "pairs {pairs:?}");
    }

    /// The bias of `byte % 10` without rejection.
    #[test]
    fn c12_the_test_detects_modulo_bias() {
        let mut biased = [0; 10];
        for byte in 0..=255_u8 {
            biased[usize::from(byte % 10)] += 1200;
        }
        assert!(chi_square(&biased) > 49.0);
    }

    #[test]
    fn codes_have_the_requested_length_and_ids_differ() {
        let random = Random::new();
        for length in 4..=8 {
            assert_eq!(random.passcode(length).unwrap().len(), length);
        }
        assert_eq!(random.hex_id().unwrap().len(), 32);
        assert_ne!(random.hex_id().unwrap(), random.hex_id().unwrap());
    }
}
