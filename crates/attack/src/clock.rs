//! Real time: stopwatch, sleep and waiting for a condition.
#![expect(
    clippy::disallowed_methods,
    reason = "the attacked processes use the machine's clock"
)]

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

const POLL_INTERVAL: Duration = Duration::from_millis(20);

#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

pub async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Polls until there is a value. Returns `None` after the timeout.
pub async fn wait_until_some<T>(
    timeout: Duration,
    mut poll: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<Option<T>> {
    let watch = Stopwatch::start();
    loop {
        if let Some(value) = poll().await? {
            return Ok(Some(value));
        }
        if watch.elapsed() > timeout {
            return Ok(None);
        }
        sleep(POLL_INTERVAL).await;
    }
}

/// Polls until there is a value, and fails after the timeout.
pub async fn wait_for<T>(
    what: &str,
    timeout: Duration,
    poll: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    match wait_until_some(timeout, poll).await? {
        Some(value) => Ok(value),
        None => bail!("timed out waiting for {what}"),
    }
}
