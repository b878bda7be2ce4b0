//! The wait between failed attempts (requirement C8): none at first, then longer and longer.

use std::time::Duration;

use crate::server::guard::Guard;

impl Guard {
    /// The wait before the next attempt after so many consecutive failures.
    pub(super) fn backoff_after(&self, failures: u32) -> Option<Duration> {
        let beyond = failures.checked_sub(self.settings.delay_after)?;
        let beyond = usize::try_from(beyond).unwrap_or(usize::MAX);
        let delays = &self.settings.delays;
        delays.get(beyond).or(delays.last()).map(|delay| delay.0)
    }
}
