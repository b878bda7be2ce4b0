//! What an event is counted as, and which events are sampled.

use serde::Serialize;

use crate::server::audit::event::{AuditSubject, Event, LimitDecision, SignInFailure};

/// Replaces every country that is not served, in counts.
const OTHER_COUNTRIES: &str = "other";

impl Event {
    /// Whether anyone can cause it at will without being stopped by a limit. A refusal by a limit
    /// is such an event.
    pub(in crate::server::audit) fn is_sampled(&self) -> bool {
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

    /// Whether it is kept for the operator's support ([`RecentEvents`]): what becomes of a number's
    /// codes and attempts.
    ///
    /// [`RecentEvents`]: crate::server::audit::RecentEvents
    pub(in crate::server::audit) fn is_kept_for_support(&self) -> bool {
        matches!(
            self,
            Self::CodeRequested { .. }
                | Self::CodeSendResult { .. }
                | Self::SmsDelivery { .. }
                | Self::UserCreated { .. }
                | Self::LoginSuccess { .. }
                | Self::NumberRecycled { .. }
                | Self::LoginFail { .. }
                | Self::LoginFailMax { .. }
                | Self::LoginLock { .. }
                | Self::LoginUnlock { .. }
        )
    }

    /// Whether anybody can cause it for a number as often as they like, for no limit by number
    /// counts it. Besides sampled events these are refusals by such a limit.
    pub(in crate::server::audit) fn is_unbounded(&self) -> bool {
        self.is_sampled()
            || matches!(
                self,
                Self::CodeRequested {
                    decision: LimitDecision::Withheld { .. },
                    ..
                } | Self::LoginFail {
                    reason: SignInFailure::Limited,
                    ..
                } | Self::LoginLock { .. }
            )
    }

    /// Why a code was requested, or empty.
    pub(in crate::server::audit) fn purpose(&self) -> String {
        match self {
            Self::CodeRequested { purpose, .. } | Self::CodeSendResult { purpose, .. } => {
                variant(purpose)
            }
            _ => String::new(),
        }
    }

    /// What upstream or the providers said, or until when something is locked.
    pub(in crate::server::audit) fn detail(&self) -> Option<String> {
        match self {
            Self::CodeSendResult { detail, .. }
            | Self::SmsDelivery { detail, .. }
            | Self::LoginFail { detail, .. } => detail.clone(),
            Self::LoginLock { retry_at, .. } => Some(format!("until {}", retry_at.to_rfc3339())),
            _ => None,
        }
    }

    /// The `outcome` label in metrics: few values, none of them personal.
    pub(in crate::server::audit) fn outcome(&self) -> String {
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

    /// The `country` label in metrics: ISO 3166 alpha-2, or empty. Countries that are not served
    /// share one value, because anyone can enter their numbers and would fill the table of counts.
    pub(in crate::server::audit) fn country(&self) -> String {
        match self {
            Self::InputRefused {
                country: Some(_), ..
            } => OTHER_COUNTRIES.to_owned(),
            _ => self
                .subject()
                .and_then(|subject| subject.country.clone())
                .unwrap_or_default(),
        }
    }

    /// The `channel` label in metrics: how the code was sent, or empty.
    pub(in crate::server::audit) fn channel(&self) -> &'static str {
        match self {
            Self::CodeRequested { channel, .. }
            | Self::CodeSendResult { channel, .. }
            | Self::LoginSuccess { channel, .. }
            | Self::LoginFail { channel, .. } => channel.name(),
            _ => "",
        }
    }

    /// The identifier that the event is about, if any.
    pub(in crate::server::audit) fn subject(&self) -> Option<&AuditSubject> {
        match self {
            Self::CodeRequested { subject, .. }
            | Self::CodeSendResult { subject, .. }
            | Self::SmsDelivery { subject, .. }
            | Self::TestCodeRead { subject, .. }
            | Self::UserCreated { subject, .. }
            | Self::LoginSuccess { subject, .. }
            | Self::NumberRecycled { subject, .. }
            | Self::LoginFail { subject, .. }
            | Self::LoginFailMax { subject, .. }
            | Self::LoginLock { subject, .. }
            | Self::LoginUnlock { subject } => Some(subject),
            Self::PersonalDataRead { subject, .. } => subject.as_ref(),
            _ => None,
        }
    }
}

fn variant(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
