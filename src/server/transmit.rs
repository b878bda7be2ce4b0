//! The upstream client: the calls from this server to Transmit Security's API.
//!
//! - `operations/`: one file for each group of calls, with wire types of their own.
//! - `transport/`: one HTTP exchange and what protects it: deadline, retries, circuit breaker. It
//!   also holds [`Failure`], the one error type of all calls.
//! - `auth/`: the client access token, and the credentials that the client authenticates with.
//! - `tokens/`: validation of the ID and access tokens that a sign-in returns.
//! - `build`: makes the client from the settings.
//! - `fuzz`: fuzz targets of the parsers of upstream's responses.
//!
//! `operations` uses [`Transmit`], which uses `tokens`, `auth` and `transport`; none of these uses
//! what comes before it (`ARCHITECTURE.md`).
//!
//! A call waits for a free slot, gets the client token, passes the breaker and makes one exchange.
//! After a 401 it makes a second exchange with a new token. It is retried where
//! [`Operation::retry`] allows it. One deadline on the injected clock bounds all of this.

pub mod auth;
mod build;
pub mod operations;
pub mod tokens;
pub mod transport;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

use self::auth::client_token::ClientToken;
use self::operations::otp::OtpOptions;
use self::tokens::jwks_cache::JwksCache;
use self::tokens::validation::TokenValidator;
use self::transport::deadline::Deadline;
use self::transport::exchange::{BodyReader, Upstream, UpstreamCall};
use self::transport::{metrics, retry};
use crate::domain::timestamp::Timestamp;
use crate::server::system::clock::Clock;
use crate::server::system::random::Random;

#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;

pub use auth::client_key::{ClientKey, ClientKeyError};
pub use auth::credentials::ClientCredential;
pub use build::BuildClientError;
pub use operations::client_attributes::ClientAttributes;
pub use operations::login_preferences::PolicyError;
pub use operations::otp::{AuthenticateOtp, SendOtp, SentOtp, VerifiedIdentity};
pub use operations::probe::{ClientTokenFacts, IssuerFinding, Probe};
pub use operations::sessions::SessionState;
pub use operations::user_sessions::UserSession;
pub use operations::users::{UpstreamUser, UserCreation, UserStatus};
pub use tokens::session_id::SessionId;
pub use transport::clock_skew::{MAX_CLOCK_SKEW, describe_skew};
pub use transport::failure::{DeliveryState, Failure, FailureKind};
pub use transport::operation::{Operation, RetryPolicy};
pub use transport::reason::Reason;
pub use transport::token_error::{InvalidToken, TokenError, TokenKind};

/// Longest wait for a slot among the calls in flight. A call that gets none by then is not sent.
pub const IN_FLIGHT_WAIT: Duration = Duration::from_secs(1);

/// The upstream client. Cheap to clone: clones share connections, client token, keys, breakers and
/// the limit of calls in flight.
#[derive(Clone)]
pub struct Transmit {
    shared: Arc<Shared>,
    verify_timeout: Duration,
}

struct Shared {
    base: Url,
    upstream: Arc<Upstream>,
    client_token: ClientToken,
    keys: JwksCache,
    tokens: TokenValidator,
    in_flight: Semaphore,
    otp_options: OtpOptions,
    app_id: Option<String>,
    timeout: Duration,
    connect_timeout: Duration,
    clock: Clock,
    random: Random,
}

impl Transmit {
    /// The same client with another deadline for [`Transmit::authenticate_otp`]: the last of
    /// `sign_in.refuse_after`.
    #[must_use]
    pub fn with_verify_timeout(self, verify_timeout: Duration) -> Self {
        Self {
            verify_timeout,
            ..self
        }
    }

    /// The issuers whose tokens are accepted: `transmit.issuer`, then `transmit.other_issuers`.
    /// They belong to one tenant, so a `sub` is the same user under each.
    pub fn issuers(&self) -> &[String] {
        self.shared.tokens.issuers()
    }

    /// Whether this is one of [`Transmit::issuers`].
    pub fn accepts_issuer(&self, issuer: &str) -> bool {
        self.shared.tokens.accepts(issuer)
    }

    /// Makes sure that a client access token and a signing key are cached. Called before a passcode
    /// is verified, and for readiness. Does no I/O when both are cached.
    ///
    /// # Errors
    /// [`Failure`] with [`DeliveryState::NotWritten`].
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

    /// Checks without I/O whether a call could be sent. It fails while the client credentials are
    /// refused, and while the breaker of the operation is open.
    ///
    /// # Errors
    /// [`Failure`] with [`DeliveryState::NotWritten`], immediately.
    pub fn check_available(&self, operation: Operation) -> Result<(), Failure> {
        if self.shared.upstream.is_open(operation) {
            return Err(Failure::not_written(operation, FailureKind::BreakerOpen));
        }
        match self.shared.client_token.known_failure() {
            Some(cause) => {
                Err(Failure::not_written(operation, FailureKind::NoClientToken).caused_by(cause))
            }
            None => Ok(()),
        }
    }

    /// Upstream's clock minus ours in seconds, as of its last response. Beyond [`MAX_CLOCK_SKEW`]
    /// its tokens are rejected.
    pub fn clock_skew_seconds(&self) -> Option<i64> {
        self.shared.upstream.skew_seconds()
    }

    /// Makes a call with the usual deadline, and records its outcome in logs and metrics.
    async fn call<T>(&self, call: UpstreamCall, read: BodyReader<T>) -> Result<T, Failure> {
        let deadline = Deadline::after(&self.shared.clock, self.shared.timeout);
        metrics::measure(call.operation, self.call_until(&call, &deadline, read)).await
    }

    /// Makes a call, and retries it where that is allowed.
    async fn call_until<T>(
        &self,
        call: &UpstreamCall,
        deadline: &Deadline,
        read: BodyReader<T>,
    ) -> Result<T, Failure> {
        let attempt = || self.attempt(call, deadline, read);
        retry::retry(
            deadline,
            call.operation.retry(),
            &self.shared.random,
            attempt,
        )
        .await
    }

    /// One attempt. It makes a second exchange if the client token of the first one was refused.
    async fn attempt<T>(
        &self,
        call: &UpstreamCall,
        deadline: &Deadline,
        read: BodyReader<T>,
    ) -> Result<T, Failure> {
        let Shared {
            upstream,
            client_token,
            ..
        } = &*self.shared;
        let no_token = |cause| {
            Failure::not_written(call.operation, FailureKind::NoClientToken).caused_by(cause)
        };

        let token = client_token.get(deadline).await.map_err(no_token)?;
        let _slot = self.acquire_slot(call.operation, deadline).await?;
        let result = upstream
            .exchange(call, Some(&token.bearer), deadline, read)
            .await;
        let Err(unauthorized) = result else {
            return result;
        };
        if !unauthorized.is_unauthorized() || !client_token.mark_refused(&token) {
            return Err(unauthorized);
        }

        let refused = DeliveryState::Unprocessed;
        let token = client_token
            .get(deadline)
            .await
            .map_err(|cause| no_token(cause).after(refused))?;
        let result = upstream
            .exchange(call, Some(&token.bearer), deadline, read)
            .await;
        result.map_err(|failure| {
            if failure.is_unauthorized() {
                client_token.mark_renewal_refused();
            }
            failure.after(refused)
        })
    }

    async fn acquire_slot(
        &self,
        operation: Operation,
        deadline: &Deadline,
    ) -> Result<SemaphorePermit<'_>, Failure> {
        let wait = IN_FLIGHT_WAIT.min(deadline.remaining());
        match self
            .shared
            .clock
            .timeout(wait, self.shared.in_flight.acquire())
            .await
        {
            Ok(Ok(slot)) => Ok(slot),
            Ok(Err(_)) | Err(_) => Err(Failure::not_written(operation, FailureKind::Overloaded)),
        }
    }

    /// Whether the breaker of an operation has opened, and no call has succeeded since.
    pub fn has_tripped(&self, operation: Operation) -> bool {
        self.shared.upstream.has_tripped(operation)
    }

    /// When the client access token expires or has expired; none without one. A token is renewed
    /// when it is needed, so that of a server without work expires.
    pub fn client_token_expiry(&self) -> Option<Timestamp> {
        self.shared.client_token.expiry()
    }

    /// When the signing keys were fetched; none before the first time.
    pub fn keys_fetched_at(&self) -> Option<Timestamp> {
        self.shared.keys.fetched_at()
    }

    /// A URL of the API under `/cis/v1`.
    fn api_url(&self, path: &[&str]) -> Url {
        self.host_url(&[&["cis", "v1"], path].concat())
    }

    /// The OpenID configuration, which needs no token.
    fn discovery_url(&self) -> Url {
        self.host_url(&["cis", "oidc", ".well-known", "openid-configuration"])
    }

    /// A URL of the API's host. Every segment is percent-encoded.
    fn host_url(&self, path: &[&str]) -> Url {
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
