//! Known, unknown, locked, inactive and limited numbers cannot be distinguished (requirements E1 to
//! E4).
//!
//! - `equal_bytes`: the same responses byte for byte from every endpoint, and the same pages
//!   afterwards.
//! - `response_delay`: the same response times on a manual clock; `delay_distribution`: in real
//!   time with a statistical test, which `measurement` tests; `step_distribution`: the same for
//!   refused codes while upstream's time is near a step.
//! - `undisclosed_limits`: unknown numbers are counted like known ones, and the owner's success is
//!   invisible to others.
//! - `equal_sentences`: no sentence says whether an account exists.

use std::sync::Arc;

use crate::support::{Browser, TestApp, TestResponse, seconds};
use latchkey_testkit::masking::mask_random_parts;

mod delay_distribution;
mod equal_bytes;
mod equal_sentences;
mod measurement;
mod response_delay;
mod step_distribution;
mod undisclosed_limits;

/// The state of a number's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AccountState {
    Known,
    Unknown,
    Locked,
    Inactive,
    /// Unrecognised devices have exhausted its sends and attempts.
    Limited,
    /// Many numbers with its prefix have exhausted the prefix limit.
    LimitedPrefix,
    /// Its first code is sent. When it requests another one, another device has just done so.
    WithheldResend,
}

impl AccountState {
    const ALL: [Self; 7] = [
        Self::Known,
        Self::Unknown,
        Self::Locked,
        Self::Inactive,
        Self::Limited,
        Self::LimitedPrefix,
        Self::WithheldResend,
    ];

    /// Each has a prefix of its own; the page masks all of them the same way.
    fn phone(self) -> String {
        format!("+4474001{}3456", self as u8)
    }

    /// The upstream status of its user.
    fn status(self) -> Option<&'static str> {
        match self {
            Self::Unknown => None,
            Self::Locked => Some("locked"),
            Self::Inactive => Some("Disabled"),
            _ => Some("Active"),
        }
    }
}

/// Hourly sends to numbers with one prefix: enough for one number, and soon exhausted by others.
const PREFIX_HOURLY: u32 = 6;

/// An app with a number in each state, and an upstream with a different latency for each.
async fn app() -> Arc<TestApp> {
    let app = TestApp::with_settings(|settings| settings.guard.prefix_hourly = PREFIX_HOURLY).await;
    for state in AccountState::ALL {
        if let Some(status) = state.status() {
            app.upstream.set_user_status(&state.phone(), status).await;
        }
    }
    for (case, millis) in [
        ("known", 5),
        ("unknown", 40),
        ("locked", 80),
        ("inactive", 120),
        ("wrong", 60),
    ] {
        for operation in ["otp_send", "otp_authenticate", "user_create"] {
            app.upstream.set_latency(operation, case, millis).await;
        }
    }
    app
}

/// Other devices exhaust the limits: attempts for a quarter of an hour, sends for an hour.
async fn exhaust_limits(app: &Arc<TestApp>) {
    let phone = AccountState::Limited.phone();
    for number in 0..5 {
        let mut attacker = app.browser();
        attacker.request_code(&phone).await.assert_next("/code");
        if number == 0 {
            attacker
                .submit_wrong_code(&phone)
                .await
                .assert_code_refused();
            attacker
                .submit_wrong_code(&phone)
                .await
                .assert_code_refused();
        }
        app.advance(seconds(31)).await;
    }
    for which in 0..PREFIX_HOURLY {
        let near = AccountState::LimitedPrefix
            .phone()
            .replace("3456", &format!("{which:04}"));
        app.browser().request_code(&near).await.assert_next("/code");
    }
}

/// Everything that a browser can see of a response, with random values masked: status, headers in
/// order, cookies by name and length, body. The clock does not advance, so times are compared too.
fn visible_text(response: &TestResponse) -> String {
    let headers = response
        .headers
        .iter()
        .map(|(name, value)| format!("\n{name}: {}", value.to_str().unwrap()));
    mask_random_parts(
        &format!("{}{}", response.status, headers.collect::<String>()),
        &response.body,
    )
}

/// Asserts equality, and shows the first difference instead of two pages.
#[track_caller]
fn assert_same_text(what: &str, text: &str, other: &str) {
    let at = text
        .bytes()
        .zip(other.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let here = |text: &str| {
        String::from_utf8_lossy(&text.as_bytes()[at.min(text.len())..])
            .chars()
            .take(160)
            .collect::<String>()
    };
    assert!(
        text == other,
        "{what} differs after {at} bytes\n  {}\n  {}",
        here(text),
        here(other)
    );
}

#[track_caller]
fn assert_same_responses(endpoint: &str, responses: &[(AccountState, TestResponse)]) {
    let (_, first) = &responses[0];
    for (state, response) in responses {
        assert_same_text(
            &format!("{endpoint}: {state:?}"),
            &visible_text(response),
            &visible_text(first),
        );
        assert_eq!(response.elapsed, first.elapsed, "{endpoint}: {state:?}");
    }
}
