//! A world to test in: sandbox, product, a clock that is moved, and browsers.

pub mod answer;
pub mod browser;
pub mod fault_store;
pub mod test_app;
pub mod upstream;

pub use answer::Answer;
pub use browser::Browser;
pub use test_app::World;
pub use upstream::Upstream;

pub use latchkey_testkit::sandbox_client::different_code;
pub use latchkey_testkit::wait::wait_until;

use std::time::Duration;

use latchkey::server::system::clock::Clock;

/// A number with a user behind it.
pub const KNOWN: &str = "+447400123456";
/// A number that nobody has.
pub const UNKNOWN: &str = "+447400654321";

/// A real pause.
pub async fn pause(millis: u64) {
    Clock::system().sleep(Duration::from_millis(millis)).await;
}

/// So many minutes.
pub const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// So many seconds.
pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}
