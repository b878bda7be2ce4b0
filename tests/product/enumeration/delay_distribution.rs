//! The same in real time, by the statistical test, in short (E2). `cargo xtask timing` has it in
//! long.
//!
//! On a busy machine both samples spread alike, for they are taken by turns; what would be seen of
//! upstream is far larger.

use std::time::Duration;

use latchkey::domain::{Identifier, IdentifierType};
use latchkey::server::system::clock::Stopwatch;
use latchkey::server::transmit::{ClientAttributes, SendOtp};

use crate::enumeration::*;
use crate::support::{Upstream, pause};
use latchkey_testkit::kolmogorov_smirnov::{Comparison, compare};

/// Samples of each kind.
const SAMPLES: u32 = 24;
/// A chance of one in a hundred thousand that an honest server fails.
const LEAST_P: f64 = 1e-5;
/// How far upstream's own answers are apart, and a third of it.
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
        upstream.user(&phone(true, number), "Active").await;
    }
    for operation in ["otp_send", "otp_authenticate"] {
        for case in ["known", "wrong"] {
            upstream
                .latency(operation, case, u64::try_from(APART.as_millis()).unwrap())
                .await;
        }
    }
    upstream
}

/// How long doors take over known and over unknown numbers, by turns.
async fn samples(world: &Arc<World>) -> ([Vec<Duration>; 2], [Vec<Duration>; 2]) {
    let mut tasks = Vec::new();
    for number in 0..SAMPLES {
        for known in [true, false] {
            let mut browser = world.browser();
            tasks.push(tokio::spawn(async move {
                let form = browser.form("send-code", &[("phone", &phone(known, number))]);
                let sent = browser.world.call(form).await;
                sent.next("/code");
                browser.keep(&sent);
                let verified = browser
                    .world
                    .call(browser.form("verify-code", &[("code", "000000")]))
                    .await;
                verified.problem(401, "code_refused");
                (known, sent.took, verified.took)
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
async fn e2_neither_step_tells_known_from_unknown_by_its_time() {
    let world = World::in_real_time(Arc::new(upstream().await), |_| {});
    let (sends, verifies) = samples(&world).await;
    for (step, [unknown, known]) in [("send", sends), ("verify", verifies)] {
        let comparison = compare(&unknown, &known);
        assert!(
            !tells_apart(&comparison),
            "{step}: {comparison:?}\nunknown {unknown:?}\nknown {known:?}"
        );
    }
    assert_eq!(
        world.upstream.count("otp_authenticate").await,
        u64::from(SAMPLES),
        "known numbers were asked about"
    );
}

/// The measure would see it: upstream's own answers, which no page waits for, are told apart by the
/// same samples.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e2_the_measure_tells_upstreams_own_answers_apart() {
    let world = World::in_real_time(Arc::new(upstream().await), |_| {});
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
                message: None,
                sender_id: None,
                client: ClientAttributes::default(),
            };
            let watch = Stopwatch::start();
            let sent = world.product.transmit.send_otp(&send).await;
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
