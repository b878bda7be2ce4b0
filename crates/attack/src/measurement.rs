//! Measures an attack: its duration, its requests, and what reached upstream.

use anyhow::Result;

use crate::clock::Stopwatch;
use crate::environment::Environment;
use crate::finding::Finding;
use crate::sandbox::UpstreamCounts;

/// The measurement of a running attack.
#[derive(Debug)]
pub struct Measurement<'a> {
    environment: &'a Environment,
    before: UpstreamCounts,
    requests: u64,
    watch: Stopwatch,
}

impl<'a> Measurement<'a> {
    /// Starts the measurement. Earlier calls and requests do not count.
    pub async fn start(environment: &'a Environment) -> Result<Self> {
        let before = environment.sandbox.settled_counts().await?;
        Ok(Self {
            environment,
            before,
            requests: environment.request_count(),
            watch: Stopwatch::start(),
        })
    }

    /// Ends the measurement. The attack counts its `attempts` itself.
    pub async fn finish(self, attempts: usize) -> Result<Finding> {
        let (duration, requests) = (
            self.watch.elapsed(),
            self.environment.request_count() - self.requests,
        );
        let upstream = self.environment.sandbox.settled_counts().await? - self.before;
        Ok(Finding {
            attempts: u64::try_from(attempts)?,
            requests,
            duration,
            upstream,
            checks: Vec::new(),
        })
    }
}
