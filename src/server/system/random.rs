//! The random generator. All randomness comes from here, so that tests can seed it.

use std::sync::{Arc, Mutex};

use aws_lc_rs::hkdf;

use crate::server::system::mutex::lock;

/// A cryptographically secure generator. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Random(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    /// Seed and counter: each value is `HKDF(seed, counter)`.
    Seeded(Arc<Mutex<(u64, u64)>>),
}

impl Random {
    /// The operating system's generator.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A generator that repeats its values for the same seed. For tests.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::new(Mutex::new((seed, 0)))))
    }

    /// `N` random bytes.
    ///
    /// # Panics
    /// When the operating system has no randomness: nothing would be secure then.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the system's generator"
    )]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        let filled = match &self.0 {
            Source::System => aws_lc_rs::rand::fill(&mut bytes).is_ok(),
            Source::Seeded(state) => {
                let mut state = lock(state);
                state.1 += 1;
                let key = hkdf::Salt::new(hkdf::HKDF_SHA256, &state.0.to_be_bytes())
                    .extract(&state.1.to_be_bytes());
                key.expand(&[b"test"], Length(N))
                    .and_then(|okm| okm.fill(&mut bytes))
                    .is_ok()
            }
        };
        assert!(filled, "the operating system's random generator failed");
        bytes
    }

    /// A number below `bound`, for jitter. Not for secrets, because the remainder has a tiny bias.
    pub fn below(&self, bound: u64) -> u64 {
        u64::from_be_bytes(self.bytes()) % bound.max(1)
    }
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_the_system_does_not() {
        assert_eq!(
            Random::seeded(7).bytes::<32>(),
            Random::seeded(7).bytes::<32>()
        );
        let seeded = Random::seeded(7);
        assert_ne!(seeded.bytes::<32>(), seeded.bytes::<32>());
        assert_ne!(
            Random::system().bytes::<32>(),
            Random::system().bytes::<32>()
        );
    }
}
