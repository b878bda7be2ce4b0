//! The cache of upstream's signing keys (requirement T5).
//!
//! Keys are fetched once for all calls, and again when they are old or when a token names an
//! unknown key. During an outage of their endpoint the old keys are used for a bounded time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use url::Url;

use crate::domain::timestamp::Timestamp;
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;
use crate::server::system::random::Random;
use crate::server::transmit::tokens::jwks::Jwks;
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::exchange::{Upstream, UpstreamCall};
use crate::server::transmit::transport::failure::{Failure, FailureKind};
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::single_flight::{Pending, SingleFlight};
use crate::server::transmit::transport::{metrics, retry};

/// Age at which keys are fetched again, while the old ones are still used.
pub const REFRESH_AFTER: Duration = Duration::from_secs(3600);

/// Age up to which keys are used when no newer ones can be fetched.
pub const USABLE_FOR: Duration = Duration::from_secs(24 * 3600);

/// How many fetches tokens can force in a row, by an unknown key id or a signature that does not
/// match. Key rotations up to this number fail no sign-in.
pub const FORCED_FETCH_BURST: u32 = 5;

/// Time after which one forced fetch is refunded. Invalid tokens cannot cause more fetches than
/// this in the long run.
pub const FORCED_FETCH_INTERVAL: Duration = Duration::from_secs(30);

/// Shortest time from a failed fetch, which uses up no forced fetch, to the next one.
pub const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// The cache. Cheap to clone.
#[derive(Clone)]
pub(in crate::server::transmit) struct JwksCache(Arc<Inner>);

struct Inner {
    upstream: Arc<Upstream>,
    url: Url,
    timeout: Duration,
    clock: Clock,
    random: Random,
    state: Mutex<State>,
    flight: SingleFlight<Fetched>,
}

type Fetched = Result<Arc<Jwks>, Failure>;

/// The result of a forced fetch.
pub(in crate::server::transmit) struct ForcedFetch {
    pub keys: Fetched,
    /// Whether the fetch was already running: its response may be older than a key rotation.
    pub was_running: bool,
}

#[derive(Default)]
struct State {
    cached: Option<(Arc<Jwks>, Timestamp)>,
    /// No fetch of keys begins before this time.
    retry_at: Timestamp,
    /// When all forced fetches are refunded: a leaky bucket, stored as one time.
    full_at: Timestamp,
}

impl State {
    /// When all forced fetches would be refunded if one more is used now; `None` if none is left.
    fn full_after_one_more(&self, now: Timestamp) -> Option<Timestamp> {
        let full_at = self.full_at.max(now) + FORCED_FETCH_INTERVAL;
        (full_at.since(now) <= FORCED_FETCH_INTERVAL * FORCED_FETCH_BURST).then_some(full_at)
    }
}

/// Why keys are fetched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FetchCause {
    /// A token that the cached keys cannot validate.
    Token,
    /// Their age, or the `check` command.
    Refresh,
}

impl JwksCache {
    pub fn new(
        upstream: Arc<Upstream>,
        url: Url,
        timeout: Duration,
        clock: Clock,
        random: Random,
    ) -> Self {
        let (state, flight) = (Mutex::default(), SingleFlight::default());
        Self(Arc::new(Inner {
            upstream,
            url,
            timeout,
            clock,
            random,
            state,
            flight,
        }))
    }

    /// When the cached keys were fetched; none before the first time.
    pub fn fetched_at(&self) -> Option<Timestamp> {
        let state = lock(&self.0.state);
        state.cached.as_ref().map(|(_, fetched_at)| *fetched_at)
    }

    /// The keys to use now. Fetches them if there are none, and in the background if they are old.
    pub async fn current(&self, deadline: &Deadline) -> Fetched {
        match self.cached() {
            Some((keys, age)) => {
                if age >= REFRESH_AFTER && self.0.clock.now() >= lock(&self.0.state).retry_at {
                    self.fetch(FetchCause::Refresh, || None);
                }
                Ok(keys)
            }
            None => {
                let pending = self.fetch(FetchCause::Refresh, || {
                    self.cached().map(|(keys, _)| Ok(keys))
                });
                self.wait(pending, deadline).await
            }
        }
    }

    /// Fetches the keys again, unless that was forced too often recently, and returns the cached
    /// ones.
    pub async fn force_fetch(&self, deadline: &Deadline) -> ForcedFetch {
        let mut was_running = true;
        let pending = self.fetch(FetchCause::Token, || {
            was_running = false;
            let (now, state) = (self.0.clock.now(), lock(&self.0.state));
            let may_fetch = now >= state.retry_at && state.full_after_one_more(now).is_some();
            let cached = state.cached.as_ref().filter(|_| !may_fetch);
            cached.map(|(keys, _)| Ok(keys.clone()))
        });
        ForcedFetch {
            keys: self.wait(pending, deadline).await,
            was_running,
        }
    }

    /// Fetches the keys now, whatever is cached, and returns the number of usable ones.
    pub async fn probe(&self, deadline: &Deadline) -> Result<usize, Failure> {
        let pending = self.fetch(FetchCause::Refresh, || None);
        self.wait(pending, deadline).await.map(|keys| keys.len())
    }

    fn cached(&self) -> Option<(Arc<Jwks>, Duration)> {
        let now = self.0.clock.now();
        let state = lock(&self.0.state);
        let (keys, fetched_at) = state.cached.as_ref()?;
        let age = now.since(*fetched_at);
        (age < USABLE_FOR).then(|| (keys.clone(), age))
    }

    fn fetch(
        &self,
        cause: FetchCause,
        cached: impl FnOnce() -> Option<Fetched>,
    ) -> Pending<Fetched> {
        let inner = self.0.clone();
        self.0
            .flight
            .join(cached, || async move { inner.fetch(cause).await })
    }

    async fn wait(&self, pending: Pending<Fetched>, deadline: &Deadline) -> Fetched {
        match deadline.bound(pending.wait()).await {
            Ok(Some(fetched)) => fetched,
            Ok(None) | Err(_) => Err(Failure::not_written(Operation::Jwks, FailureKind::Timeout)),
        }
    }
}

impl Inner {
    async fn fetch(&self, cause: FetchCause) -> Fetched {
        let deadline = Deadline::after(&self.clock, self.timeout);
        let call = UpstreamCall::get(Operation::Jwks, self.url.clone());
        let attempt = || self.upstream.exchange(&call, None, &deadline, Jwks::parse);
        let fetching = retry::retry(&deadline, Operation::Jwks.retry(), &self.random, attempt);
        let fetched = metrics::measure(Operation::Jwks, fetching)
            .await
            .map(Arc::new);
        let now = self.clock.now();
        let mut state = lock(&self.state);
        match &fetched {
            Ok(keys) => {
                state.cached = Some((keys.clone(), now));
                if cause == FetchCause::Token {
                    state.full_at = state.full_after_one_more(now).unwrap_or(state.full_at);
                }
            }
            Err(_) => state.retry_at = now + PAUSE_AFTER_FAILURE,
        }
        fetched
    }
}
