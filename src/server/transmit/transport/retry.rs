//! Calls made again, where the operation allows it.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder, Sleeper, TokioSleeper};

use crate::server::system::random::Random;
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::failure::{DeliveryState, Failure};
use crate::server::transmit::transport::operation::Retry;

/// Shortest and longest wait between two attempts, before jitter adds up to as much again.
const WAITS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Attempts after the first.
const REPEATS: usize = 3;

/// Makes attempts until one succeeds, fails in a way that `retry` does not forgive, or the deadline
/// leaves no room: for the back-off, or for the wait that upstream asks for (`Retry-After`),
/// whichever is longer.
///
/// The last failure stands for all; it says `NotWritten` only if that holds for every attempt.
pub(in crate::server::transmit) async fn within<T, F>(
    deadline: &Deadline,
    retry: Retry,
    random: &Random,
    mut attempt: impl FnMut() -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let mut waits = ExponentialBuilder::default()
        .with_min_delay(WAITS.0)
        .with_max_delay(WAITS.1)
        .with_max_times(REPEATS)
        .with_jitter()
        .with_jitter_seed(random.below(u64::MAX))
        .build();
    let mut seen = DeliveryState::NotWritten;
    loop {
        let failure = match attempt().await {
            Ok(result) => return Ok(result),
            Err(failure) => failure.after(seen),
        };
        let Some(wait) = waits.next().filter(|_| retry.allows(&failure)) else {
            return Err(failure);
        };
        let asked_for = failure.retry_after.unwrap_or_default();
        if wait.max(asked_for) >= deadline.left() {
            return Err(failure);
        }
        seen = failure.delivery;
        // The back-off is short and only spreads load; what upstream asks for is a moment on the
        // injected clock.
        tokio::join!(TokioSleeper.sleep(wait), deadline.sleep(asked_for));
    }
}
