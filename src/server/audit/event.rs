//! All audit events and their names.
//!
//! - `fields`: the types of their fields
//! - `labels`: how events are sampled, and their labels in metrics

use serde::{Serialize, Serializer};
use strum::IntoStaticStr;

use crate::domain::timestamp::Timestamp;
use crate::domain::{Channel, RefusalCode};

mod fields;
mod labels;

pub use fields::{
    AuditSubject, AuditedPolicy, EndReason, LimitDecision, Purpose, SignInFailure, SmsOutcome,
    TicketRefusal,
};

/// An audit event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(untagged)]
#[expect(missing_docs, reason = "field names say what they hold")]
pub enum Event {
    /// The server started.
    #[strum(serialize = "sys_startup")]
    Startup {
        version: &'static str,
        public_url: String,
        store: &'static str,
        sandbox: bool,
    },
    /// The server stopped.
    #[strum(serialize = "sys_shutdown")]
    Shutdown,
    /// A code was requested.
    #[strum(serialize = "otp_requested")]
    CodeRequested {
        subject: AuditSubject,
        purpose: Purpose,
        channel: Channel,
        #[serde(flatten)]
        decision: LimitDecision,
    },
    /// The identifier was refused on public number data alone; `country` is set if it is not
    /// served.
    #[strum(serialize = "input_validation_fail")]
    InputRefused {
        purpose: Purpose,
        code: RefusalCode,
        #[serde(skip_serializing_if = "Option::is_none")]
        country: Option<String>,
    },
    /// Upstream was asked to send a code; `detail` is its error.
    #[strum(serialize = "otp_send_result")]
    CodeSendResult {
        subject: AuditSubject,
        purpose: Purpose,
        channel: Channel,
        sent: bool,
        detail: Option<String>,
    },
    /// The SMS gateway received a message; `detail` holds the response of each provider.
    #[strum(serialize = "sms_delivery")]
    SmsDelivery {
        subject: AuditSubject,
        outcome: SmsOutcome,
        provider: Option<&'static str>,
        detail: Option<String>,
    },
    /// The server started with test numbers.
    #[strum(serialize = "test_numbers_listed")]
    TestNumbers {
        in_force: usize,
        ended: usize,
        #[serde(serialize_with = "rfc3339")]
        until: Timestamp,
    },
    /// The code of a message to a test number was shown.
    #[strum(serialize = "test_code_read")]
    TestCodeRead { subject: AuditSubject },
    /// The tenant's passcode policy is another one than when it was last read; `former` is missing
    /// for the first one.
    #[strum(serialize = "passcode_policy_changed")]
    PasscodePolicyChanged {
        policy: AuditedPolicy,
        #[serde(skip_serializing_if = "Option::is_none")]
        former: Option<AuditedPolicy>,
    },
    /// The operator ran a command. What it did to sessions and numbers has events of its own.
    #[strum(serialize = "authz_admin")]
    AdminCommand {
        command: &'static str,
        succeeded: bool,
    },
    /// A user was created upstream.
    #[strum(serialize = "user_created")]
    UserCreated { subject: AuditSubject },
    /// A user signed in.
    #[strum(serialize = "authn_login_success")]
    LoginSuccess {
        subject: AuditSubject,
        #[serde(skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        channel: Channel,
        #[serde(rename = "new_browser")]
        unrecognised_device: bool,
        long_absent: bool,
        /// The user. Not written: events name users by pseudonym.
        #[serde(skip)]
        sub: String,
        /// Whether the sign-in completes a sign-up. Not written.
        #[serde(skip)]
        is_new_user: bool,
    },
    /// A user signed in after so long that the number may have changed hands; so many of their
    /// sessions were ended.
    #[strum(serialize = "authn_number_recycled")]
    NumberRecycled {
        subject: AuditSubject,
        #[serde(skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        #[serde(serialize_with = "rfc3339")]
        last_sign_in: Timestamp,
        sessions: usize,
    },
    /// A passcode was refused.
    #[strum(serialize = "authn_login_fail")]
    LoginFail {
        subject: AuditSubject,
        channel: Channel,
        reason: SignInFailure,
        detail: Option<String>,
    },
    /// A number of consecutive passcodes for one identifier were refused.
    #[strum(serialize = "authn_login_fail_max")]
    LoginFailMax {
        subject: AuditSubject,
        failures: u32,
    },
    /// The failed attempts of an identifier reached a limit, or an attempt was refused because they
    /// had.
    #[strum(serialize = "authn_login_lock")]
    LoginLock {
        subject: AuditSubject,
        limit: String,
        #[serde(serialize_with = "rfc3339")]
        retry_at: Timestamp,
    },
    /// The operator reset the counters of an identifier.
    #[strum(serialize = "authn_login_unlock")]
    LoginUnlock { subject: AuditSubject },
    /// The operator read what is stored about a person: an export or a lookup.
    #[strum(serialize = "sensitive_read")]
    PersonalDataRead {
        #[serde(skip_serializing_if = "Option::is_none")]
        subject: Option<AuditSubject>,
        users: Vec<String>,
    },
    /// The operator erased what is stored about a person. It names nobody: with the erased
    /// pseudonym and the time of the request, lines could be linked to the person again.
    #[strum(serialize = "sensitive_delete")]
    PersonalDataErased {
        histories: usize,
        sessions: usize,
        devices: usize,
        kept_counters: usize,
    },
    /// A budget of the whole service is nearly exhausted; then no codes are sent.
    #[strum(serialize = "excess_rate_limit_near")]
    BudgetNearlySpent {
        budget: String,
        used: u32,
        limit: u32,
    },
    /// A disclosed limit was reached.
    #[strum(serialize = "excess_rate_limit_exceeded")]
    RateLimit { limit: String, retry_after: u64 },
    /// A session was created.
    #[strum(serialize = "session_created")]
    SessionCreated {
        session: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        stay: bool,
        /// The user. Not written.
        #[serde(skip)]
        sub: String,
    },
    /// A user extended a session.
    #[strum(serialize = "session_renewed")]
    SessionRenewed {
        session: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        user: Option<String>,
    },
    /// A session ended.
    #[strum(serialize = "session_ended")]
    SessionEnded {
        session: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        by: EndReason,
        /// The user. Not written.
        #[serde(skip)]
        sub: String,
        /// Whether it ended with everybody's. Not written.
        #[serde(skip)]
        in_bulk: bool,
    },
    /// A request carried the cookie of an ended or unknown session.
    #[strum(serialize = "session_use_after_expire")]
    SessionUnknown { session: String },
    /// A session was started for an application on another host.
    #[strum(serialize = "authn_token_created")]
    ApplicationEntered {
        session: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        application: String,
    },
    /// A ticket to an application's host was refused.
    #[strum(serialize = "authn_ticket_refused")]
    TicketRefused {
        application: String,
        reason: TicketRefusal,
    },
    /// A signed-in user lacks a role that an application requires.
    #[strum(serialize = "authz_fail")]
    AuthorizationFail {
        session: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        user: Option<String>,
        application: String,
    },
    /// An unsafe request came from another origin.
    #[strum(serialize = "malicious_cors")]
    CrossOrigin { path: String },
}

impl Event {
    /// Its name in the log.
    pub fn name(&self) -> &'static str {
        self.into()
    }
}

fn rfc3339<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339())
}
