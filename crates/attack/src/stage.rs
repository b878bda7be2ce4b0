//! What an attack is given: places to attack, its scale, its dice, and a crowd that attacks with
//! it.

use std::path::Path;

use anyhow::Result;
use fastrand::Rng;
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::ProgressBar;

use crate::place::Place;
use crate::promises::Promises;

/// Budgets of the service, and those of a country.
const LIFTED: [&str; 8] = [
    "guard.service_minutely",
    "guard.service_hourly",
    "guard.service_daily",
    "guard.service_hourly_total",
    "guard.service_daily_total",
    "guard.country_hourly",
    "guard.country_daily",
    "guard.country_daily_total",
];
/// Attackers at work at once.
const AT_ONCE: usize = 48;

/// How much is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Enough to see that a protection is there.
    Short,
    /// Enough to see that it holds.
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

/// What an attack is given.
#[derive(Debug)]
pub struct Stage<'a> {
    server: &'a Path,
    own: &'a [(String, String)],
    scale: Scale,
    seed: u64,
    bar: ProgressBar,
    pub promises: &'a Promises,
}

impl<'a> Stage<'a> {
    /// `own` are settings that come after those of the attack.
    pub fn new(
        server: &'a Path,
        own: &'a [(String, String)],
        scale: Scale,
        seed: u64,
        promises: &'a Promises,
        bar: ProgressBar,
    ) -> Self {
        Self {
            server,
            own,
            scale,
            seed,
            bar,
            promises,
        }
    }

    /// A server of this attack's own, with settings of its own.
    pub async fn open(&self, settings: &[(&str, &str)]) -> Result<Place> {
        Place::open(self.server, settings, self.own).await
    }

    /// The same, with the budgets lifted that a country and the service have: the attackers get
    /// more than there is.
    pub async fn open_wide(&self, settings: &[(&str, &str)]) -> Result<Place> {
        let lifted = LIFTED.iter().map(|key| (*key, "1000000"));
        self.open(&lifted.chain(settings.iter().copied()).collect::<Vec<_>>())
            .await
    }

    /// One of two counts.
    pub fn of(&self, short: usize, long: usize) -> usize {
        if self.is_short() { short } else { long }
    }

    pub fn is_short(&self) -> bool {
        self.scale == Scale::Short
    }

    /// Dice that fall alike for one seed.
    pub fn dice(&self) -> Rng {
        Rng::with_seed(self.seed)
    }

    /// How many steps the bar has from here on.
    pub fn expect(&self, steps: usize) {
        self.bar
            .inc_length(u64::try_from(steps).unwrap_or(u64::MAX));
    }

    /// One of them is done.
    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// Lets many attack at once, a step of the bar each; the first that cannot go on ends it.
    pub async fn crowd<T>(
        &self,
        attackers: impl ExactSizeIterator<Item: Future<Output = Result<T>>>,
    ) -> Result<Vec<T>> {
        self.few(AT_ONCE, attackers).await
    }

    /// The same, so many at once.
    pub async fn few<T>(
        &self,
        at_once: usize,
        attackers: impl ExactSizeIterator<Item: Future<Output = Result<T>>>,
    ) -> Result<Vec<T>> {
        self.expect(attackers.len());
        stream::iter(attackers)
            .buffer_unordered(at_once)
            .inspect(|_| self.step())
            .try_collect()
            .await
    }
}

/// A passcode out of the air.
pub fn passcode(dice: &mut Rng) -> String {
    format!("{:06}", dice.u32(..1_000_000))
}

/// A passcode that is not this one.
pub fn other_than(code: &str) -> String {
    let next = (code.parse::<u32>().unwrap_or_default() + 1) % 1_000_000;
    format!("{next:06}")
}

/// What looks like one of the server's random cookies: 32 bytes in base64url.
pub fn token(dice: &mut Rng) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // Of the last letter four bits count, and the other two are zero.
    let letter = |dice: &mut Rng, step: usize| {
        let at = dice.usize(..LETTERS.len() / step) * step;
        LETTERS.get(at).copied().map_or('A', char::from)
    };
    let mut token: String = (0..42).map(|_| letter(dice, 1)).collect();
    token.push(letter(dice, 4));
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passcodes_and_tokens_look_like_the_real_ones() {
        let mut dice = Rng::with_seed(7);
        assert_eq!(passcode(&mut dice).len(), 6);
        assert_eq!(other_than("999999"), "000000");
        let token = token(&mut dice);
        assert_eq!(token.len(), 43);
        assert!("AEIMQUYcgkosw048".contains(&token[42..]), "{token}");
    }
}
