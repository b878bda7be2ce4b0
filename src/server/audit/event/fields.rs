//! What events say of whom they are about, of reasons and of outcomes.

use serde::{Deserialize, Serialize};

use crate::domain::{Identifier, IdentifierType, RefusalCode};
use crate::server::audit::hex;
use crate::server::crypto::derived_keys::{DerivedKeys, IndexPurpose};

/// Whom an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditSubject {
    /// Type of the identifier.
    pub identifier_type: IdentifierType,
    /// Keyed hash of the identifier, 128 bits in hexadecimal.
    pub identifier: String,
    /// ISO 3166 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl AuditSubject {
    /// The subject that an identifier stands for.
    pub fn of(identifier: &Identifier, keys: &DerivedKeys) -> Self {
        let value = format!("{}:{}", identifier.kind().as_str(), identifier.value());
        Self {
            identifier_type: identifier.kind(),
            identifier: hex(&keys.index(IndexPurpose::Audit, value.as_bytes())),
            country: identifier.country().map(str::to_owned),
        }
    }
}

/// Why a code was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// By somebody who should be a user.
    SignIn,
    /// By somebody who wants to become one.
    SignUp,
    /// Again, in the same flow.
    Resend,
}

/// What became of a request for a code, as decided before anything went upstream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "decision")]
pub enum LimitDecision {
    /// It waits for its turn upstream.
    Queued,
    /// The browser has a code under way: nothing was sent.
    Repeated,
    /// A limit by number: nothing was sent, and the browser was not told.
    Withheld {
        /// Which limit.
        limit: String,
    },
    /// The browser was told.
    Refused {
        /// What it was told.
        code: RefusalCode,
    },
}

/// Why a sign-in failed. The browser sees one answer for most of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInFailure {
    /// Upstream refused the passcode; its own word is in `detail`.
    Refused,
    /// No code of this flow can be on the phone: none was sent, or it is too old.
    NothingSent,
    /// A limit by number.
    Limited,
    /// This flow has spent its tries.
    TriesSpent,
    /// The code's deadline has passed.
    Expired,
    /// Upstream failed, or was not understood.
    Upstream,
    /// The tokens were not to be believed.
    InvalidToken,
    /// Another request of the same flow was first.
    RaceLost,
    /// All sessions of the user were ended while the code was on its way; or all but one, by their
    /// person.
    Revoked,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Its person signed out.
    SignOut,
    /// Its person ended it from another session.
    Revoked,
    /// The operator ended it.
    Operator,
    /// Upstream says that its user or session is gone.
    Upstream,
    /// A new sign-in in the same browser took its place.
    Replaced,
    /// Its user has more sessions than allowed; it was the oldest.
    TooMany,
    /// By itself, idle or after its absolute timeout; noticed when its cookie came again.
    Expired,
}

/// Why a ticket to an application's host opened nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketRefusal {
    /// There is none: it is far too old, was used before, or never was one.
    Unknown,
    /// It is too old.
    Expired,
    /// It was made for another application.
    OtherApplication,
    /// The browser brought no nonce: it keeps no cookies, or the ticket was carried to another one.
    NoNonce,
    /// It was made for another browser.
    OtherBrowser,
    /// The session that it was made for has ended.
    Ended,
}

/// What became of a message that came to the SMS gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsOutcome {
    /// A provider took it.
    Accepted,
    /// It was to a test number: it is kept for the operator, and no provider was asked.
    Kept,
    /// A provider may have taken it; nobody was asked after that one.
    Unknown,
    /// No provider took it.
    NotSent,
    /// It came again, and was answered with what became of the first.
    Repeated,
}
