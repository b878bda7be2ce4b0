//! Measures an attack: what it took, and what reached upstream meanwhile.

use anyhow::Result;

use crate::clock::Stopwatch;
use crate::finding::Finding;
use crate::place::Place;
use crate::sandbox::Tally;

/// An attack under way.
#[derive(Debug)]
pub struct Siege<'a> {
    place: &'a Place,
    before: Tally,
    requests: u64,
    watch: Stopwatch,
}

impl<'a> Siege<'a> {
    /// What was before does not count.
    pub async fn begin(place: &'a Place) -> Result<Self> {
        let before = place.sandbox.tally().await?;
        Ok(Self {
            place,
            before,
            requests: place.requests(),
            watch: Stopwatch::start(),
        })
    }

    /// What it came to; how many `attempts` it was, the attack alone knows.
    pub async fn end(self, attempts: usize) -> Result<Finding> {
        let (took, requests) = (self.watch.elapsed(), self.place.requests() - self.requests);
        let reached = self.place.sandbox.tally().await? - self.before;
        Ok(Finding {
            attempts: u64::try_from(attempts)?,
            requests,
            took,
            reached,
            checks: Vec::new(),
        })
    }
}
