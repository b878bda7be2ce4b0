//! The moment by which one call must be over, retries and all.

use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::system::clock::{Clock, Elapsed};

/// A moment on the injected clock.
#[derive(Clone)]
pub(in crate::server::transmit) struct Deadline {
    clock: Clock,
    at: Timestamp,
}

impl Deadline {
    /// That long from now.
    pub fn after(clock: &Clock, duration: Duration) -> Self {
        Self {
            clock: clock.clone(),
            at: clock.now() + duration,
        }
    }

    /// Time left.
    pub fn left(&self) -> Duration {
        self.at.since(self.clock.now())
    }

    /// Sleeps on the clock of the deadline, perhaps past it.
    pub async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }

    /// Runs `work` until the deadline; it is dropped then.
    pub async fn bound<T>(&self, work: impl Future<Output = T>) -> Result<T, Elapsed> {
        self.clock.timeout(self.left(), work).await
    }
}
