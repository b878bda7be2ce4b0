//! Tests of the step on a clock that the test moves (E2).

use std::sync::Arc;

use super::*;
use crate::server::system::clock::ClockHandle;

const START: Timestamp = Timestamp::from_secs(1000);

struct Fixture {
    delay: Arc<ResponseDelay>,
    clock: Clock,
    handle: ClockHandle,
}

/// With the default delays: an answer is in time for them until 1.25 s, 4.75 s and 9.75 s.
fn fixture() -> Fixture {
    let (clock, handle) = Clock::manual(START);
    let delays = [1500, 5000, 10_000].map(HumanDuration::millis);
    let delay = ResponseDelay::new(&delays, clock.clone(), Random::seeded(7));
    Fixture {
        delay: Arc::new(delay),
        clock,
        handle,
    }
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A step's delay in milliseconds.
fn delay_of(step: usize) -> u64 {
    [1500, 5000, 10_000][step]
}

impl Fixture {
    /// A call that takes so long.
    async fn call(&self, contact: UpstreamContact, took: Duration) -> AttemptTiming {
        let timing = self.delay.begin(self.clock.now());
        let call = async {
            self.handle.advance(took);
            Ok::<_, ()>(())
        };
        let result = self.delay.measure(&timing, contact, call, |_| false).await;
        result.unwrap();
        timing
    }

    async fn verify(&self, took: u64) {
        self.call(UpstreamContact::Verify, millis(took)).await;
    }

    fn step(&self) -> u64 {
        delay_of(self.delay.service_step())
    }

    /// Starts to wait for the response of an attempt that came now.
    fn wait(&self) -> tokio::task::JoinHandle<Duration> {
        let (delay, clock) = (self.delay.clone(), self.clock.clone());
        let timing = delay.begin(clock.now());
        tokio::spawn(async move {
            delay.wait(&timing).await;
            clock.now().since(timing.received_at)
        })
    }

    /// Advances the clock in small moves, so that everything happens in its order.
    async fn pass(&self, duration: Duration) {
        for _ in 0..duration.as_millis() / 50 {
            self.handle.advance(millis(50));
            for _ in 0..4 {
                tokio::task::yield_now().await;
            }
        }
    }
}

#[tokio::test]
async fn e2_the_step_is_the_first_that_the_slowest_recent_answer_was_in_time_for() {
    for (took, step) in [
        (0, 1500),
        (1249, 1500),
        (1250, 1500),
        (1251, 5000),
        (1500, 5000),
        (4750, 5000),
        (4751, 10_000),
        (5000, 10_000),
        (9750, 10_000),
        (60_000, 10_000),
    ] {
        let fixture = fixture();
        fixture.verify(20).await;
        fixture.verify(took).await;
        fixture.verify(20).await;
        assert_eq!(fixture.step(), step, "{took} ms");
    }
}

#[tokio::test]
async fn e2_fast_answers_do_not_lower_the_step_before_the_window_ends() {
    let fixture = fixture();
    fixture.verify(2000).await;
    for _ in 0..500 {
        fixture.verify(20).await;
    }
    assert_eq!(fixture.step(), 5000, "an attacker's calls cannot dilute it");
    fixture.handle.advance(WINDOW - millis(500 * 20 + 1));
    assert_eq!(fixture.step(), 5000);
    fixture.handle.advance(millis(1));
    assert_eq!(fixture.step(), 1500);
}

#[tokio::test]
async fn e2_without_traffic_the_step_stays_for_hours() {
    let fixture = fixture();
    fixture.verify(2000).await;
    for _ in 1..MIN_CALLS {
        fixture.verify(20).await;
    }
    fixture.handle.advance(MAX_AGE - Duration::from_secs(60));
    assert_eq!(fixture.step(), 5000);
    fixture.verify(20).await;
    assert_eq!(fixture.step(), 1500, "enough newer answers");

    fixture.verify(2000).await;
    fixture.handle.advance(MAX_AGE);
    assert_eq!(fixture.step(), 1500, "too old");
}

#[tokio::test]
async fn e2_checks_raise_the_step_and_do_not_lower_it() {
    let fixture = fixture();
    let check = UpstreamContact::ConnectivityCheck;
    fixture.call(check, millis(2000)).await;
    assert_eq!(fixture.step(), 5000);
    fixture.handle.advance(WINDOW);
    for _ in 0..100 {
        fixture.call(check, millis(20)).await;
    }
    assert_eq!(fixture.step(), 5000);
}

#[tokio::test]
async fn e2_one_outlier_in_a_thousand_does_not_raise_the_step_and_not_only_verifies_have_it() {
    let fixture = fixture();
    for _ in 0..2 * CALLS_PER_OUTLIER {
        fixture.verify(1).await;
    }
    fixture.verify(2000).await;
    fixture.verify(2000).await;
    assert_eq!(fixture.step(), 1500);
    let mut late = 0;
    for _ in 0..10 * CALLS_PER_OUTLIER {
        let timing = fixture
            .call(UpstreamContact::ConnectivityCheck, Duration::ZERO)
            .await;
        late += usize::from(timing.step.into_inner() > 0);
    }
    assert!(
        (2..30).contains(&late),
        "{late} of 10,000 instead of about 10"
    );
    fixture.verify(2000).await;
    assert_eq!(fixture.step(), 5000);
}

#[tokio::test]
async fn e2_a_call_that_is_late_moves_every_response_that_waits() {
    let fixture = fixture();
    let before = fixture.wait();
    fixture.pass(millis(300)).await;
    let timing = fixture.delay.begin(fixture.clock.now());
    let (answer, answered) = tokio::sync::oneshot::channel::<()>();
    let delay = fixture.delay.clone();
    let call = tokio::spawn(async move {
        let call = async {
            answered.await.unwrap();
            Ok::<_, ()>(())
        };
        let contact = UpstreamContact::Verify;
        delay
            .measure(&timing, contact, call, |_| false)
            .await
            .unwrap();
        delay.wait(&timing).await;
        delay.clock.now().since(timing.received_at)
    });
    let beside = fixture.wait();
    fixture.pass(millis(1300)).await;
    let after = fixture.wait();
    answer.send(()).unwrap();
    fixture.pass(millis(6000)).await;
    assert_eq!(
        before.await.unwrap(),
        millis(1500),
        "due before it was late"
    );
    for waiting in [call, beside, after] {
        assert_eq!(waiting.await.unwrap(), millis(5000));
    }
}

#[tokio::test]
async fn e2_a_chosen_step_does_not_fall_while_a_response_waits() {
    let fixture = fixture();
    fixture.verify(2000).await;
    fixture.handle.advance(MAX_AGE - millis(1000));
    let waiting = fixture.wait();
    fixture.pass(millis(1500)).await;
    assert_eq!(fixture.step(), 1500);
    assert!(!waiting.is_finished());
    fixture.pass(millis(3500)).await;
    assert_eq!(waiting.await.unwrap(), millis(5000));
}

#[tokio::test]
async fn e2_a_disclosed_failure_does_not_move_the_step() {
    let fixture = fixture();
    let timing = fixture.delay.begin(fixture.clock.now());
    let call = async {
        fixture.handle.advance(millis(3000));
        Err::<(), &str>("no connection")
    };
    let contact = UpstreamContact::Verify;
    let result = fixture.delay.measure(&timing, contact, call, |_| true);
    assert!(result.await.is_err());
    assert_eq!(fixture.step(), 1500);
}

#[tokio::test]
async fn e2_the_last_step_is_upstreams_deadline() {
    let fixture = fixture();
    let timing = fixture.delay.begin(fixture.clock.now());
    fixture.handle.advance(millis(750));
    assert_eq!(fixture.delay.upstream_timeout(&timing), millis(9000));
    // Short delays keep three quarters of their time for upstream.
    let delays = [100, 200].map(HumanDuration::millis);
    let delay = ResponseDelay::new(&delays, fixture.clock.clone(), Random::seeded(7));
    let timing = delay.begin(fixture.clock.now());
    assert_eq!(delay.upstream_timeout(&timing), millis(150));
}
