//! Waiting in real time until a condition holds.

use std::thread::sleep;
use std::time::Duration;

use latchkey::server::system::clock::Clock;

/// The longest wait, far beyond what a busy machine needs.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// Polls an asynchronous condition until it holds. Panics with `what` when it does not.
pub async fn wait_until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let clock = Clock::system();
    let deadline = clock.now() + LONGEST_WAIT;
    while !holds().await {
        assert!(clock.now() < deadline, "timed out waiting for {what}");
        clock.sleep(POLL_INTERVAL).await;
    }
}

/// Polls a condition until it holds, and blocks the thread. Panics with `what` when it does not.
pub fn wait_until_blocking(what: &str, mut holds: impl FnMut() -> bool) {
    let clock = Clock::system();
    let deadline = clock.now() + LONGEST_WAIT;
    while !holds() {
        assert!(clock.now() < deadline, "timed out waiting for {what}");
        sleep(POLL_INTERVAL);
    }
}
