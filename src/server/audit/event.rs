//! Everything that is put on record, and what it is called.

use serde::{Deserialize, Serialize, Serializer};

use super::hex;
use crate::domain::{Identifier, IdentifierType, RefusalCode};
use crate::server::clock::Timestamp;
use crate::server::keys::{Index, Keys};

/// Whom an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// Type of the identifier.
    pub identifier_type: IdentifierType,
    /// Keyed hash of the identifier, 128 bits in hexadecimal.
    pub identifier: String,
    /// ISO 3166 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl Subject {
    /// The subject that an identifier stands for.
    pub fn of(identifier: &Identifier, keys: &Keys) -> Self {
        let value = format!("{}:{}", identifier.kind().as_str(), identifier.value());
        Self {
            identifier_type: identifier.kind(),
            identifier: hex(&keys.index(Index::Audit, value.as_bytes())),
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
pub enum Decision {
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
pub enum Failing {
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
    /// All sessions of the user were ended while the code was on its way.
    Revoked,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
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

/// Everything that is put on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event")]
#[expect(missing_docs, reason = "fields say what they hold; variants are documented")]
pub enum Event {
    /// The server is up.
    #[serde(rename = "sys_startup")]
    Startup { version: &'static str, public_url: String, store: &'static str, sandbox: bool },
    /// The server stops.
    #[serde(rename = "sys_shutdown")]
    Shutdown,
    /// A code was asked for.
    #[serde(rename = "otp_requested")]
    CodeRequested {
        subject: Subject,
        purpose: Purpose,
        #[serde(flatten)]
        decision: Decision,
    },
    /// What was typed is nothing that a code can be sent to, as public data says; for a country that is not served, which one.
    #[serde(rename = "input_validation_fail")]
    InputRefused {
        purpose: Purpose,
        code: RefusalCode,
        #[serde(skip_serializing_if = "Option::is_none")]
        country: Option<String>,
    },
    /// Upstream was asked to send a code; `detail` is its word when it did not.
    #[serde(rename = "otp_send_result")]
    CodeSendResult { subject: Subject, purpose: Purpose, sent: bool, detail: Option<String> },
    /// A message came to the SMS gateway; `detail` says what each provider that was asked answered.
    #[serde(rename = "sms_delivery")]
    SmsDelivery { subject: Subject, outcome: SmsOutcome, provider: Option<&'static str>, detail: Option<String> },
    /// The server began with test numbers: so many in force, so many whose end has passed, and the latest end.
    #[serde(rename = "test_numbers_listed")]
    TestNumbers {
        in_force: usize,
        ended: usize,
        #[serde(serialize_with = "rfc3339")]
        until: Timestamp,
    },
    /// The code of a message to a test number was shown; `uid` is the user of the system who asked.
    #[serde(rename = "test_code_read")]
    TestCodeRead { subject: Subject, uid: Option<u32> },
    /// Upstream made a user.
    #[serde(rename = "user_created")]
    UserCreated { subject: Subject, user: String },
    /// A person is in.
    #[serde(rename = "authn_login_success")]
    LoginSuccess { subject: Subject, user: String, new_browser: bool, long_absent: bool },
    /// A passcode was not accepted.
    #[serde(rename = "authn_login_fail")]
    LoginFail { subject: Subject, reason: Failing, detail: Option<String> },
    /// So many consecutive passcodes of a number were not accepted.
    #[serde(rename = "authn_login_fail_max")]
    LoginFailMax { subject: Subject, failures: u32 },
    /// A number has reached a limit of failures.
    #[serde(rename = "authn_login_lock")]
    LoginLock {
        subject: Subject,
        limit: String,
        #[serde(serialize_with = "rfc3339")]
        retry_at: Timestamp,
    },
    /// The operator reset a number's counters.
    #[serde(rename = "authn_login_unlock")]
    LoginUnlock { subject: Subject },
    /// A budget of the whole service will be spent soon: nobody will get a code then.
    #[serde(rename = "excess_rate_limit_near")]
    BudgetNearlySpent { budget: String, used: u32, limit: u32 },
    /// A limit that is no secret was reached.
    #[serde(rename = "excess_rate_limit_exceeded")]
    RateLimit { limit: String, retry_after: u64 },
    /// A session began.
    #[serde(rename = "session_created")]
    SessionCreated { session: String, user: String, stay: bool },
    /// A session was extended by its person.
    #[serde(rename = "session_renewed")]
    SessionRenewed { session: String, user: String },
    /// A session was ended.
    #[serde(rename = "session_ended")]
    SessionEnded { session: String, user: String, by: Ending },
    /// A cookie came whose session is over or never was.
    #[serde(rename = "session_use_after_expire")]
    SessionUnknown { session: String },
    /// A session has reached an application on another host.
    #[serde(rename = "authn_token_created")]
    ApplicationEntered { session: String, user: String, application: String },
    /// A ticket to an application's host opened nothing.
    #[serde(rename = "authn_ticket_refused")]
    TicketRefused { application: String, reason: TicketRefusal },
    /// A person who is signed in asked for an application without a role that it asks for.
    #[serde(rename = "authz_fail")]
    AuthorizationFail { session: String, user: String, application: String },
    /// An unsafe request came from elsewhere.
    #[serde(rename = "malicious_cors")]
    CrossOrigin { path: String },
}

impl Event {
    /// Its name on record.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Startup { .. } => "sys_startup",
            Self::Shutdown => "sys_shutdown",
            Self::CodeRequested { .. } => "otp_requested",
            Self::InputRefused { .. } => "input_validation_fail",
            Self::CodeSendResult { .. } => "otp_send_result",
            Self::SmsDelivery { .. } => "sms_delivery",
            Self::TestNumbers { .. } => "test_numbers_listed",
            Self::TestCodeRead { .. } => "test_code_read",
            Self::UserCreated { .. } => "user_created",
            Self::LoginSuccess { .. } => "authn_login_success",
            Self::LoginFail { .. } => "authn_login_fail",
            Self::LoginFailMax { .. } => "authn_login_fail_max",
            Self::LoginLock { .. } => "authn_login_lock",
            Self::BudgetNearlySpent { .. } => "excess_rate_limit_near",
            Self::LoginUnlock { .. } => "authn_login_unlock",
            Self::RateLimit { .. } => "excess_rate_limit_exceeded",
            Self::SessionCreated { .. } => "session_created",
            Self::SessionRenewed { .. } => "session_renewed",
            Self::SessionEnded { .. } => "session_ended",
            Self::SessionUnknown { .. } => "session_use_after_expire",
            Self::ApplicationEntered { .. } => "authn_token_created",
            Self::TicketRefused { .. } => "authn_ticket_refused",
            Self::AuthorizationFail { .. } => "authz_fail",
            Self::CrossOrigin { .. } => "malicious_cors",
        }
    }

    /// Whether anybody can cause it at will, without a limit that comes before.
    pub(super) fn is_anybodys(&self) -> bool {
        matches!(
            self,
            Self::SessionUnknown { .. }
                | Self::TicketRefused { .. }
                | Self::AuthorizationFail { .. }
                | Self::SessionRenewed { .. }
                | Self::CrossOrigin { .. }
                | Self::InputRefused { .. }
        )
    }

    /// What tells events of one name apart in metrics. Few values, none of them personal.
    pub(super) fn outcome(&self) -> String {
        match self {
            Self::CodeRequested { decision, .. } => match decision {
                Decision::Queued => "queued".into(),
                Decision::Repeated => "repeated".into(),
                Decision::Withheld { limit } => format!("withheld_{limit}"),
                Decision::Refused { code } => format!("refused_{}", code.as_str()),
            },
            Self::InputRefused { code, .. } => code.as_str().into(),
            Self::CodeSendResult { sent, .. } => if *sent { "sent" } else { "not_sent" }.into(),
            Self::LoginFail { reason, .. } => variant(reason),
            Self::SmsDelivery { outcome, .. } => variant(outcome),
            Self::SessionEnded { by, .. } => variant(by),
            Self::TicketRefused { reason, .. } => variant(reason),
            Self::BudgetNearlySpent { budget, .. } => budget.clone(),
            Self::RateLimit { limit, .. } | Self::LoginLock { limit, .. } => limit.clone(),
            _ => String::new(),
        }
    }

    /// The country of the number that it is about, ISO 3166 alpha-2; empty without one.
    pub(super) fn country(&self) -> String {
        let country = match self {
            Self::InputRefused { country, .. } => country.as_ref(),
            _ => self.subject().and_then(|subject| subject.country.as_ref()),
        };
        country.cloned().unwrap_or_default()
    }

    /// Whom it is about, where it is about a number.
    pub(super) fn subject(&self) -> Option<&Subject> {
        match self {
            Self::CodeRequested { subject, .. }
            | Self::CodeSendResult { subject, .. }
            | Self::SmsDelivery { subject, .. }
            | Self::TestCodeRead { subject, .. }
            | Self::UserCreated { subject, .. }
            | Self::LoginSuccess { subject, .. }
            | Self::LoginFail { subject, .. }
            | Self::LoginFailMax { subject, .. }
            | Self::LoginLock { subject, .. }
            | Self::LoginUnlock { subject } => Some(subject),
            _ => None,
        }
    }
}

fn rfc3339<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.rfc3339())
}

fn variant(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
