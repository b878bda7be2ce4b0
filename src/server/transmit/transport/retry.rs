//! Retries of a call, with exponential back-off and jitter, where the operation allows them.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder, Sleeper, TokioSleeper};

use crate::server::system::random::Random;
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::failure::{DeliveryState, Failure, FailureKind};
use crate::server::transmit::transport::operation::RetryPolicy;

/// Shortest and longest wait between two attempts, before jitter adds up to as much again.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Attempts after the first.
const MAX_RETRIES: usize = 3;

/// Repeats `attempt` until it succeeds, fails in a way that the policy does not retry, or the next
/// wait does not fit into the deadline. A wait is the back-off or upstream's `Retry-After`,
/// whichever is longer.
///
/// The last failure is returned. It says `NotWritten` only if that holds for every attempt.
pub(in crate::server::transmit) async fn retry<T, F>(
    deadline: &Deadline,
    policy: RetryPolicy,
    random: &Random,
    mut attempt: impl FnMut() -> F,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let mut waits = ExponentialBuilder::default()
        .with_min_delay(BACKOFF.0)
        .with_max_delay(BACKOFF.1)
        .with_max_times(MAX_RETRIES)
        .with_jitter()
        .with_jitter_seed(random.below(u64::MAX))
        .build();
    let mut delivery = DeliveryState::NotWritten;
    loop {
        let failure = match attempt().await {
            Ok(result) => return Ok(result),
            Err(failure) => failure.after(delivery),
        };
        let Some(wait) = waits.next().filter(|_| is_retryable(policy, &failure)) else {
            return Err(failure);
        };
        let retry_after = failure.retry_after.unwrap_or_default();
        if wait.max(retry_after) >= deadline.remaining() {
            return Err(failure);
        }
        delivery = failure.delivery;
        // The back-off is short and only spreads load, so it needs no injected clock. `Retry-After`
        // does.
        tokio::join!(TokioSleeper.sleep(wait), deadline.sleep(retry_after));
    }
}

/// Whether a call that failed like this may be retried.
fn is_retryable(policy: RetryPolicy, failure: &Failure) -> bool {
    match policy {
        RetryPolicy::Never => false,
        RetryPolicy::IfNotSent => failure.kind == FailureKind::Connect,
        RetryPolicy::Idempotent => match failure.kind {
            FailureKind::Connect | FailureKind::Broken | FailureKind::Server => true,
            // A limit that does not say when it ends is not tested again.
            FailureKind::Throttled => failure.retry_after.is_some(),
            _ => false,
        },
    }
}
