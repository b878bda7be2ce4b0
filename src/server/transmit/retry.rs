//! Calls made again, where the operation allows it.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};

use super::deadline::Deadline;
use super::failure::{Delivery, Failure};
use super::operation::Retry;
use crate::server::random::Random;

/// Shortest and longest wait between two attempts, before jitter adds up to as much again.
const WAITS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Attempts after the first.
const REPEATS: usize = 3;

/// Makes attempts until one succeeds, fails in a way that `retry` does not forgive, or the deadline leaves no room.
/// The last failure stands for all; it says `NotWritten` only if that holds for every attempt.
pub(super) async fn within<T, F>(
    deadline: &Deadline,
    retry: Retry,
    random: &Random,
    attempt: impl FnMut() -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let backoff = ExponentialBuilder::default()
        .with_min_delay(WAITS.0)
        .with_max_delay(WAITS.1)
        .with_max_times(REPEATS)
        .with_jitter()
        .with_jitter_seed(random.below(u64::MAX));
    let mut seen = Delivery::NotWritten;
    let result = attempt
        .retry(backoff)
        .when(|failure: &Failure| {
            seen = failure.clone().after(seen).delivery;
            retry.allows(failure)
        })
        .adjust(|_, wait| wait.filter(|wait| *wait < deadline.left()))
        .await;
    result.map_err(|failure| failure.after(seen))
}
