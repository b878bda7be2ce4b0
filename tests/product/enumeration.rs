//! Known, unknown, locked, inactive and limited numbers look alike (requirements E1 to E4).
//!
//! - `equal_bytes`: the same answers, byte for byte, at every door, and the pages that follow.
//! - `response_delay`: they leave at the same moment, by a clock that the test moves; `delay_distribution`: in real
//!   time, by a statistical test, which `measurement` tests.
//! - `undisclosed_limits`: unknown numbers are counted alike, and a success of the owner changes nothing that
//!   others see.
//! - `equal_sentences`: no sentence says whether somebody has an account.

use std::sync::Arc;

use crate::support::{Answer, Browser, World, seconds};
use latchkey_testkit::masking::mask_random_parts;

mod delay_distribution;
mod equal_bytes;
mod equal_sentences;
mod measurement;
mod response_delay;
mod undisclosed_limits;

/// What is the matter with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Known,
    Unknown,
    Locked,
    Inactive,
    /// Strangers have spent its sends and tries.
    Limited,
    /// So have many numbers near it.
    LimitedPrefix,
    /// Its first code is sent; when it asks for another, a stranger has just done so.
    WithheldResend,
}

impl Case {
    const ALL: [Self; 7] = [
        Self::Known,
        Self::Unknown,
        Self::Locked,
        Self::Inactive,
        Self::Limited,
        Self::LimitedPrefix,
        Self::WithheldResend,
    ];

    /// Each with a prefix of its own; the page shows the same of all.
    fn phone(self) -> String {
        format!("+4474001{}3456", self as u8)
    }

    /// What upstream says of its user.
    fn status(self) -> Option<&'static str> {
        match self {
            Self::Unknown => None,
            Self::Locked => Some("locked"),
            Self::Inactive => Some("Disabled"),
            _ => Some("Active"),
        }
    }
}

/// Sends to numbers with one prefix in an hour: enough for one of them, and soon spent by others.
const PREFIX_HOURLY: u32 = 6;

/// A world with a number of each kind, and an upstream that takes another time over each.
async fn world() -> Arc<World> {
    let world = World::with(|settings| settings.guard.prefix_hourly = PREFIX_HOURLY).await;
    for case in Case::ALL {
        if let Some(status) = case.status() {
            world.upstream.user(&case.phone(), status).await;
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
            world.upstream.latency(operation, case, millis).await;
        }
    }
    world
}

/// Strangers use up what the limited ones have: tries for a quarter of an hour, sends for an hour.
async fn spend(world: &Arc<World>) {
    let phone = Case::Limited.phone();
    for number in 0..5 {
        let mut stranger = world.browser();
        stranger.ask(&phone).await.next("/code");
        if number == 0 {
            stranger.guess(&phone).await.problem(401, "code_refused");
            stranger.guess(&phone).await.problem(401, "code_refused");
        }
        world.advance(seconds(31)).await;
    }
    for which in 0..PREFIX_HOURLY {
        let near = Case::LimitedPrefix
            .phone()
            .replace("3456", &format!("{which:04}"));
        world.browser().ask(&near).await.next("/code");
    }
}

/// All that a browser can see of an answer, with random values masked: status, headers in their
/// order, cookies by name and length, body. The clock stands still, so times are compared too.
fn seen(answer: &Answer) -> String {
    let headers = answer
        .headers
        .iter()
        .map(|(name, value)| format!("\n{name}: {}", value.to_str().unwrap()));
    mask_random_parts(
        &format!("{}{}", answer.status, headers.collect::<String>()),
        &answer.body,
    )
}

/// Insists on the same text, and shows where it is not, instead of two pages.
#[track_caller]
fn same(what: &str, text: &str, other: &str) {
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
fn alike(door: &str, answers: &[(Case, Answer)]) {
    let (_, first) = &answers[0];
    for (case, answer) in answers {
        same(&format!("{door}: {case:?}"), &seen(answer), &seen(first));
        assert_eq!(answer.took, first.took, "{door}: {case:?}");
    }
}
