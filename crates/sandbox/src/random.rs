//! The stand-in's own generator. Codes are unbiased and come from the system's CSPRNG (OWASP ASVS
//! 6.5.3, 6.5.4).

use aws_lc_rs::{
    error::Unspecified,
    rand::{SecureRandom, SystemRandom},
};

/// Bytes below this map evenly onto ten digits; the rest are drawn again.
const EVEN: u8 = 250;

/// The system's CSPRNG.
#[derive(Debug)]
pub struct Random(SystemRandom);

impl Random {
    /// The one generator of a stand-in.
    #[expect(
        clippy::disallowed_methods,
        reason = "the stand-in has a generator of its own, and this is it"
    )]
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }

    /// For the signing function, which asks for one.
    pub fn source(&self) -> &SystemRandom {
        &self.0
    }

    /// 128 random bits in hexadecimal.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn id(&self) -> Result<String, Unspecified> {
        let bytes: [u8; 16] = self.bytes()?;
        Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
    }

    /// A code of `length` decimal digits, each equally likely (rejection sampling).
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn code(&self, length: usize) -> Result<String, Unspecified> {
        let mut code = String::with_capacity(length);
        while code.len() < length {
            let bytes: [u8; 16] = self.bytes()?;
            let digits = bytes
                .into_iter()
                .filter(|byte| *byte < EVEN)
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

    /// Pearson's statistic against "all equally likely".
    fn chi_square(counts: &[u32]) -> f64 {
        let expected = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
        counts
            .iter()
            .map(|count| (f64::from(*count) - expected).powi(2) / expected)
            .sum()
    }

    /// C12. The bounds are the 1 − 10⁻⁷ quantiles: 9 degrees of freedom for digits, 99 for
    /// neighbours.
    #[test]
    fn c12_codes_are_unbiased() {
        let random = Random::new();
        let (mut digits, mut places, mut pairs) = ([0; 10], [[0; 10]; 6], [0; 100]);
        for _ in 0..50_000 {
            let code: Vec<usize> = random
                .code(6)
                .unwrap()
                .bytes()
                .map(|digit| usize::from(digit - b'0'))
                .collect();
            assert_eq!(code.len(), 6);
            for (place, digit) in code.iter().enumerate() {
                digits[*digit] += 1;
                places[place][*digit] += 1;
            }
            pairs[code[0] * 10 + code[5]] += 1;
        }
        assert!(chi_square(&digits) < 49.0, "digits {digits:?}");
        assert!(
            places.iter().all(|place| chi_square(place) < 49.0),
            "places {places:?}"
        );
        assert!(chi_square(&pairs) < 186.0, "pairs {pairs:?}");
    }

    /// The statistic notices the bias that `byte % 10` without rejection would have.
    #[test]
    fn c12_the_smoke_test_can_fail() {
        let mut biased = [0; 10];
        for byte in 0..=255_u8 {
            biased[usize::from(byte % 10)] += 1200;
        }
        assert!(chi_square(&biased) > 49.0);
    }

    #[test]
    fn codes_have_the_length_asked_for_and_ids_differ() {
        let random = Random::new();
        for length in 4..=8 {
            assert_eq!(random.code(length).unwrap().len(), length);
        }
        assert_eq!(random.id().unwrap().len(), 32);
        assert_ne!(random.id().unwrap(), random.id().unwrap());
    }
}
