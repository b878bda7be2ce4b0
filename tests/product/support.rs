//! A world to test in: sandbox, product, a clock that is moved, and browsers.

pub mod answer;
pub mod browser;
pub mod capture;
pub mod gate;
pub mod upstream;
pub mod world;

pub use answer::Answer;
pub use browser::Browser;
pub use upstream::Upstream;
pub use world::World;

use std::time::Duration;

use latchkey::server::system::clock::Clock;

/// A number with a user behind it.
pub const KNOWN: &str = "+447400123456";
/// A number that nobody has.
pub const UNKNOWN: &str = "+447400654321";

/// Longest real time that something is waited for: far beyond what a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(20);

/// A real pause.
pub async fn pause(millis: u64) {
    Clock::system().sleep(Duration::from_millis(millis)).await;
}

/// Waits in real time until something holds.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let clock = Clock::system();
    let end = clock.now() + PATIENCE;
    while !holds().await {
        assert!(clock.now() < end, "waited in vain for {what}");
        pause(2).await;
    }
}

/// A code of the same length that is not this one.
pub fn other_than(code: &str) -> String {
    let first = if code.starts_with('0') { '1' } else { '0' };
    format!("{first}{}", &code[1..])
}

/// So many minutes.
pub const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// So many seconds.
pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}
