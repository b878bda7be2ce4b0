//! The response delays in real time with the statistical test, in a short version (E2). `cargo
//! xtask timing` is the long one.
//!
//! On a busy machine both samples spread in the same way, because they alternate. Differences of
//! upstream would be far larger.

use std::time::Duration;

use latchkey::domain::{Channel, Identifier, IdentifierType};
use latchkey::server::system::clock::Stopwatch;
use latchkey::server::transmit::{ClientAttributes, SendOtp};

use crate::enumeration::*;
use crate::support::{Upstream, pause};
use latchkey_testkit::kolmogorov_smirnov::{Comparison, compare};

/// Samples of each kind.
const SAMPLES: u32 = 24;
/// The probability that a correct server fails: one in a hundred thousand.
const LEAST_P: f64 = 1e-5;
/// The difference of upstream's own response times, and a third of it.
const APART: Duration = Duration::from_millis(600);
const NEAR: Duration = Duration::from_millis(200);

fn tells_apart(comparison: &Comparison) -> bool {
    comparison.p_value <= LEAST_P || comparison.median_difference >= NEAR
}

fn phone(known: bool, number: u32) -> String {
    // Each with a prefix of its own.
    format!("+447400{}{number:02}456", u8::from(known))
}

async fn upstream() -> Upstream {
    let upstream = Upstream::start().await;
    for number in 0..SAMPLES {
        upstream
            .set_user_status(&phone(true, number), "Active")
            .await;
    }
    for operation in ["otp_send", "otp_authenticate"] {
        for case in ["known", "wrong"] {
            upstream
                .set_latency(operation, case, u64::try_from(APART.as_millis()).unwrap())
                .await;
        }
    }
    upstream
}

/// Response times for known and unknown numbers, alternating.
async fn samples(app: &Arc<TestApp>) -> ([Vec<Duration>; 2], [Vec<Duration>; 2]) {
    let mut tasks = Vec::new();
    for number in 0..SAMPLES {
        for known in [true, false] {
            let mut browser = app.browser();
            tasks.push(tokio::spawn(async move {
                let form = browser.form("send-code", &[("phone", &phone(known, number))]);
                let sent = browser.app.call(form).await;
                sent.assert_next("/code");
                browser.store_cookies(&sent);
                let verified = browser
                    .app
                    .call(browser.form("verify-code", &[("code", "000000")]))
                    .await;
                verified.assert_code_refused();
                (known, sent.elapsed, verified.elapsed)
            }));
            pause(20).await;
        }
    }
    let (mut sends, mut verifies) = <([Vec<Duration>; 2], [Vec<Duration>; 2])>::default();
    for task in tasks {
        let (known, sent, verified) = task.await.unwrap();
        sends[usize::from(known)].push(sent);
        verifies[usize::from(known)].push(verified);
    }
    (sends, verifies)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e2_response_times_do_not_disclose_known_numbers() {
    let app = TestApp::in_real_time(Arc::new(upstream().await), |_| {});
    let (sends, verifies) = samples(&app).await;
    for (step, [unknown, known]) in [("send", sends), ("verify", verifies)] {
        let comparison = compare(&unknown, &known);
        assert!(
            !tells_apart(&comparison),
            "{step}: {comparison:?}\nunknown {unknown:?}\nknown {known:?}"
        );
    }
    assert_eq!(
        app.upstream.call_count("otp_authenticate").await,
        u64::from(SAMPLES),
        "known numbers were verified upstream"
    );
}

/// The test can detect a difference: upstream's own responses are distinguished with the same
/// samples.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e2_the_test_distinguishes_upstreams_own_response_times() {
    let app = TestApp::in_real_time(Arc::new(upstream().await), |_| {});
    let mut took = [Vec::new(), Vec::new()];
    for number in 0..8 {
        for known in [true, false] {
            let identifier = Identifier::canonical(
                IdentifierType::PhoneNumber,
                phone(known, number),
                Some("GB".into()),
            );
            let send = SendOtp {
                identifier: &identifier,
                channel: Channel::Sms,
                message: None,
                sender_id: None,
                client: ClientAttributes::default(),
            };
            let watch = Stopwatch::start();
            let sent = app.product.transmit.send_otp(&send).await;
            assert_eq!(sent.is_ok(), known);
            took[usize::from(known)].push(watch.elapsed());
        }
    }
    let [unknown, known] = took;
    let comparison = compare(&unknown, &known);
    assert!(
        comparison.distance == 1.0
            && comparison.median_difference >= NEAR
            && tells_apart(&comparison),
        "{comparison:?}"
    );
}
