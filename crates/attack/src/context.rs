//! The context of an attack: starts servers, and has the scale, the seed and the progress bar.

use std::path::Path;

use anyhow::Result;
use fastrand::Rng;
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::ProgressBar;

use crate::environment::Environment;
use crate::expected_limits::ExpectedLimits;

/// Limits of the whole service and of a country.
const SERVICE_LIMITS: [&str; 8] = [
    "guard.service_minutely",
    "guard.service_hourly",
    "guard.service_daily",
    "guard.service_hourly_total",
    "guard.service_daily_total",
    "guard.country_hourly",
    "guard.country_daily",
    "guard.country_daily_total",
];
/// Concurrent attackers, unless the attack says otherwise.
const CONCURRENCY: usize = 48;

/// How many attempts the attacks make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Enough to see that a protection exists.
    Short,
    /// Enough to see that it holds under load.
    Long,
}

impl Scale {
    pub fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Long => "long",
        }
    }
}

#[derive(Debug)]
pub struct AttackContext<'a> {
    server: &'a Path,
    overrides: &'a [(String, String)],
    scale: Scale,
    seed: u64,
    bar: ProgressBar,
    pub limits: &'a ExpectedLimits,
}

impl<'a> AttackContext<'a> {
    /// `overrides` are settings of the command line.
    pub fn new(
        server: &'a Path,
        overrides: &'a [(String, String)],
        scale: Scale,
        seed: u64,
        limits: &'a ExpectedLimits,
        bar: ProgressBar,
    ) -> Self {
        Self {
            server,
            overrides,
            scale,
            seed,
            bar,
            limits,
        }
    }

    /// Starts a server for this attack.
    pub async fn start_environment(&self, settings: &[(&str, &str)]) -> Result<Environment> {
        Environment::start(self.server, settings, self.overrides).await
    }

    /// Starts a server whose limits of country and service are so high that they never apply.
    pub async fn start_environment_without_service_limits(
        &self,
        settings: &[(&str, &str)],
    ) -> Result<Environment> {
        let lifted = SERVICE_LIMITS.iter().map(|key| (*key, "1000000"));
        self.start_environment(&lifted.chain(settings.iter().copied()).collect::<Vec<_>>())
            .await
    }

    /// Selects a count by the scale.
    pub fn scaled(&self, short: usize, long: usize) -> usize {
        if self.is_short() { short } else { long }
    }

    pub fn is_short(&self) -> bool {
        self.scale == Scale::Short
    }

    /// A random generator with the seed of the run.
    pub fn rng(&self) -> Rng {
        Rng::with_seed(self.seed)
    }

    /// Adds steps to the progress bar.
    pub fn add_steps(&self, steps: usize) {
        self.bar
            .inc_length(u64::try_from(steps).unwrap_or(u64::MAX));
    }

    /// Advances the progress bar by one step.
    pub fn finish_step(&self) {
        self.bar.inc(1);
    }

    /// Runs all attackers with the default concurrency.
    pub async fn run_all<T>(
        &self,
        attackers: impl ExactSizeIterator<Item: Future<Output = Result<T>>>,
    ) -> Result<Vec<T>> {
        self.run_concurrently(CONCURRENCY, attackers).await
    }

    /// Runs all attackers, `concurrency` at a time, with one step of the bar each. The first error
    /// ends it.
    pub async fn run_concurrently<T>(
        &self,
        concurrency: usize,
        attackers: impl ExactSizeIterator<Item: Future<Output = Result<T>>>,
    ) -> Result<Vec<T>> {
        self.add_steps(attackers.len());
        stream::iter(attackers)
            .buffer_unordered(concurrency)
            .inspect(|_| self.finish_step())
            .try_collect()
            .await
    }
}

/// A random passcode.
pub fn random_passcode(rng: &mut Rng) -> String {
    format!("{:06}", rng.u32(..1_000_000))
}

/// A passcode that is not this one.
pub fn other_passcode(code: &str) -> String {
    let next = (code.parse::<u32>().unwrap_or_default() + 1) % 1_000_000;
    format!("{next:06}")
}

/// A random value in the form of the server's cookies: 32 bytes in base64url.
pub fn random_token(rng: &mut Rng) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // Of the last character only four bits are used. The other two must be zero.
    let character = |rng: &mut Rng, step: usize| {
        let index = rng.usize(..ALPHABET.len() / step) * step;
        ALPHABET.get(index).copied().map_or('A', char::from)
    };
    let mut token: String = (0..42).map(|_| character(rng, 1)).collect();
    token.push(character(rng, 4));
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passcodes_and_tokens_have_the_form_of_real_ones() {
        let mut rng = Rng::with_seed(7);
        assert_eq!(random_passcode(&mut rng).len(), 6);
        assert_eq!(other_passcode("999999"), "000000");
        let token = random_token(&mut rng);
        assert_eq!(token.len(), 43);
        assert!("AEIMQUYcgkosw048".contains(&token[42..]), "{token}");
    }
}
