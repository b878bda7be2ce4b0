//! The signing keys in hand: fetched once for all, looked at again when a token names an unknown one, and kept through an
//! outage of their endpoint for a bounded time (requirement T5).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use url::Url;

use super::deadline::Deadline;
use super::failure::{Failure, FailureKind};
use super::flight::{Landing, SingleFlight};
use super::key_set::KeySet;
use super::line::{Call, Line};
use super::operation::Operation;
use super::{report, retry};
use crate::server::clock::{Clock, Timestamp, lock};
use crate::server::random::Random;

/// Age at which keys are fetched again, while the old ones still serve.
pub const FRESH_FOR: Duration = Duration::from_secs(3600);

/// Age up to which keys serve when no newer ones can be had.
pub const BRIDGE_FOR: Duration = Duration::from_secs(24 * 3600);

/// Shortest time between two fetches that tokens ask for by naming an unknown key, or by a signature that does not fit.
pub const ASK_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// The same after a fetch that failed.
pub const ASK_AGAIN_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// The cache. Cheap to clone.
#[derive(Clone)]
pub(super) struct Keys(Arc<Inner>);

struct Inner {
    line: Arc<Line>,
    url: Url,
    timeout: Duration,
    clock: Clock,
    random: Random,
    state: Mutex<State>,
    flight: SingleFlight<Fetched>,
}

type Fetched = Result<Arc<KeySet>, Failure>;

#[derive(Default)]
struct State {
    held: Option<(Arc<KeySet>, Timestamp)>,
    /// Before this, an unknown key is not asked for.
    ask_again_at: Timestamp,
    /// Before this, old keys are not fetched again.
    refresh_at: Timestamp,
}

impl Keys {
    pub fn new(line: Arc<Line>, url: Url, timeout: Duration, clock: Clock, random: Random) -> Self {
        let (state, flight) = (Mutex::default(), SingleFlight::default());
        Self(Arc::new(Inner { line, url, timeout, clock, random, state, flight }))
    }

    /// Keys that may be used now; fetches them if there are none, and in the background if they are old.
    pub async fn current(&self, deadline: &Deadline) -> Fetched {
        match self.held() {
            Some((keys, age)) => {
                if age >= FRESH_FOR && self.0.clock.now() >= lock(&self.0.state).refresh_at {
                    self.fetch(|| None);
                }
                Ok(keys)
            }
            None => {
                let landing = self.fetch(|| self.held().map(|(keys, _)| Ok(keys)));
                self.land(landing, deadline).await
            }
        }
    }

    /// Looks again, unless that was done a moment ago, and gives the keys that are then in hand.
    pub async fn newer(&self, deadline: &Deadline) -> Fetched {
        let mut is_too_soon = false;
        let landing = self.fetch(|| {
            let state = lock(&self.0.state);
            is_too_soon = self.0.clock.now() < state.ask_again_at;
            let held = state.held.as_ref().filter(|_| is_too_soon);
            held.map(|(keys, _)| Ok(keys.clone()))
        });
        let fetched = self.land(landing, deadline).await;
        if !is_too_soon {
            let wait = if fetched.is_ok() { ASK_AGAIN_AFTER } else { ASK_AGAIN_AFTER_FAILURE };
            lock(&self.0.state).ask_again_at = self.0.clock.now() + wait;
        }
        fetched
    }

    /// Fetches them now, whatever is in hand, and says how many are usable.
    pub async fn probe(&self, deadline: &Deadline) -> Result<usize, Failure> {
        let landing = self.fetch(|| None);
        self.land(landing, deadline).await.map(|keys| keys.len())
    }

    fn held(&self) -> Option<(Arc<KeySet>, Duration)> {
        let now = self.0.clock.now();
        let state = lock(&self.0.state);
        let (keys, fetched_at) = state.held.as_ref()?;
        let age = now.since(*fetched_at);
        (age < BRIDGE_FOR).then(|| (keys.clone(), age))
    }

    fn fetch(&self, landed: impl FnOnce() -> Option<Fetched>) -> Landing<Fetched> {
        let inner = self.0.clone();
        self.0.flight.join(landed, || async move { inner.fetch().await })
    }

    async fn land(&self, landing: Landing<Fetched>, deadline: &Deadline) -> Fetched {
        match deadline.bound(landing.wait()).await {
            Ok(Some(fetched)) => fetched,
            Ok(None) | Err(_) => Err(Failure::not_written(Operation::Jwks, FailureKind::Timeout)),
        }
    }
}

impl Inner {
    async fn fetch(&self) -> Fetched {
        let deadline = Deadline::after(&self.clock, self.timeout);
        let call = Call::get(Operation::Jwks, self.url.clone());
        let attempt = || self.line.exchange(&call, None, &deadline, KeySet::parse);
        let fetching = retry::within(&deadline, Operation::Jwks.retry(), &self.random, attempt);
        let fetched = report::measured(Operation::Jwks, fetching).await.map(Arc::new);
        let now = self.clock.now();
        let mut state = lock(&self.state);
        match &fetched {
            Ok(keys) => state.held = Some((keys.clone(), now)),
            Err(_) => state.refresh_at = now + ASK_AGAIN_AFTER_FAILURE,
        }
        fetched
    }
}
