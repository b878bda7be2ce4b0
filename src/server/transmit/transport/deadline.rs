//! The time by which one call, with all its retries, must end.

use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::system::clock::{Clock, Elapsed};

/// A point in time on the injected clock.
#[derive(Clone)]
pub(in crate::server::transmit) struct Deadline {
    clock: Clock,
    at: Timestamp,
}

impl Deadline {
    /// A deadline `duration` from now.
    pub fn after(clock: &Clock, duration: Duration) -> Self {
        Self {
            clock: clock.clone(),
            at: clock.now() + duration,
        }
    }

    /// Time until the deadline.
    pub fn remaining(&self) -> Duration {
        self.at.since(self.clock.now())
    }

    /// Sleeps by the clock of the deadline. It does not stop at the deadline.
    pub async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }

    /// Runs `work`, and drops it at the deadline.
    pub async fn bound<T>(&self, work: impl Future<Output = T>) -> Result<T, Elapsed> {
        self.clock.timeout(self.remaining(), work).await
    }
}
