//! The cache of the client access token (requirement T6).
//!
//! All calls share one token, and concurrent callers share one request for it. It is renewed in the
//! background before it expires, so that no caller waits.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::HeaderValue;
use serde::Deserialize;
use url::Url;

use crate::domain::timestamp::Timestamp;
use crate::server::settings::Secret;
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;
use crate::server::system::random::Random;
use crate::server::transmit::auth::credentials::Credentials;
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::exchange::{Upstream, UpstreamCall, json};
use crate::server::transmit::transport::failure::{Failure, FailureKind};
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::single_flight::{Pending, SingleFlight};
use crate::server::transmit::transport::{metrics, retry};

/// How long refused credentials are not sent again: after the first refusal, and at most. Every
/// further refusal doubles the pause.
pub const REFUSAL_PAUSE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(60));

/// How long a token endpoint that throttles us is not called, unless it sends `Retry-After`.
pub const THROTTLE_PAUSE: Duration = Duration::from_secs(10);

/// How long a 401 causes no renewal after a new token was refused as well, because another token
/// would not help.
pub const RENEWAL_PAUSE: Duration = Duration::from_secs(10);

/// Share of its lifetime, in percent, after which a token is renewed.
const RENEW_AT_PERCENT: u32 = 80;

/// Lifetime of a token whose response does not state it.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(300);

/// Longest lifetime that is accepted.
const MAX_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// The cache. Cheap to clone.
#[derive(Clone)]
pub(in crate::server::transmit) struct ClientToken(Arc<Inner>);

struct Inner {
    upstream: Arc<Upstream>,
    url: Url,
    credentials: Arc<Credentials>,
    timeout: Duration,
    clock: Clock,
    random: Random,
    state: Mutex<State>,
    flight: SingleFlight<Fetched>,
}

pub(in crate::server::transmit) type Fetched = Result<CachedToken, Failure>;

/// A token that was fetched.
#[derive(Clone)]
pub(in crate::server::transmit) struct CachedToken {
    /// The `Authorization` header, marked as sensitive.
    pub bearer: HeaderValue,
    renew_at: Timestamp,
    expires_at: Timestamp,
}

#[cfg(any(test, feature = "fuzzing"))]
impl CachedToken {
    /// When it is renewed, and when it expires.
    pub fn times(&self) -> (Timestamp, Timestamp) {
        (self.renew_at, self.expires_at)
    }
}

#[derive(Default)]
struct State {
    cached: Option<CachedToken>,
    pause: Option<EndpointPause>,
    no_renewal_until: Timestamp,
}

/// The endpoint refused or throttled us, and is not called until a time.
struct EndpointPause {
    failure: Failure,
    until: Timestamp,
    /// The pause after the latest refusal of the credentials; zero if there was none.
    refusal_pause: Duration,
}

/// The state of the cache, known without I/O.
enum TokenState {
    Valid(CachedToken),
    RenewalDue(CachedToken),
    Refused(Failure),
    Missing,
}

#[derive(Deserialize)]
pub(in crate::server::transmit) struct GrantedToken {
    access_token: Secret,
    token_type: String,
    expires_in: Option<Seconds>,
}

/// A number, or one in quotes. The specification asks for a number; a string is accepted because
/// every call depends on this field.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(f64),
    Text(String),
}

impl ClientToken {
    pub fn new(
        upstream: Arc<Upstream>,
        url: Url,
        credentials: Arc<Credentials>,
        timeout: Duration,
        clock: Clock,
        random: Random,
    ) -> Self {
        let (state, flight) = (Mutex::default(), SingleFlight::default());
        Self(Arc::new(Inner {
            upstream,
            url,
            credentials,
            timeout,
            clock,
            random,
            state,
            flight,
        }))
    }

    /// A token that is valid now.
    pub async fn get(&self, deadline: &Deadline) -> Fetched {
        match self.0.state() {
            TokenState::Valid(cached) => Ok(cached),
            TokenState::RenewalDue(cached) => {
                self.renew();
                Ok(cached)
            }
            TokenState::Refused(failure) => Err(failure),
            TokenState::Missing => self.wait(self.renew(), deadline).await,
        }
    }

    /// When the token expires or has expired; none if none was obtained or upstream refused it.
    pub fn expiry(&self) -> Option<Timestamp> {
        let state = lock(&self.0.state);
        state.cached.as_ref().map(|cached| cached.expires_at)
    }

    /// Why no token can be obtained now, if that is known without I/O.
    pub fn known_failure(&self) -> Option<Failure> {
        match self.0.state() {
            TokenState::Valid(_) | TokenState::RenewalDue(_) => None,
            TokenState::Refused(failure) => Some(failure),
            TokenState::Missing => self
                .0
                .upstream
                .is_open(Operation::Token)
                .then(|| Failure::not_written(Operation::Token, FailureKind::BreakerOpen)),
        }
    }

    /// Drops a token that upstream refused. Returns whether another token may help.
    pub fn mark_refused(&self, refused: &CachedToken) -> bool {
        let mut state = lock(&self.0.state);
        if self.0.clock.now() < state.no_renewal_until {
            return false;
        }
        // Of many calls that were refused with one token, only the first one drops it.
        if state
            .cached
            .as_ref()
            .is_some_and(|cached| cached.bearer == refused.bearer)
        {
            state.cached = None;
        }
        true
    }

    /// Notes that upstream refused the token that replaced a refused one.
    pub fn mark_renewal_refused(&self) {
        lock(&self.0.state).no_renewal_until = self.0.clock.now() + RENEWAL_PAUSE;
    }

    /// Fetches a token now, whatever is cached. Returns its `Authorization` header.
    pub async fn probe(&self, deadline: &Deadline) -> Result<HeaderValue, Failure> {
        let inner = self.0.clone();
        let pending = self
            .0
            .flight
            .join(|| None, || async move { inner.fetch().await });
        self.wait(pending, deadline)
            .await
            .map(|cached| cached.bearer)
    }

    fn renew(&self) -> Pending<Fetched> {
        let inner = self.0.clone();
        let cached = || match self.0.state() {
            TokenState::Valid(cached) => Some(Ok(cached)),
            TokenState::Refused(failure) => Some(Err(failure)),
            TokenState::RenewalDue(_) | TokenState::Missing => None,
        };
        self.0
            .flight
            .join(cached, || async move { inner.fetch().await })
    }

    async fn wait(&self, pending: Pending<Fetched>, deadline: &Deadline) -> Fetched {
        match deadline.bound(pending.wait()).await {
            Ok(Some(fetched)) => fetched,
            Ok(None) | Err(_) => Err(Failure::not_written(Operation::Token, FailureKind::Timeout)),
        }
    }
}

impl Inner {
    fn state(&self) -> TokenState {
        let now = self.clock.now();
        let state = lock(&self.state);
        let refused = state.pause.as_ref().filter(|pause| now < pause.until);
        match (&state.cached, refused) {
            // While credentials are refused, the old token is used until it expires.
            (Some(cached), refused) if now < cached.expires_at => {
                if now < cached.renew_at || refused.is_some() {
                    TokenState::Valid(cached.clone())
                } else {
                    TokenState::RenewalDue(cached.clone())
                }
            }
            (_, Some(pause)) => TokenState::Refused(pause.failure.clone()),
            (_, None) => TokenState::Missing,
        }
    }

    async fn fetch(&self) -> Fetched {
        let requested_at = self.clock.now();
        let deadline = Deadline::after(&self.clock, self.timeout);
        let attempt = || async {
            let call = self.request()?;
            self.upstream
                .exchange(&call, None, &deadline, GrantedToken::read)
                .await
        };
        let fetching = retry::retry(&deadline, Operation::Token.retry(), &self.random, attempt);
        let fetched = metrics::measure(Operation::Token, async {
            fetching.await?.to_cached(requested_at)
        })
        .await;
        let mut state = lock(&self.state);
        match &fetched {
            Ok(cached) => {
                *state = State {
                    cached: Some(cached.clone()),
                    pause: None,
                    ..*state
                }
            }
            Err(failure) => self.pause(&mut state, failure),
        }
        fetched
    }

    /// Pauses requests after refused credentials or a throttled request, so that not every caller
    /// repeats them. Refused credentials are logged once, until they are accepted again.
    fn pause(&self, state: &mut State, failure: &Failure) {
        let before = state
            .pause
            .as_ref()
            .map(|pause| pause.refusal_pause)
            .filter(|pause| !pause.is_zero());
        let (refusal_pause, pause) = match failure.kind {
            FailureKind::Refused(_) => {
                let pause = before.map_or(REFUSAL_PAUSE.0, |last| REFUSAL_PAUSE.1.min(last * 2));
                (pause, pause)
            }
            FailureKind::Throttled => (
                before.unwrap_or_default(),
                failure
                    .retry_after
                    .unwrap_or(THROTTLE_PAUSE)
                    .min(REFUSAL_PAUSE.1),
            ),
            _ => return,
        };
        if before.is_none() && !refusal_pause.is_zero() {
            tracing::error!(
                status = failure.status,
                error_code = failure.error_code,
                "upstream refuses the client credentials: {}",
                self.credentials.troubleshooting_hint()
            );
        }
        state.pause = Some(EndpointPause {
            failure: failure.clone(),
            until: self.clock.now() + pause,
            refusal_pause,
        });
    }

    fn authentication_fields(
        &self,
        operation: Operation,
    ) -> Result<Vec<(&'static str, Secret)>, Failure> {
        let unsigned = |_| Failure::not_written(operation, FailureKind::NoClientToken);
        self.credentials
            .fields(self.clock.now(), &self.random)
            .map_err(unsigned)
    }

    /// The request has no `resource`, because the API under `/cis` has none.
    fn request(&self) -> Result<UpstreamCall, Failure> {
        let authentication = self.authentication_fields(Operation::Token)?;
        let mut fields = vec![("grant_type", "client_credentials")];
        fields.extend(
            authentication
                .iter()
                .map(|(name, value)| (*name, value.expose())),
        );
        Ok(UpstreamCall::form(
            Operation::Token,
            self.url.clone(),
            &fields,
        ))
    }
}

impl Seconds {
    /// Zero for a value that is not a duration, and at most [`MAX_LIFETIME`].
    fn duration(&self) -> Duration {
        let seconds = match self {
            Self::Number(seconds) => *seconds,
            Self::Text(text) => text.trim().parse().unwrap_or_default(),
        };
        let bounded = if seconds.is_finite() {
            seconds.clamp(0.0, MAX_LIFETIME.as_secs_f64())
        } else {
            0.0
        };
        Duration::try_from_secs_f64(bounded).unwrap_or_default()
    }
}

impl GrantedToken {
    /// Parses a response with a usable token. Any other response counts as a failure, so that the
    /// breaker opens for an endpoint that sends nothing else.
    fn read(body: &[u8]) -> Option<Self> {
        json::<Self>(body).filter(|granted| granted.to_cached(Timestamp::default()).is_ok())
    }

    /// The token with its times. The lifetime counts from the request, so that a slow response
    /// shortens it.
    pub fn to_cached(&self, requested_at: Timestamp) -> Fetched {
        let not_understood =
            || Failure::answered(Operation::Token, FailureKind::NotUnderstood, 200);
        let lifetime = self
            .expires_in
            .as_ref()
            .map_or(DEFAULT_LIFETIME, Seconds::duration)
            .min(MAX_LIFETIME);
        let token = self.access_token.expose();
        if !self.token_type.eq_ignore_ascii_case("bearer") || token.is_empty() || lifetime.is_zero()
        {
            return Err(not_understood());
        }
        let mut bearer =
            HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| not_understood())?;
        bearer.set_sensitive(true);
        let renew_at = requested_at + lifetime * RENEW_AT_PERCENT / 100;
        Ok(CachedToken {
            bearer,
            renew_at,
            expires_at: requested_at + lifetime,
        })
    }
}
