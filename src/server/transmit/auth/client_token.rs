//! The client access token: one for all calls, one request however many callers, renewed before it
//! ends without anybody waiting (requirement T6).

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

/// How long refused credentials are not tried again: at first, and at most. Every further refusal
/// doubles it.
pub const REFUSED_FOR: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(60));

/// How long a token endpoint that throttles us is left alone, unless it says so itself
/// (`Retry-After`).
pub const THROTTLED_FOR: Duration = Duration::from_secs(10);

/// How long a 401 renews nothing after a new token was refused as well: another token would not
/// help.
pub const RENEWED_IN_VAIN_FOR: Duration = Duration::from_secs(10);

/// Share of its life, in percent, after which a token is renewed.
const RENEW_AT_PERCENT: u32 = 80;

/// Life of a token whose answer does not say it.
const UNSAID_LIFE: Duration = Duration::from_secs(300);

/// Longest life that is believed.
const MAX_LIFE: Duration = Duration::from_secs(24 * 3600);

/// The cache. Cheap to clone.
#[derive(Clone)]
pub(in crate::server::transmit) struct ClientToken(Arc<Inner>);

struct Inner {
    line: Arc<Upstream>,
    url: Url,
    credentials: Arc<Credentials>,
    timeout: Duration,
    clock: Clock,
    random: Random,
    state: Mutex<State>,
    flight: SingleFlight<Fetched>,
}

pub(in crate::server::transmit) type Fetched = Result<CachedToken, Failure>;

/// A token in hand.
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
    held: Option<CachedToken>,
    refused: Option<Refusal>,
    in_vain_until: Timestamp,
}

/// The endpoint said no, and is left alone for a while.
struct Refusal {
    failure: Failure,
    until: Timestamp,
    /// How long the latest refusal of the credentials holds.
    wait: Duration,
}

/// What is known without I/O.
enum TokenState {
    Good(CachedToken),
    Due(CachedToken),
    Refused(Failure),
    Nothing,
}

#[derive(Deserialize)]
pub(in crate::server::transmit) struct GrantedToken {
    access_token: Secret,
    token_type: String,
    expires_in: Option<Seconds>,
}

/// A number, or one in quotes: the specification says the former, and so much rests on it that the
/// latter is forgiven.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(f64),
    Text(String),
}

impl ClientToken {
    pub fn new(
        line: Arc<Upstream>,
        url: Url,
        credentials: Arc<Credentials>,
        timeout: Duration,
        clock: Clock,
        random: Random,
    ) -> Self {
        let (state, flight) = (Mutex::default(), SingleFlight::default());
        Self(Arc::new(Inner {
            line,
            url,
            credentials,
            timeout,
            clock,
            random,
            state,
            flight,
        }))
    }

    /// A token that is good now.
    pub async fn get(&self, deadline: &Deadline) -> Fetched {
        match self.0.standing() {
            TokenState::Good(held) => Ok(held),
            TokenState::Due(held) => {
                self.renew();
                Ok(held)
            }
            TokenState::Refused(failure) => Err(failure),
            TokenState::Nothing => self.land(self.renew(), deadline).await,
        }
    }

    /// Why there is no token and none is to be had just now, if that is known without I/O.
    pub fn known_failure(&self) -> Option<Failure> {
        match self.0.standing() {
            TokenState::Good(_) | TokenState::Due(_) => None,
            TokenState::Refused(failure) => Some(failure),
            TokenState::Nothing => self
                .0
                .line
                .is_open(Operation::Token)
                .then(|| Failure::not_written(Operation::Token, FailureKind::BreakerOpen)),
        }
    }

    /// Upstream refused this token. Says whether asking again with another one makes sense.
    pub fn refused(&self, refused: &CachedToken) -> bool {
        let mut state = lock(&self.0.state);
        if self.0.clock.now() < state.in_vain_until {
            return false;
        }
        // Of many calls that were refused with one token, only the first throws it away.
        if state
            .held
            .as_ref()
            .is_some_and(|held| held.bearer == refused.bearer)
        {
            state.held = None;
        }
        true
    }

    /// Upstream refused the token that replaced a refused one.
    pub fn renewed_in_vain(&self) {
        lock(&self.0.state).in_vain_until = self.0.clock.now() + RENEWED_IN_VAIN_FOR;
    }

    /// Asks for a token now, whatever is in hand.
    pub async fn probe(&self, deadline: &Deadline) -> Result<(), Failure> {
        let inner = self.0.clone();
        let landing = self
            .0
            .flight
            .join(|| None, || async move { inner.fetch().await });
        self.land(landing, deadline).await.map(drop)
    }

    fn renew(&self) -> Pending<Fetched> {
        let inner = self.0.clone();
        let landed = || match self.0.standing() {
            TokenState::Good(held) => Some(Ok(held)),
            TokenState::Refused(failure) => Some(Err(failure)),
            TokenState::Due(_) | TokenState::Nothing => None,
        };
        self.0
            .flight
            .join(landed, || async move { inner.fetch().await })
    }

    async fn land(&self, landing: Pending<Fetched>, deadline: &Deadline) -> Fetched {
        match deadline.bound(landing.wait()).await {
            Ok(Some(fetched)) => fetched,
            Ok(None) | Err(_) => Err(Failure::not_written(Operation::Token, FailureKind::Timeout)),
        }
    }
}

impl Inner {
    fn standing(&self) -> TokenState {
        let now = self.clock.now();
        let state = lock(&self.state);
        let refused = state.refused.as_ref().filter(|refusal| now < refusal.until);
        match (&state.held, refused) {
            // While credentials are refused, what is left of the old token is used up without
            // asking again.
            (Some(held), refused) if now < held.expires_at => {
                if now < held.renew_at || refused.is_some() {
                    TokenState::Good(held.clone())
                } else {
                    TokenState::Due(held.clone())
                }
            }
            (_, Some(refusal)) => TokenState::Refused(refusal.failure.clone()),
            (_, None) => TokenState::Nothing,
        }
    }

    async fn fetch(&self) -> Fetched {
        let asked_at = self.clock.now();
        let deadline = Deadline::after(&self.clock, self.timeout);
        let attempt = || async {
            let call = self.request()?;
            self.line
                .exchange(&call, None, &deadline, GrantedToken::read)
                .await
        };
        let fetching = retry::within(&deadline, Operation::Token.retry(), &self.random, attempt);
        let fetched =
            metrics::measured(Operation::Token, async { fetching.await?.hold(asked_at) }).await;
        let mut state = lock(&self.state);
        match &fetched {
            Ok(held) => {
                *state = State {
                    held: Some(held.clone()),
                    refused: None,
                    ..*state
                }
            }
            Err(failure) => self.leave_alone(&mut state, failure),
        }
        fetched
    }

    /// Credentials that are refused, and an endpoint that throttles, are not asked again by every
    /// caller; the former is said once, until they are accepted again.
    fn leave_alone(&self, state: &mut State, failure: &Failure) {
        let before = state
            .refused
            .as_ref()
            .map(|refusal| refusal.wait)
            .filter(|wait| !wait.is_zero());
        let (wait, pause) = match failure.kind {
            FailureKind::Refused(_) => {
                let wait = before.map_or(REFUSED_FOR.0, |wait| REFUSED_FOR.1.min(wait * 2));
                (wait, wait)
            }
            FailureKind::Throttled => (
                before.unwrap_or_default(),
                failure
                    .retry_after
                    .unwrap_or(THROTTLED_FOR)
                    .min(REFUSED_FOR.1),
            ),
            _ => return,
        };
        if before.is_none() && !wait.is_zero() {
            tracing::error!(
                status = failure.status,
                error_code = failure.error_code,
                "upstream refuses the client credentials: {}",
                self.credentials.to_check()
            );
        }
        state.refused = Some(Refusal {
            failure: failure.clone(),
            until: self.clock.now() + pause,
            wait,
        });
    }

    fn proof(&self, operation: Operation) -> Result<Vec<(&'static str, Secret)>, Failure> {
        let unsigned = |_| Failure::not_written(operation, FailureKind::NoClientToken);
        self.credentials
            .fields(self.clock.now(), &self.random)
            .map_err(unsigned)
    }

    /// No `resource`: the API under `/cis` has none.
    fn request(&self) -> Result<UpstreamCall, Failure> {
        let proof = self.proof(Operation::Token)?;
        let mut fields = vec![("grant_type", "client_credentials")];
        fields.extend(proof.iter().map(|(name, value)| (*name, value.expose())));
        Ok(UpstreamCall::form(
            Operation::Token,
            self.url.clone(),
            &fields,
        ))
    }
}

impl Seconds {
    /// Nothing for what is no time at all; more than can be counted is for ever.
    fn duration(&self) -> Duration {
        let seconds = match self {
            Self::Number(seconds) => *seconds,
            Self::Text(text) => text.trim().parse().unwrap_or_default(),
        };
        let countable = if seconds.is_finite() {
            seconds.clamp(0.0, MAX_LIFE.as_secs_f64())
        } else {
            0.0
        };
        Duration::try_from_secs_f64(countable).unwrap_or_default()
    }
}

impl GrantedToken {
    /// An answer that can be held. Any other is no success, so that an endpoint that gives nothing
    /// else is left alone.
    fn read(body: &[u8]) -> Option<Self> {
        json::<Self>(body).filter(|granted| granted.hold(Timestamp::default()).is_ok())
    }

    /// The life is counted from the request, so that a slow answer shortens it.
    pub fn hold(&self, asked_at: Timestamp) -> Fetched {
        let not_understood =
            || Failure::answered(Operation::Token, FailureKind::NotUnderstood, 200);
        let life = self
            .expires_in
            .as_ref()
            .map_or(UNSAID_LIFE, Seconds::duration)
            .min(MAX_LIFE);
        let token = self.access_token.expose();
        if !self.token_type.eq_ignore_ascii_case("bearer") || token.is_empty() || life.is_zero() {
            return Err(not_understood());
        }
        let mut bearer =
            HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| not_understood())?;
        bearer.set_sensitive(true);
        let renew_at = asked_at + life * RENEW_AT_PERCENT / 100;
        Ok(CachedToken {
            bearer,
            renew_at,
            expires_at: asked_at + life,
        })
    }
}
