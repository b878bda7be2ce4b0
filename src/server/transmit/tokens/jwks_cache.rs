//! The signing keys in hand: fetched once for all, looked at again when a token names an unknown
//! one, and kept through an outage of their endpoint for a bounded time (requirement T5).

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

/// Age at which keys are fetched again, while the old ones still serve.
pub const FRESH_FOR: Duration = Duration::from_secs(3600);

/// Age up to which keys serve when no newer ones can be had.
pub const BRIDGE_FOR: Duration = Duration::from_secs(24 * 3600);

/// How many fetches tokens may ask for one right after the other, by naming an unknown key or by a
/// signature that does not fit: as many rotations cost no sign-in, however quickly they follow each
/// other.
pub const ASK_AGAIN_BURST: u32 = 5;

/// Time after which one of [`ASK_AGAIN_BURST`] is given back: in the long run, tokens that lie
/// cause no more than that.
pub const ASK_AGAIN_EVERY: Duration = Duration::from_secs(30);

/// Shortest time from a fetch that failed, which uses nothing up, to the next one.
pub const ASK_AGAIN_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// The cache. Cheap to clone.
#[derive(Clone)]
pub(in crate::server::transmit) struct JwksCache(Arc<Inner>);

struct Inner {
    line: Arc<Upstream>,
    url: Url,
    timeout: Duration,
    clock: Clock,
    random: Random,
    state: Mutex<State>,
    flight: SingleFlight<Fetched>,
}

type Fetched = Result<Arc<Jwks>, Failure>;

/// What a look for newer keys brought.
pub(in crate::server::transmit) struct Newer {
    pub keys: Fetched,
    /// Whether the fetch had begun before the look: it may have been answered before a key turned.
    pub was_on_its_way: bool,
}

#[derive(Default)]
struct State {
    held: Option<(Arc<Jwks>, Timestamp)>,
    /// Before this, neither old keys nor unknown ones are asked for.
    retry_at: Timestamp,
    /// When every fetch that tokens may ask for has been given back (a leaky bucket as one moment).
    whole_at: Timestamp,
}

impl State {
    /// When every fetch will have been given back, if one more is used up now; `None` if there is
    /// none left.
    fn after_one_more(&self, now: Timestamp) -> Option<Timestamp> {
        let whole_at = self.whole_at.max(now) + ASK_AGAIN_EVERY;
        (whole_at.since(now) <= ASK_AGAIN_EVERY * ASK_AGAIN_BURST).then_some(whole_at)
    }
}

/// Why keys are fetched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RefreshCause {
    /// A token that cannot be believed with those in hand.
    Token,
    /// Their age, or a command.
    Ourselves,
}

impl JwksCache {
    pub fn new(
        line: Arc<Upstream>,
        url: Url,
        timeout: Duration,
        clock: Clock,
        random: Random,
    ) -> Self {
        let (state, flight) = (Mutex::default(), SingleFlight::default());
        Self(Arc::new(Inner {
            line,
            url,
            timeout,
            clock,
            random,
            state,
            flight,
        }))
    }

    /// Keys that may be used now; fetches them if there are none, and in the background if they are
    /// old.
    pub async fn current(&self, deadline: &Deadline) -> Fetched {
        match self.held() {
            Some((keys, age)) => {
                if age >= FRESH_FOR && self.0.clock.now() >= lock(&self.0.state).retry_at {
                    self.fetch(RefreshCause::Ourselves, || None);
                }
                Ok(keys)
            }
            None => {
                let landing = self.fetch(RefreshCause::Ourselves, || {
                    self.held().map(|(keys, _)| Ok(keys))
                });
                self.land(landing, deadline).await
            }
        }
    }

    /// Looks again, unless that was done too often of late, and gives the keys that are then in
    /// hand.
    pub async fn newer(&self, deadline: &Deadline) -> Newer {
        let mut was_on_its_way = true;
        let landing = self.fetch(RefreshCause::Token, || {
            was_on_its_way = false;
            let (now, state) = (self.0.clock.now(), lock(&self.0.state));
            let may_ask = now >= state.retry_at && state.after_one_more(now).is_some();
            let held = state.held.as_ref().filter(|_| !may_ask);
            held.map(|(keys, _)| Ok(keys.clone()))
        });
        Newer {
            keys: self.land(landing, deadline).await,
            was_on_its_way,
        }
    }

    /// Fetches them now, whatever is in hand, and says how many are usable.
    pub async fn probe(&self, deadline: &Deadline) -> Result<usize, Failure> {
        let landing = self.fetch(RefreshCause::Ourselves, || None);
        self.land(landing, deadline).await.map(|keys| keys.len())
    }

    fn held(&self) -> Option<(Arc<Jwks>, Duration)> {
        let now = self.0.clock.now();
        let state = lock(&self.0.state);
        let (keys, fetched_at) = state.held.as_ref()?;
        let age = now.since(*fetched_at);
        (age < BRIDGE_FOR).then(|| (keys.clone(), age))
    }

    fn fetch(
        &self,
        asker: RefreshCause,
        landed: impl FnOnce() -> Option<Fetched>,
    ) -> Pending<Fetched> {
        let inner = self.0.clone();
        self.0
            .flight
            .join(landed, || async move { inner.fetch(asker).await })
    }

    async fn land(&self, landing: Pending<Fetched>, deadline: &Deadline) -> Fetched {
        match deadline.bound(landing.wait()).await {
            Ok(Some(fetched)) => fetched,
            Ok(None) | Err(_) => Err(Failure::not_written(Operation::Jwks, FailureKind::Timeout)),
        }
    }
}

impl Inner {
    async fn fetch(&self, asker: RefreshCause) -> Fetched {
        let deadline = Deadline::after(&self.clock, self.timeout);
        let call = UpstreamCall::get(Operation::Jwks, self.url.clone());
        let attempt = || self.line.exchange(&call, None, &deadline, Jwks::parse);
        let fetching = retry::within(&deadline, Operation::Jwks.retry(), &self.random, attempt);
        let fetched = metrics::measured(Operation::Jwks, fetching)
            .await
            .map(Arc::new);
        let now = self.clock.now();
        let mut state = lock(&self.state);
        match &fetched {
            Ok(keys) => {
                state.held = Some((keys.clone(), now));
                if asker == RefreshCause::Token {
                    state.whole_at = state.after_one_more(now).unwrap_or(state.whole_at);
                }
            }
            Err(_) => state.retry_at = now + ASK_AGAIN_AFTER_FAILURE,
        }
        fetched
    }
}
