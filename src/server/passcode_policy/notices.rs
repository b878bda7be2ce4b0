//! What the operator is told of the policy, in the log and by metrics: each thing once, and a
//! danger again with every answer of the tenant until it is settled.

use crate::domain::timestamp::Timestamp;
use crate::server::passcode_policy::{EmailProblem, PolicyStatus, SHORT_CODES};
use crate::server::settings::{PasscodeLimits, PolicyDifference, PolicySource, TenantPolicy};
use crate::server::store::StoreError;

/// The largest maximum that is too tight: three wrong codes in a row are common mistakes, and
/// would keep a new phone out.
const TIGHT_MAXIMUM: u32 = 4;

/// What was told already.
#[derive(Debug, Default)]
pub(super) struct Notices {
    policy: Option<TenantPolicy>,
    differences: Vec<PolicyDifference>,
    problem: Option<String>,
    email_problem: Option<EmailProblem>,
    tight_maximum: Option<u32>,
    short_codes_at: Option<Timestamp>,
    has_store_failed: bool,
}

impl Notices {
    /// Tells what is new.
    pub fn update(&mut self, status: &PolicyStatus, limits: &PasscodeLimits) {
        self.has_store_failed = false;
        if self.policy.replace(limits.policy) != Some(limits.policy) {
            tracing::info!("passcode policy in force: {}", limits.policy);
        }
        if self.differences != status.differences {
            self.differences.clone_from(&status.differences);
            if !status.differences.is_empty() {
                let differences: Vec<_> =
                    status.differences.iter().map(ToString::to_string).collect();
                tracing::warn!(
                    "settings override the tenant's passcode policy: {}",
                    differences.join("; ")
                );
            }
        }
        if self.problem != status.problem {
            self.problem.clone_from(&status.problem);
            match &status.problem {
                Some(problem) => tracing::warn!("{problem}; the last known policy stays in force"),
                None => tracing::info!("the tenant tells its passcode policy again"),
            }
        }
        if self.email_problem != status.email_problem {
            self.email_problem = status.email_problem;
            match status.email_problem {
                Some(problem) => tracing::warn!("{problem}"),
                None => tracing::info!("codes are offered by email too"),
            }
        }
        if status.has_refused_length && self.short_codes_at != status.told_at {
            tracing::error!("{SHORT_CODES}; until then a code has half of its attempts");
        }
        self.short_codes_at = status.told_at.filter(|_| status.has_refused_length);
        self.warn_of_tight_maximum(limits);
        for (reason, is_alert) in [
            ("differs", !status.differences.is_empty()),
            ("not_told", status.problem.is_some()),
            ("short_codes", status.has_refused_length),
            ("too_tight", is_too_tight(limits)),
            ("no_email", status.email_problem.is_some()),
        ] {
            metrics::gauge!("latchkey_passcode_policy_alert", "reason" => reason)
                .set(f64::from(u8::from(is_alert)));
        }
    }

    /// Warns of a policy under which others can keep owners out.
    fn warn_of_tight_maximum(&mut self, limits: &PasscodeLimits) {
        let maximum = limits.policy.max_failures;
        if !is_too_tight(limits) || self.tight_maximum == Some(maximum) {
            return;
        }
        self.tight_maximum = Some(maximum);
        let setting = match limits.max_failures_source {
            PolicySource::Setting => " and transmit.otp_max_failures",
            PolicySource::Tenant | PolicySource::Default => "",
        };
        tracing::warn!(
            "the tenant locks a user after {maximum} failures, which is too few to protect owners \
             of numbers: raise the tenant's maximum{setting} to 7 or more"
        );
    }

    /// Tells that the store does not keep the policy, once until it does.
    pub fn store_failed(&mut self, error: &StoreError) {
        if !self.has_store_failed {
            tracing::warn!(%error, "the passcode policy could not be shared through the store");
            self.has_store_failed = true;
        }
    }
}

/// A maximum that is a mere default is that of no tenant yet.
fn is_too_tight(limits: &PasscodeLimits) -> bool {
    limits.max_failures_source != PolicySource::Default
        && limits.policy.max_failures <= TIGHT_MAXIMUM
}
