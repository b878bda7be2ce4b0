//! Refused codes in real time, with the statistical test (E2). Upstream needs just less than a
//! step, as much, or more, and different times for different numbers.

use std::time::Duration;

use latchkey::server::settings::HumanDuration;

use crate::enumeration::*;
use crate::support::{Upstream, pause};
use latchkey_testkit::kolmogorov_smirnov::{all_pairs, compare};

const SAMPLES: u32 = 24;
/// The probability that a correct server fails: one in a hundred thousand for each pair.
const LEAST_P: f64 = 1e-5;
/// A third of the difference between two steps.
const NEAR: Duration = Duration::from_millis(250);

/// In milliseconds. An answer is in time for the first one until 300 ms.
const STEPS: [u64; 3] = [400, 1200, 10_000];
/// For an answer that is always in time.
const SHORT: u64 = 10;

/// What upstream does with the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NumberKind {
    /// It has a user. Upstream refuses the code.
    Known,
    /// Its user was removed after the code was sent. Upstream refuses the code.
    Removed,
    /// It never had a user. Upstream is not asked.
    Unknown,
}

const KINDS: [NumberKind; 3] = [NumberKind::Known, NumberKind::Removed, NumberKind::Unknown];

impl NumberKind {
    /// Each number with a prefix of its own.
    fn phone(self, number: u32) -> String {
        format!("+44740{}{number:02}4567", self as u8)
    }
}

/// Browsers with the flow of a number of each kind.
async fn browsers(app: &Arc<TestApp>) -> Vec<(NumberKind, Browser)> {
    let mut browsers = Vec::new();
    for number in 0..SAMPLES {
        for kind in KINDS {
            let phone = kind.phone(number);
            if kind != NumberKind::Unknown {
                app.upstream.set_user_status(&phone, "Active").await;
            }
            let mut browser = app.browser();
            let sent = app.call(browser.form("send-code", &[("phone", &phone)]));
            let sent = sent.await;
            sent.assert_next("/code");
            browser.store_cookies(&sent);
            browsers.push((kind, browser));
        }
    }
    app.wait_for_sends().await;
    for number in 0..SAMPLES {
        let phone = NumberKind::Removed.phone(number);
        app.upstream.set_user_status(&phone, "absent").await;
    }
    browsers
}

/// The response times of each kind, with upstream's times for the case `slow` in turns.
async fn response_times(slow: &str, millis: &[u64]) -> Vec<(NumberKind, Vec<Duration>)> {
    let app = TestApp::in_real_time(Arc::new(Upstream::start().await), |settings| {
        settings.sign_in.answer_after = HumanDuration::millis(1);
        settings.sign_in.refuse_after = STEPS.map(HumanDuration::millis).to_vec();
    });
    let browsers = browsers(&app).await;
    for case in ["wrong", "unknown"] {
        app.upstream
            .set_latency("otp_authenticate", case, SHORT)
            .await;
    }
    let mut times = millis.iter().cycle();
    let mut tasks = Vec::new();
    for (kind, browser) in browsers {
        if kind == NumberKind::Known {
            let millis = *times.next().unwrap();
            app.upstream
                .set_latency("otp_authenticate", slow, millis)
                .await;
        }
        let submission = browser.form("verify-code", &[("code", "000000")]);
        tasks.push((kind, app.spawn_call(submission)));
        pause(20).await;
    }
    let mut samples: Vec<_> = KINDS.map(|kind| (kind, Vec::new())).into();
    for (kind, task) in tasks {
        let response = task.await.unwrap();
        response.assert_code_refused();
        let (_, sample) = samples.iter_mut().find(|(of, _)| *of == kind).unwrap();
        sample.push(response.elapsed);
    }
    assert_eq!(
        app.upstream.call_count("otp_authenticate").await,
        u64::from(2 * SAMPLES),
        "upstream was asked about two kinds"
    );
    samples
}

async fn assert_indistinguishable(slow: &str, millis: &[u64]) {
    let samples = response_times(slow, millis).await;
    for ((kind, times), (other, others)) in all_pairs(&samples) {
        let comparison = compare(times, others);
        assert!(
            comparison.p_value > LEAST_P && comparison.median_difference < NEAR,
            "{slow} needs {millis:?} ms: {kind:?} and {other:?}: {comparison:?}\n\
             {times:?}\n{others:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e2_an_upstream_time_near_a_step_does_not_disclose_known_numbers() {
    // Just in time, too late for the first step, on it, and over it.
    for millis in [250, 310, STEPS[0], 420] {
        assert_indistinguishable("wrong", &[millis]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e2_an_upstream_time_near_a_step_does_not_disclose_removed_numbers() {
    for millis in [310, STEPS[0], 420] {
        assert_indistinguishable("unknown", &[millis]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e2_an_upstream_time_across_a_step_does_not_disclose_the_kind_of_number() {
    for slow in ["wrong", "unknown"] {
        assert_indistinguishable(slow, &[100, 500, 280, 390, 410, 320]).await;
    }
}
