//! How long to wait between failures (requirement C8): nothing at first, then longer and longer.

use std::time::Duration;

use crate::server::guard::Guard;

impl Guard {
    /// How long the next try of a number has to wait after one that has so many consecutive
    /// failures before it.
    pub(super) fn delay_after(&self, failures: u32) -> Option<Duration> {
        let beyond = failures.checked_sub(self.limits.delay_after)?;
        let beyond = usize::try_from(beyond).unwrap_or(usize::MAX);
        self.limits
            .delays
            .get(beyond)
            .or(self.limits.delays.last())
            .map(|span| span.0)
    }
}
