//! The upstream client: everything that is asked of Transmit Security, from server to server.
//!
//! | file | one thing |
//! |---|---|
//! | `users`, `otp`, `sessions`, `user_sessions` | the calls, one family a file, with wire types of their own |
//! | `probe`, `reach` | whether upstream is as the settings say, and whether it is there at all |
//! | `client_attributes`, `session_id` | what calls of several families carry |
//! | `operation` | their names, and the table of what may be made again |
//! | `failure`, `reason`, `token_fault`, `error_body` | the one typed error, from every error family |
//! | `line`, `breaker`, `retry`, `deadline` | one exchange, and what guards it |
//! | `answer`, `skew` | what an answer says besides its body |
//! | `client_token`, `keys`, `flight` | what is in hand for all calls: fetched once however many callers |
//! | `credentials`, `client_key` | who this client is, and how it proves it |
//! | `tokens`, `jws`, `claims`, `key_set` | tokens that come back, and why they are believed |
//! | `report` | what the operator sees |
//! | `fuzz` | what its parsers promise of any bytes |
//!
//! A call goes: a place among those in flight, the client token, the breaker, one exchange; after a
//! 401 once more with a new token; again where [`Operation::retry`] allows it; all by one deadline
//! on the injected clock.

pub mod auth;
pub mod operations;
pub mod tokens;
pub mod transport;

use crate::server::transmit::tokens::claims;
use crate::server::transmit::transport::{metrics, retry};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

use self::auth::client_token::ClientToken;
use self::auth::credentials::Credentials;
use self::operations::otp::OtpOptions;
use self::tokens::jwks_cache::JwksCache;
use self::tokens::validation::Tokens;
use self::transport::deadline::Deadline;
use self::transport::exchange::{BodyReader, Upstream, UpstreamCall};
use crate::server::settings;
use crate::server::settings::server::is_trustworthy;
use crate::server::system::clock::Clock;
use crate::server::system::http_client;
use crate::server::system::random::Random;

#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;

pub use auth::client_key::{ClientKey, KeyError};
pub use auth::credentials::Proof;
pub use operations::client_attributes::ClientAttributes;
pub use operations::otp::{AuthenticateOtp, SendOtp, SentOtp, VerifiedIdentity};
pub use operations::probe::{IssuerFinding, Probe};
pub use operations::session_id::SessionId;
pub use operations::sessions::SessionState;
pub use operations::user_sessions::UserSession;
pub use operations::users::{UpstreamUser, UserCreation, UserStatus};
pub use tokens::claims::SKEW;
pub use tokens::token_error::{TokenError, TokenFlaw, TokenKind};
pub use transport::clock_skew::skew_in_words;
pub use transport::failure::{DeliveryState, Failure, FailureKind};
pub use transport::operation::{Operation, Retry};
pub use transport::reason::Reason;

/// Longest wait for a place among the calls in flight; a call that finds none by then is refused
/// unsent.
pub const PLACE_WAIT: Duration = Duration::from_secs(1);

/// The upstream client. Cheap to clone; clones share connections, client token, keys, breakers and
/// places.
#[derive(Clone)]
pub struct Transmit {
    shared: Arc<Shared>,
    verify_timeout: Duration,
}

struct Shared {
    base: Url,
    line: Arc<Upstream>,
    client_token: ClientToken,
    keys: JwksCache,
    tokens: Tokens,
    places: Semaphore,
    habits: OtpOptions,
    timeout: Duration,
    connect_timeout: Duration,
    clock: Clock,
    random: Random,
}

/// Why there is no client: something that `Settings::complaints` tells in words.
#[derive(Debug, thiserror::Error)]
pub enum BuildClientError {
    /// `transmit.region` or `transmit.base_url` is missing.
    #[error("no upstream host: set transmit.region or transmit.base_url")]
    NoHost,
    /// `transmit.issuer` is missing and the region does not say it.
    #[error("no issuer: set transmit.issuer")]
    NoIssuer,
    /// A URL that is neither https nor on loopback.
    #[error("`{0}` must be https")]
    NotHttps(Url),
    /// The way out could not be set up.
    #[error(transparent)]
    Http(#[from] http_client::ClientError),
}

impl Transmit {
    /// A client for the tenant of the settings, which proves itself by a secret or a key. Nothing
    /// is fetched yet.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn new(
        settings: &settings::TransmitSettings,
        proof: impl Into<Proof>,
        clock: Clock,
        random: Random,
    ) -> Result<Self, BuildClientError> {
        let base = trustworthy(settings.base_url().ok_or(BuildClientError::NoHost)?)?;
        let jwks_url = trustworthy(settings.jwks_url().ok_or(BuildClientError::NoHost)?)?;
        let mut token_url = base.clone();
        token_url.set_path(&settings.token_path);
        let client = http_client::client_by(
            &route(settings),
            settings.connect_timeout.0,
            &[&base, &jwks_url],
        )?;
        let line = Arc::new(Upstream::new(client, clock.clone()));

        let client_id = settings.client_id.clone();
        let rules = claims::Rules {
            issuers: settings.issuers().ok_or(BuildClientError::NoIssuer)?,
            client_id: client_id.clone(),
            tenant_id: settings.tenant_id.clone(),
        };
        let timeout = settings.timeout.0;
        let keys = JwksCache::new(
            line.clone(),
            jwks_url,
            timeout,
            clock.clone(),
            random.clone(),
        );
        let credentials = Arc::new(Credentials::new(
            client_id,
            proof.into(),
            token_url.to_string(),
        ));
        let client_token = ClientToken::new(
            line.clone(),
            token_url,
            credentials,
            timeout,
            clock.clone(),
            random.clone(),
        );
        let tokens = Tokens::new(keys.clone(), rules, clock.clone());
        let places = Semaphore::new(settings.max_in_flight.min(Semaphore::MAX_PERMITS));
        let (connect_timeout, habits) = (settings.connect_timeout.0, OtpOptions::new(settings));
        let shared = Shared {
            base,
            line,
            client_token,
            keys,
            tokens,
            places,
            habits,
            timeout,
            connect_timeout,
            clock,
            random,
        };
        Ok(Self {
            shared: Arc::new(shared),
            verify_timeout: timeout,
        })
    }

    /// The same client with another deadline for [`Transmit::authenticate_otp`]: the last of
    /// `sign_in.refuse_after`.
    #[must_use]
    pub fn with_verify_timeout(self, verify_timeout: Duration) -> Self {
        Self {
            verify_timeout,
            ..self
        }
    }

    /// The issuers whose tokens are taken: `transmit.issuer`, then `transmit.other_issuers`. They
    /// are of one tenant, so a `sub` is the same user under each.
    pub fn issuers(&self) -> &[String] {
        self.shared.tokens.issuers()
    }

    /// Whether this is one of [`Transmit::issuers`].
    pub fn accepts_issuer(&self, issuer: &str) -> bool {
        self.shared.tokens.accepts(issuer)
    }

    /// Makes sure that a client access token and a signing key are in hand. To be called before a
    /// verify goes out, and for readiness; without I/O when both are.
    ///
    /// # Errors
    /// [`Failure`] with [`Delivery::NotWritten`].
    pub async fn prepare(&self) -> Result<(), Failure> {
        let deadline = Deadline::after(&self.shared.clock, self.shared.timeout);
        let token = async {
            let no_token = |cause| {
                Failure::not_written(Operation::Token, FailureKind::NoClientToken).caused_by(cause)
            };
            self.shared
                .client_token
                .get(&deadline)
                .await
                .map(drop)
                .map_err(no_token)
        };
        let key = async {
            let no_key = |cause| {
                Failure::not_written(Operation::Jwks, FailureKind::NoSigningKey).caused_by(cause)
            };
            self.shared
                .keys
                .current(&deadline)
                .await
                .map(drop)
                .map_err(no_key)
        };
        tokio::try_join!(token, key).map(drop)
    }

    /// Whether a call may go out, as far as is known without I/O: not while the client credentials
    /// are refused or the breaker of its operation is open.
    ///
    /// # Errors
    /// [`Failure`] with [`Delivery::NotWritten`], at once.
    pub fn can_try(&self, operation: Operation) -> Result<(), Failure> {
        if self.shared.line.is_open(operation) {
            return Err(Failure::not_written(operation, FailureKind::BreakerOpen));
        }
        match self.shared.client_token.known_failure() {
            Some(cause) => {
                Err(Failure::not_written(operation, FailureKind::NoClientToken).caused_by(cause))
            }
            None => Ok(()),
        }
    }

    /// Upstream's clock minus ours in seconds, as of its last answer. Beyond [`SKEW`] its tokens
    /// are refused.
    pub fn clock_skew_seconds(&self) -> Option<i64> {
        self.shared.line.skew_seconds()
    }

    /// Makes a call by the usual deadline, and reports it.
    async fn call<T>(&self, call: UpstreamCall, read: BodyReader<T>) -> Result<T, Failure> {
        let deadline = Deadline::after(&self.shared.clock, self.shared.timeout);
        metrics::measured(call.operation, self.call_until(&call, &deadline, read)).await
    }

    /// Makes a call, again where that is allowed.
    async fn call_until<T>(
        &self,
        call: &UpstreamCall,
        deadline: &Deadline,
        read: BodyReader<T>,
    ) -> Result<T, Failure> {
        let attempt = || self.attempt(call, deadline, read);
        retry::within(
            deadline,
            call.operation.retry(),
            &self.shared.random,
            attempt,
        )
        .await
    }

    /// One attempt; two exchanges if the first one's client token was refused.
    async fn attempt<T>(
        &self,
        call: &UpstreamCall,
        deadline: &Deadline,
        read: BodyReader<T>,
    ) -> Result<T, Failure> {
        let Shared {
            line, client_token, ..
        } = &*self.shared;
        let no_token = |cause| {
            Failure::not_written(call.operation, FailureKind::NoClientToken).caused_by(cause)
        };

        let held = client_token.get(deadline).await.map_err(no_token)?;
        let _place = self.place(call.operation, deadline).await?;
        let result = line
            .exchange(call, Some(&held.bearer), deadline, read)
            .await;
        let Err(unauthorized) = result else {
            return result;
        };
        if !unauthorized.is_unauthorized() || !client_token.refused(&held) {
            return Err(unauthorized);
        }

        let refused = DeliveryState::Unprocessed;
        let held = client_token
            .get(deadline)
            .await
            .map_err(|cause| no_token(cause).after(refused))?;
        let result = line
            .exchange(call, Some(&held.bearer), deadline, read)
            .await;
        result.map_err(|failure| {
            if failure.is_unauthorized() {
                client_token.renewed_in_vain();
            }
            failure.after(refused)
        })
    }

    async fn place(
        &self,
        operation: Operation,
        deadline: &Deadline,
    ) -> Result<SemaphorePermit<'_>, Failure> {
        let wait = PLACE_WAIT.min(deadline.left());
        match self
            .shared
            .clock
            .timeout(wait, self.shared.places.acquire())
            .await
        {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(Failure::not_written(operation, FailureKind::Overloaded)),
        }
    }

    /// A URL of the API.
    fn url(&self, path: &[&str]) -> Url {
        self.at(&[&["cis", "v1"], path].concat())
    }

    /// A URL of the host; every segment is percent-encoded.
    fn at(&self, path: &[&str]) -> Url {
        let mut url = self.shared.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().extend(path);
        }
        url
    }
}

impl fmt::Debug for Transmit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transmit")
            .field("base", &self.shared.base.as_str())
            .finish_non_exhaustive()
    }
}

fn route(settings: &settings::TransmitSettings) -> http_client::OutgoingRoute<'_> {
    http_client::OutgoingRoute {
        ca_file: settings.ca_file.as_deref(),
        proxy: settings.proxy.as_ref(),
        proxy_credentials: settings.proxy_credentials.as_ref(),
    }
}

/// Secrets go over TLS, or stay on this machine.
fn trustworthy(url: Url) -> Result<Url, BuildClientError> {
    if is_trustworthy(&url) {
        Ok(url)
    } else {
        Err(BuildClientError::NotHttps(url))
    }
}
