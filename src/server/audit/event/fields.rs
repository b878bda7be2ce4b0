//! The types of the fields of audit events.

use serde::{Deserialize, Serialize};

use crate::domain::{Identifier, IdentifierType, RefusalCode};
use crate::server::crypto::hash::Digest;
use crate::server::settings::TenantPolicy;

/// The identifier that an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct AuditSubject {
    pub identifier_type: IdentifierType,
    /// The pseudonym of the identifier; none if it has none
    /// ([`Pseudonyms`](crate::server::audit::Pseudonyms)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// ISO 3166 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The key of the identifier in the store, under which recent events are kept. It is not
    /// written; without it an event is not kept.
    #[serde(skip)]
    pub key: Option<Digest>,
}

impl AuditSubject {
    /// The subject for an identifier with this pseudonym.
    pub fn new(identifier: &Identifier, pseudonym: Option<String>) -> Self {
        Self {
            identifier_type: identifier.kind(),
            identifier: pseudonym,
            country: identifier.country().map(str::to_owned),
            key: None,
        }
    }

    /// The subject with this pseudonym, whose identifier is not known.
    pub fn of_pseudonym(
        identifier_type: IdentifierType,
        pseudonym: String,
        country: Option<String>,
    ) -> Self {
        Self {
            identifier_type,
            identifier: Some(pseudonym),
            country,
            key: None,
        }
    }

    /// The subject with the key of its identifier.
    #[must_use]
    pub fn with_key(self, key: Digest) -> Self {
        Self {
            key: Some(key),
            ..self
        }
    }
}

/// A passcode policy. Durations are in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct AuditedPolicy {
    pub code_length: usize,
    pub code_lifetime: u64,
    pub max_failures: u32,
    pub lockout: u64,
}

impl From<TenantPolicy> for AuditedPolicy {
    fn from(policy: TenantPolicy) -> Self {
        Self {
            code_length: policy.length,
            code_lifetime: policy.lifetime.as_secs(),
            max_failures: policy.max_failures,
            lockout: policy.lockout.as_secs(),
        }
    }
}

/// Why a code was requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Purpose {
    SignIn,
    SignUp,
    /// A resend within the same flow.
    Resend,
}

/// The decision on a request for a code, before anything is sent upstream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "decision")]
#[expect(missing_docs, reason = "the names say it")]
pub enum LimitDecision {
    /// The send is queued.
    Queued,
    /// The browser has a code already; nothing was sent.
    Repeated,
    /// An undisclosed limit was reached: nothing was sent, and the browser cannot tell.
    Withheld {
        /// The limit.
        limit: String,
    },
    /// The browser got an error.
    Refused { code: RefusalCode },
}

/// Why a sign-in failed. Most of these look the same to the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInFailure {
    /// Upstream refused the passcode; `detail` is its reason.
    Refused,
    /// No code of this flow can be valid: none was sent, or it is too old.
    NothingSent,
    /// A limit by number.
    Limited,
    /// The flow has no attempts left.
    TriesSpent,
    /// The code's deadline has passed.
    Expired,
    /// Upstream failed, or its response could not be parsed.
    Upstream,
    /// A token was invalid.
    InvalidToken,
    /// A concurrent request of the same flow succeeded first.
    RaceLost,
    /// The user's sessions were revoked while the sign-in was in progress.
    Revoked,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The user signed out.
    SignOut,
    /// The user revoked it from another session.
    Revoked,
    /// The operator revoked it.
    Operator,
    /// Upstream reports that the user or the session is gone.
    Upstream,
    /// Replaced by a new sign-in in the same browser.
    Replaced,
    /// The user's oldest session, above the maximum.
    TooMany,
    /// Idle or absolute timeout; noticed when its cookie was sent again.
    Expired,
    /// Its user's number may have changed hands.
    RecycledNumber,
}

/// Why a ticket to an application's host was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum TicketRefusal {
    /// Never issued, already redeemed or expired long ago.
    Unknown,
    Expired,
    /// Issued to another application.
    OtherApplication,
    /// The browser sent no nonce: it keeps no cookies, or the ticket was opened in another one.
    NoNonce,
    /// Issued to another browser.
    OtherBrowser,
    /// The session that it was issued for has ended.
    Ended,
}

/// What happened to a message that the SMS gateway received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsOutcome {
    /// A provider accepted it.
    Accepted,
    /// It was for a test number, and is kept for the operator; no provider was asked.
    Kept,
    /// A provider may have accepted it, so no other was asked.
    Unknown,
    /// No provider accepted it.
    NotSent,
    /// A duplicate; the result of the first was returned.
    Repeated,
}
