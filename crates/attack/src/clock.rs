//! Time, which is real here: the processes that are attacked have no other.
#![expect(
    clippy::disallowed_methods,
    reason = "what is attacked runs by the machine's clock"
)]

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Between two looks at something that is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Measures how long something takes.
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

/// Waits.
pub async fn pause(length: Duration) {
    tokio::time::sleep(length).await;
}

/// Waits until `look` finds something; `None` when that takes longer than `patience`.
pub async fn found<T>(
    patience: Duration,
    mut look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<Option<T>> {
    let watch = Stopwatch::start();
    loop {
        if let Some(found) = look().await? {
            return Ok(Some(found));
        }
        if watch.elapsed() > patience {
            return Ok(None);
        }
        pause(LOOK_EVERY).await;
    }
}

/// The same, where it must come.
pub async fn awaited<T>(
    what: &str,
    patience: Duration,
    look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    match found(patience, look).await? {
        Some(found) => Ok(found),
        None => bail!("waited in vain for {what}"),
    }
}
