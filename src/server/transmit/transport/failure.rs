//! The one error type of all calls, for failures of upstream and of the network.

use std::fmt;
use std::time::Duration;

use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::reason::Reason;
use crate::server::transmit::transport::token_error::InvalidToken;

/// A failed call. It is safe to log: it contains no passcode, number, token or secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The call.
    pub operation: Operation,
    /// Whether upstream may have received it.
    pub delivery: DeliveryState,
    /// What went wrong.
    pub kind: FailureKind,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// Upstream's error code: `error_code`, `ts_error_code` or OAuth's `error`.
    pub error_code: Option<String>,
    /// How long upstream asks us to wait (`Retry-After`).
    pub retry_after: Option<Duration>,
    /// The failure behind this one: why there is no client token or no signing key.
    pub cause: Option<Box<Failure>>,
}

/// Whether upstream may have received and processed the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum DeliveryState {
    /// Upstream cannot have received it: no token, no key, breaker open, too many calls in flight,
    /// or no connection.
    NotWritten,
    /// Upstream received it and did not process it: it refused our client token (401), and a new
    /// one too. No code was sent and no attempt was counted.
    Unprocessed,
    /// Upstream may have received it and gave no valid response: it may have been processed or not.
    Unknown,
    /// Upstream responded, to this request or to an earlier one of the same call.
    Answered,
}

/// What went wrong.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::VariantNames, thiserror::Error,
)]
#[strum(serialize_all = "snake_case")]
pub enum FailureKind {
    /// There is no client access token, and none could be fetched.
    #[error("no client access token")]
    NoClientToken,
    /// There is no signing key, and none could be fetched.
    #[error("no signing key")]
    NoSigningKey,
    /// The circuit breaker is open: too many calls of this operation failed recently.
    #[error("breaker open after repeated failures")]
    BreakerOpen,
    /// As many calls as allowed are in flight (`transmit.max_in_flight`).
    #[error("too many calls in flight")]
    Overloaded,
    /// No connection could be opened: refused, unknown host, TLS error, or
    /// `transmit.connect_timeout`.
    #[error("no connection")]
    Connect,
    /// No complete response arrived in time.
    #[error("no answer in time")]
    Timeout,
    /// The connection broke before the end of the response.
    #[error("connection broke")]
    Broken,
    /// Upstream refused the call.
    #[error("refused: {0}")]
    Refused(Reason),
    /// Upstream's rate limit (429).
    #[error("throttled")]
    Throttled,
    /// Upstream failed (5xx).
    #[error("upstream failed")]
    Server,
    /// A response that does not fit the API: a redirect, HTML, another content type, broken JSON,
    /// too many bytes, or an empty body.
    #[error("answer not understood")]
    NotUnderstood,
    /// A code was sent without a request id, where one is required.
    #[error("no request id")]
    NoRequestId,
    /// A token in the response is not valid.
    #[error("token refused: {0}")]
    TokenInvalid(InvalidToken),
}

impl FailureKind {
    /// The name in logs and metrics.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl DeliveryState {
    /// Whether upstream certainly did nothing, so that what was reserved for the call can be
    /// refunded.
    pub fn was_not_processed(self) -> bool {
        matches!(self, Self::NotWritten | Self::Unprocessed)
    }

    /// The name in logs.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Failure {
    pub(in crate::server::transmit) fn new(
        operation: Operation,
        delivery: DeliveryState,
        kind: FailureKind,
    ) -> Self {
        Self {
            operation,
            delivery,
            kind,
            status: None,
            error_code: None,
            retry_after: None,
            cause: None,
        }
    }

    pub(in crate::server::transmit) fn not_written(
        operation: Operation,
        kind: FailureKind,
    ) -> Self {
        Self::new(operation, DeliveryState::NotWritten, kind)
    }

    pub(in crate::server::transmit) fn answered(
        operation: Operation,
        kind: FailureKind,
        status: u16,
    ) -> Self {
        let delivery = match kind {
            FailureKind::Refused(Reason::Unauthorized) => DeliveryState::Unprocessed,
            // The response may come from a proxy rather than from upstream.
            FailureKind::NotUnderstood | FailureKind::Broken => DeliveryState::Unknown,
            _ => DeliveryState::Answered,
        };
        Self {
            status: Some(status),
            ..Self::new(operation, delivery, kind)
        }
    }

    pub(in crate::server::transmit) fn caused_by(self, cause: Self) -> Self {
        Self {
            cause: Some(Box::new(cause)),
            ..self
        }
    }

    /// The same failure, of a call whose earlier request had the delivery state `earlier`: the
    /// state of the call is the weaker guarantee of the two.
    pub(in crate::server::transmit) fn after(self, earlier: DeliveryState) -> Self {
        let delivery = match (self.delivery, earlier) {
            (DeliveryState::NotWritten, earlier) => earlier,
            (DeliveryState::Unprocessed, DeliveryState::Unknown | DeliveryState::Answered) => {
                earlier
            }
            (delivery, _) => delivery,
        };
        Self { delivery, ..self }
    }

    /// Whether the server or the network failed, rather than upstream refusing the call. These
    /// failures are what a breaker counts.
    pub(in crate::server::transmit) fn is_outage(&self) -> bool {
        match self.kind {
            FailureKind::Connect
            | FailureKind::Timeout
            | FailureKind::Broken
            | FailureKind::Server => true,
            // A firewall that blocks one person's input must not open the breaker for everybody.
            FailureKind::NotUnderstood => {
                !self.operation.has_user_input() || !self.status.is_some_and(is_client_error)
            }
            FailureKind::NoClientToken | FailureKind::NoSigningKey | FailureKind::BreakerOpen => {
                false
            }
            FailureKind::Overloaded | FailureKind::Refused(_) | FailureKind::Throttled => false,
            FailureKind::TokenInvalid(_) | FailureKind::NoRequestId => false,
        }
    }

    pub(in crate::server::transmit) fn is_unauthorized(&self) -> bool {
        self.kind == FailureKind::Refused(Reason::Unauthorized)
    }
}

fn is_client_error(status: u16) -> bool {
    (400..500).contains(&status)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.kind)?;
        if let Some(status) = self.status {
            write!(f, ", status {status}")?;
        }
        if let Some(code) = &self.error_code {
            write!(f, ", code {code}")?;
        }
        if let Some(cause) = &self.cause {
            write!(f, " ({cause})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}
