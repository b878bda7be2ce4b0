//! What `latchkey lookup` finds. It holds no number and no code.

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::admin::personal_data::data::{AuditNames, EventData};
use crate::server::crypto::hash::to_hex_128;
use crate::server::guard::{LimitScope, LimitState};

/// What is known of a number now, and what happened lately. Times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupReport {
    /// How the audit log names the person.
    pub audit_log: AuditNames,
    /// When a user of the number last signed in, if that is known.
    pub last_sign_in_at: Option<String>,
    /// How many sessions are active.
    pub sessions: usize,
    /// How many browsers are recognised for the number; none if the number is not known.
    pub recognised_browsers: Option<usize>,
    /// Whether a code by SMS would be sent now, after a sign-up if no user of the number is known;
    /// none if the number is not known.
    pub next_code: Option<Permission>,
    /// Whether a passcode would be compared now; none if the number is not known.
    pub next_attempt: Option<Permission>,
    /// Consecutive attempts that failed.
    pub failures: u32,
    /// What browsers that are not recognised may still try; none if the number is not known.
    pub attempts_left: Option<u32>,
    /// Every limit that the number touches, with what is used of it.
    pub limits: Vec<LimitData>,
    /// What upstream said last; none if it was not asked lately.
    pub upstream: Option<UpstreamData>,
    /// Recent events, the oldest first.
    pub recent_events: Vec<EventData>,
    /// Whether there are so many recognised devices that not all of them were searched.
    pub is_cut: bool,
}

/// Whether something would be allowed now, to a browser that is not recognised. Limits by client
/// address are not considered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct Permission {
    pub is_allowed: bool,
    /// The limit that refuses it longest, and of several the one that is reserved first.
    pub refused_by: Option<String>,
    pub until: Option<String>,
}

/// What is used of a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitData {
    /// Its name in events and metrics.
    pub name: String,
    /// What it counts.
    pub scope: LimitScope,
    /// The recognised browser that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// What is used of it.
    pub used: u32,
    /// How much is allowed; none if it only counts.
    pub limit: Option<u32>,
    /// When it starts again; none if nothing is used.
    pub resets_at: Option<String>,
}

/// What upstream said of the last code or attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamData {
    /// When.
    pub at: String,
    /// The event that has it: `otp_send_result`, `authn_login_fail` or `authn_login_success`.
    pub event: String,
    /// Its outcome, such as `not_sent`.
    pub outcome: String,
    /// The reason, if upstream refused.
    pub reason: Option<String>,
}

impl Permission {
    /// Allowed, unless one of the limits refuses.
    pub(super) fn by<'a>(limits: impl Iterator<Item = &'a LimitState>) -> Self {
        let refusing = limits.filter_map(|limit| Some((limit.refuses_until()?, limit.kind)));
        // The first of several that refuse equally long, because that one is reserved first.
        let longest = refusing.reduce(|longest, one| if one.0 > longest.0 { one } else { longest });
        Self {
            is_allowed: longest.is_none(),
            refused_by: longest.map(|(_, kind)| kind.name().to_owned()),
            until: longest.map(|(until, _)| until.to_rfc3339()),
        }
    }
}

impl From<&LimitState> for LimitData {
    fn from(state: &LimitState) -> Self {
        Self {
            name: state.kind.name().to_owned(),
            scope: state.scope,
            browser: state.device.map(|id| to_hex_128(&id)),
            used: state.used,
            limit: state.limit,
            resets_at: state.resets_at.map(Timestamp::to_rfc3339),
        }
    }
}
