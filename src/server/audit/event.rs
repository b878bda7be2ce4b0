//! Everything that is put on record, and what it is called.
//!
//! - `words`: what events say of whom they are about, of reasons and of outcomes

use serde::{Serialize, Serializer};

use crate::domain::RefusalCode;
use crate::domain::timestamp::Timestamp;

mod fields;

pub use fields::{
    AuditSubject, EndReason, LimitDecision, Purpose, SignInFailure, SmsOutcome, TicketRefusal,
};

/// What stands for every country that is not served, where events are counted.
const NOT_SERVED: &str = "other";

/// Everything that is put on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event")]
#[expect(
    missing_docs,
    reason = "fields say what they hold; variants are documented"
)]
pub enum Event {
    /// The server is up.
    #[serde(rename = "sys_startup")]
    Startup {
        version: &'static str,
        public_url: String,
        store: &'static str,
        sandbox: bool,
    },
    /// The server stops.
    #[serde(rename = "sys_shutdown")]
    Shutdown,
    /// A code was asked for.
    #[serde(rename = "otp_requested")]
    CodeRequested {
        subject: AuditSubject,
        purpose: Purpose,
        #[serde(flatten)]
        decision: LimitDecision,
    },
    /// What was typed is nothing that a code can be sent to, as public data says; for a country
    /// that is not served, which one.
    #[serde(rename = "input_validation_fail")]
    InputRefused {
        purpose: Purpose,
        code: RefusalCode,
        #[serde(skip_serializing_if = "Option::is_none")]
        country: Option<String>,
    },
    /// Upstream was asked to send a code; `detail` is its word when it did not.
    #[serde(rename = "otp_send_result")]
    CodeSendResult {
        subject: AuditSubject,
        purpose: Purpose,
        sent: bool,
        detail: Option<String>,
    },
    /// A message came to the SMS gateway; `detail` says what each provider that was asked answered.
    #[serde(rename = "sms_delivery")]
    SmsDelivery {
        subject: AuditSubject,
        outcome: SmsOutcome,
        provider: Option<&'static str>,
        detail: Option<String>,
    },
    /// The server began with test numbers: so many in force, so many whose end has passed, and the
    /// latest end.
    #[serde(rename = "test_numbers_listed")]
    TestNumbers {
        in_force: usize,
        ended: usize,
        #[serde(serialize_with = "rfc3339")]
        until: Timestamp,
    },
    /// The code of a message to a test number was shown; `uid` is the user of the system who asked.
    #[serde(rename = "test_code_read")]
    TestCodeRead {
        subject: AuditSubject,
        uid: Option<u32>,
    },
    /// Upstream made a user.
    #[serde(rename = "user_created")]
    UserCreated { subject: AuditSubject, user: String },
    /// A person is in.
    #[serde(rename = "authn_login_success")]
    LoginSuccess {
        subject: AuditSubject,
        user: String,
        new_browser: bool,
        long_absent: bool,
    },
    /// A passcode was not accepted.
    #[serde(rename = "authn_login_fail")]
    LoginFail {
        subject: AuditSubject,
        reason: SignInFailure,
        detail: Option<String>,
    },
    /// So many consecutive passcodes of a number were not accepted.
    #[serde(rename = "authn_login_fail_max")]
    LoginFailMax {
        subject: AuditSubject,
        failures: u32,
    },
    /// A number has reached a limit of failures.
    #[serde(rename = "authn_login_lock")]
    LoginLock {
        subject: AuditSubject,
        limit: String,
        #[serde(serialize_with = "rfc3339")]
        retry_at: Timestamp,
    },
    /// The operator reset a number's counters.
    #[serde(rename = "authn_login_unlock")]
    LoginUnlock { subject: AuditSubject },
    /// A budget of the whole service will be spent soon: nobody will get a code then.
    #[serde(rename = "excess_rate_limit_near")]
    BudgetNearlySpent {
        budget: String,
        used: u32,
        limit: u32,
    },
    /// A limit that is no secret was reached.
    #[serde(rename = "excess_rate_limit_exceeded")]
    RateLimit { limit: String, retry_after: u64 },
    /// A session began.
    #[serde(rename = "session_created")]
    SessionCreated {
        session: String,
        user: String,
        stay: bool,
    },
    /// A session was extended by its person.
    #[serde(rename = "session_renewed")]
    SessionRenewed { session: String, user: String },
    /// A session was ended.
    #[serde(rename = "session_ended")]
    SessionEnded {
        session: String,
        user: String,
        by: EndReason,
    },
    /// A cookie came whose session is over or never was.
    #[serde(rename = "session_use_after_expire")]
    SessionUnknown { session: String },
    /// A session has reached an application on another host.
    #[serde(rename = "authn_token_created")]
    ApplicationEntered {
        session: String,
        user: String,
        application: String,
    },
    /// A ticket to an application's host opened nothing.
    #[serde(rename = "authn_ticket_refused")]
    TicketRefused {
        application: String,
        reason: TicketRefusal,
    },
    /// A person who is signed in asked for an application without a role that it asks for.
    #[serde(rename = "authz_fail")]
    AuthorizationFail {
        session: String,
        user: String,
        application: String,
    },
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

    /// Whether anybody can cause it at will, without a limit that comes before: what a limit
    /// refuses is without one.
    pub(super) fn is_anybodys(&self) -> bool {
        matches!(
            self,
            Self::SessionUnknown { .. }
                | Self::TicketRefused { .. }
                | Self::AuthorizationFail { .. }
                | Self::SessionRenewed { .. }
                | Self::CrossOrigin { .. }
                | Self::InputRefused { .. }
                | Self::RateLimit { .. }
                | Self::CodeRequested {
                    decision: LimitDecision::Refused { .. } | LimitDecision::Repeated,
                    ..
                }
                | Self::LoginFail {
                    reason: SignInFailure::TriesSpent
                        | SignInFailure::Expired
                        | SignInFailure::NothingSent,
                    ..
                }
        )
    }

    /// What tells events of one name apart in metrics. Few values, none of them personal.
    pub(super) fn outcome(&self) -> String {
        match self {
            Self::CodeRequested { decision, .. } => match decision {
                LimitDecision::Queued => "queued".into(),
                LimitDecision::Repeated => "repeated".into(),
                LimitDecision::Withheld { limit } => format!("withheld_{limit}"),
                LimitDecision::Refused { code } => format!("refused_{}", code.as_str()),
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

    /// The country of the number that it is about, ISO 3166 alpha-2; empty without one. All that
    /// are not served are one: anybody can name each of them, and none may take the place of what
    /// is counted by country.
    pub(super) fn country(&self) -> String {
        match self {
            Self::InputRefused {
                country: Some(_), ..
            } => NOT_SERVED.to_owned(),
            _ => self
                .subject()
                .and_then(|subject| subject.country.clone())
                .unwrap_or_default(),
        }
    }

    /// Whom it is about, where it is about a number.
    pub(super) fn subject(&self) -> Option<&AuditSubject> {
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
    serializer.serialize_str(&time.to_rfc3339())
}

fn variant(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
