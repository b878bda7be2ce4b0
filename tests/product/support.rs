//! The environment of the tests: sandbox, app, manual clock, and browsers.

pub mod browser;
pub mod identifier_mode;
pub mod response;
pub mod test_app;
pub mod upstream;

pub use browser::Browser;
pub use identifier_mode::{IDENTIFIER_MODES, Person};
pub use response::TestResponse;
pub use test_app::TestApp;
pub use upstream::Upstream;

pub use latchkey_testkit::sandbox_client::different_code;
pub use latchkey_testkit::wait::wait_until;

use std::time::Duration;

use latchkey::server::system::clock::Clock;

/// The server functions.
pub const ENDPOINTS: [&str; 7] = [
    "send-code",
    "sign-up",
    "verify-code",
    "resend-code",
    "sign-out",
    "extend-session",
    "revoke-session",
];
/// A number with a user.
pub const KNOWN_PHONE: &str = "+447400123456";
/// A number without a user.
pub const UNKNOWN_PHONE: &str = "+447400654321";

/// A pause in real time.
pub async fn pause(millis: u64) {
    Clock::system().sleep(Duration::from_millis(millis)).await;
}

pub const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// The value of the selected option of the country field.
pub fn selected_country(page: &str) -> &str {
    let tag = |option: &&str| option.split('>').next().unwrap().contains(" selected");
    let option = page.split("<option").skip(1).find(tag).unwrap();
    let value = option.split("value=\"").nth(1).unwrap();
    value.split('"').next().unwrap()
}
