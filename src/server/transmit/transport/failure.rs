//! The one typed error of every call, whatever upstream or the network did.

use std::fmt;
use std::time::Duration;

use crate::server::transmit::tokens::token_error::TokenError;
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::reason::Reason;

/// A call that brought no result. It is made for operators: no code, number, token or secret is in
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What was asked for.
    pub operation: Operation,
    /// Whether upstream may have seen it.
    pub delivery: DeliveryState,
    /// What went wrong.
    pub kind: FailureKind,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// Upstream's own word for it: `error_code`, `ts_error_code` or OAuth's `error`.
    pub error_code: Option<String>,
    /// How long upstream asks us to wait.
    pub retry_after: Option<Duration>,
    /// The failure behind this one: why there is no client token or no signing key.
    pub cause: Option<Box<Failure>>,
}

/// Whether upstream may have seen the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// It certainly never reached upstream: no token, no key, breaker open, no place, no
    /// connection.
    NotWritten,
    /// It was written, and upstream proved that it did nothing with it: it would not take our
    /// client token (401), and no other one helped. Nothing was sent, no try was spent; but this
    /// was learned only after the request was written.
    Unprocessed,
    /// It may have been written, and no answer was understood: it may have been done or not.
    Unknown,
    /// Upstream answered, or a request of this call was answered before a later step failed.
    Answered,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FailureKind {
    /// No client access token is in hand, and none could be had.
    #[error("no client access token")]
    NoClientToken,
    /// No signing key is in hand, and none could be had.
    #[error("no signing key")]
    NoSigningKey,
    /// Too many calls of this kind failed just before.
    #[error("breaker open after repeated failures")]
    BreakerOpen,
    /// As many calls as allowed are in flight (`transmit.max_in_flight`).
    #[error("too many calls in flight")]
    Overloaded,
    /// No connection came about: refused, no such host, TLS failed, `transmit.connect_timeout`.
    #[error("no connection")]
    Connect,
    /// No whole answer came in time.
    #[error("no answer in time")]
    Timeout,
    /// The connection broke before the end of an answer.
    #[error("connection broke")]
    Broken,
    /// Upstream said no.
    #[error("refused: {0}")]
    Refused(Reason),
    /// Upstream's rate limit (429).
    #[error("throttled")]
    Throttled,
    /// Upstream failed (5xx).
    #[error("upstream failed")]
    Server,
    /// An answer that this API does not give: a redirect, HTML, JSON under another name, broken
    /// JSON, too many bytes, nothing at all.
    #[error("answer not understood")]
    NotUnderstood,
    /// A token that must not be believed.
    #[error("token refused: {0}")]
    TokenInvalid(TokenError),
}

impl FailureKind {
    /// The name in logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoClientToken => "no_client_token",
            Self::NoSigningKey => "no_signing_key",
            Self::BreakerOpen => "breaker_open",
            Self::Overloaded => "overloaded",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Broken => "broken",
            Self::Refused(_) => "refused",
            Self::Throttled => "throttled",
            Self::Server => "server",
            Self::NotUnderstood => "not_understood",
            Self::TokenInvalid(_) => "token_invalid",
        }
    }
}

impl DeliveryState {
    /// Whether upstream surely did nothing, so that whatever was reserved for the call can be given
    /// back.
    pub fn is_void(self) -> bool {
        matches!(self, Self::NotWritten | Self::Unprocessed)
    }

    /// The name in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotWritten => "not_written",
            Self::Unprocessed => "unprocessed",
            Self::Unknown => "unknown",
            Self::Answered => "answered",
        }
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
            // Whoever spoke, it may not have been upstream.
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

    /// The same failure of a call whose earlier request went like that: it can no longer pass for
    /// unseen.
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

    /// Whether the server or the network failed, rather than said no: what a breaker counts.
    pub(in crate::server::transmit) fn is_trouble(&self) -> bool {
        match self.kind {
            FailureKind::Connect
            | FailureKind::Timeout
            | FailureKind::Broken
            | FailureKind::Server => true,
            // A firewall that dislikes what one person sends must not shut out all others.
            FailureKind::NotUnderstood => {
                self.operation.is_our_own() || !self.status.is_some_and(is_refusal)
            }
            FailureKind::NoClientToken | FailureKind::NoSigningKey | FailureKind::BreakerOpen => {
                false
            }
            FailureKind::Overloaded | FailureKind::Refused(_) | FailureKind::Throttled => false,
            FailureKind::TokenInvalid(_) => false,
        }
    }

    pub(in crate::server::transmit) fn is_unauthorized(&self) -> bool {
        self.kind == FailureKind::Refused(Reason::Unauthorized)
    }
}

/// 4xx: an answer to this one request, whoever gave it.
fn is_refusal(status: u16) -> bool {
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
