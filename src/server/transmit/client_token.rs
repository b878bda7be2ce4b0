//! The client access token: one for all calls, one request however many callers, renewed before it ends without anybody
//! waiting (requirement T6).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::HeaderValue;
use serde::Deserialize;
use url::Url;

use super::deadline::Deadline;
use super::failure::{Failure, FailureKind};
use super::flight::{Landing, SingleFlight};
use super::line::{Call, Line, json};
use super::operation::Operation;
use super::{report, retry};
use crate::server::clock::{Clock, Timestamp, lock};
use crate::server::random::Random;
use crate::server::settings::Secret;

/// How long refused credentials are not tried again.
pub const REFUSED_FOR: Duration = Duration::from_secs(10);

/// How long a 401 renews nothing after a new token was refused as well: another token would not help.
pub const RENEWED_IN_VAIN_FOR: Duration = Duration::from_secs(10);

/// Share of its life, in percent, after which a token is renewed.
const RENEW_AT_PERCENT: u32 = 80;

/// Life of a token whose answer does not say it.
const UNSAID_LIFE: Duration = Duration::from_secs(300);

/// Longest life that is believed.
const MAX_LIFE: Duration = Duration::from_secs(24 * 3600);

/// The client id and what proves it.
pub(super) struct Credentials {
    pub client_id: String,
    pub client_secret: Secret,
}

/// The cache. Cheap to clone.
#[derive(Clone)]
pub(super) struct ClientToken(Arc<Inner>);

struct Inner {
    line: Arc<Line>,
    url: Url,
    credentials: Credentials,
    timeout: Duration,
    clock: Clock,
    random: Random,
    state: Mutex<State>,
    flight: SingleFlight<Fetched>,
}

pub(super) type Fetched = Result<Held, Failure>;

/// A token in hand.
#[derive(Clone)]
pub(super) struct Held {
    /// The `Authorization` header, marked as sensitive.
    pub bearer: HeaderValue,
    renew_at: Timestamp,
    expires_at: Timestamp,
}

#[cfg(any(test, feature = "fuzzing"))]
impl Held {
    /// When it is renewed, and when it expires.
    pub fn times(&self) -> (Timestamp, Timestamp) {
        (self.renew_at, self.expires_at)
    }
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    refused: Option<(Failure, Timestamp)>,
    in_vain_until: Timestamp,
}

/// What is known without I/O.
enum Standing {
    Good(Held),
    Due(Held),
    Refused(Failure),
    Nothing,
}

#[derive(Deserialize)]
pub(super) struct Granted {
    access_token: Secret,
    token_type: String,
    expires_in: Option<f64>,
}

impl ClientToken {
    pub fn new(
        line: Arc<Line>,
        url: Url,
        credentials: Credentials,
        timeout: Duration,
        clock: Clock,
        random: Random,
    ) -> Self {
        let (state, flight) = (Mutex::default(), SingleFlight::default());
        Self(Arc::new(Inner { line, url, credentials, timeout, clock, random, state, flight }))
    }

    /// A token that is good now.
    pub async fn get(&self, deadline: &Deadline) -> Fetched {
        match self.0.standing() {
            Standing::Good(held) => Ok(held),
            Standing::Due(held) => {
                self.renew();
                Ok(held)
            }
            Standing::Refused(failure) => Err(failure),
            Standing::Nothing => self.land(self.renew(), deadline).await,
        }
    }

    /// Why there is no token and none is to be had just now, if that is known without I/O.
    pub fn known_failure(&self) -> Option<Failure> {
        match self.0.standing() {
            Standing::Good(_) | Standing::Due(_) => None,
            Standing::Refused(failure) => Some(failure),
            Standing::Nothing => self
                .0
                .line
                .is_open(Operation::Token)
                .then(|| Failure::not_written(Operation::Token, FailureKind::BreakerOpen)),
        }
    }

    /// Upstream refused this token. Says whether asking again with another one makes sense.
    pub fn refused(&self, refused: &Held) -> bool {
        let mut state = lock(&self.0.state);
        if self.0.clock.now() < state.in_vain_until {
            return false;
        }
        // Of many calls that were refused with one token, only the first throws it away.
        if state.held.as_ref().is_some_and(|held| held.bearer == refused.bearer) {
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
        let landing = self.0.flight.join(|| None, || async move { inner.fetch().await });
        self.land(landing, deadline).await.map(drop)
    }

    fn renew(&self) -> Landing<Fetched> {
        let inner = self.0.clone();
        let landed = || match self.0.standing() {
            Standing::Good(held) => Some(Ok(held)),
            Standing::Refused(failure) => Some(Err(failure)),
            Standing::Due(_) | Standing::Nothing => None,
        };
        self.0.flight.join(landed, || async move { inner.fetch().await })
    }

    async fn land(&self, landing: Landing<Fetched>, deadline: &Deadline) -> Fetched {
        match deadline.bound(landing.wait()).await {
            Ok(Some(fetched)) => fetched,
            Ok(None) | Err(_) => Err(Failure::not_written(Operation::Token, FailureKind::Timeout)),
        }
    }
}

impl Inner {
    fn standing(&self) -> Standing {
        let now = self.clock.now();
        let state = lock(&self.state);
        let refused = state.refused.as_ref().filter(|(_, until)| now < *until);
        match (&state.held, refused) {
            // While credentials are refused, what is left of the old token is used up without asking again.
            (Some(held), refused) if now < held.expires_at => {
                if now < held.renew_at || refused.is_some() {
                    Standing::Good(held.clone())
                } else {
                    Standing::Due(held.clone())
                }
            }
            (_, Some((failure, _))) => Standing::Refused(failure.clone()),
            (_, None) => Standing::Nothing,
        }
    }

    async fn fetch(&self) -> Fetched {
        let asked_at = self.clock.now();
        let deadline = Deadline::after(&self.clock, self.timeout);
        let call = self.request();
        let attempt = || self.line.exchange(&call, None, &deadline, json::<Granted>);
        let fetching = retry::within(&deadline, Operation::Token.retry(), &self.random, attempt);
        let fetched = report::measured(Operation::Token, async { fetching.await?.hold(asked_at) }).await;
        let mut state = lock(&self.state);
        match &fetched {
            Ok(held) => *state = State { held: Some(held.clone()), refused: None, ..*state },
            Err(failure) if matches!(failure.kind, FailureKind::Refused(_)) => {
                if state.refused.is_none() {
                    tracing::error!(
                        status = failure.status,
                        error_code = failure.error_code,
                        "upstream refuses the client credentials: check transmit.client_id and transmit.client_secret"
                    );
                }
                state.refused = Some((failure.clone(), self.clock.now() + REFUSED_FOR));
            }
            Err(_) => {}
        }
        fetched
    }

    /// No `resource`: the API under `/cis` has none.
    fn request(&self) -> Call {
        let Credentials { client_id, client_secret } = &self.credentials;
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id.as_str()),
            ("client_secret", client_secret.expose()),
        ];
        Call::form(Operation::Token, self.url.clone(), &fields)
    }
}

impl Granted {
    /// The life is counted from the request, so that a slow answer shortens it.
    pub fn hold(self, asked_at: Timestamp) -> Fetched {
        let not_understood = || Failure::answered(Operation::Token, FailureKind::NotUnderstood, 200);
        let life = match self.expires_in {
            None => UNSAID_LIFE,
            Some(seconds) => Duration::try_from_secs_f64(seconds).unwrap_or_default().min(MAX_LIFE),
        };
        let token = self.access_token.expose();
        if !self.token_type.eq_ignore_ascii_case("bearer") || token.is_empty() || life.is_zero() {
            return Err(not_understood());
        }
        let mut bearer = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| not_understood())?;
        bearer.set_sensitive(true);
        let renew_at = asked_at + life * RENEW_AT_PERCENT / 100;
        Ok(Held { bearer, renew_at, expires_at: asked_at + life })
    }
}
