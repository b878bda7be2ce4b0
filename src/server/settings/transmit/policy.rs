//! The tenant's passcode policy, and the limits that follow from it.
//!
//! The tenant says its policy ([`TenantPolicy`]). A setting overrides what it says; where neither
//! is known, the vendor's defaults hold. What is adopted from the tenant can only tighten the
//! limits of this server ([`PasscodeLimits`]).

mod limits;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

pub use self::limits::{EmailCodes, PasscodeLimits};
use crate::domain::passcode::LENGTHS;
use crate::server::settings::HumanDuration;
use crate::server::settings::transmit::TransmitSettings;

/// As long as failures are counted at all (NIST 800-63B-4 §3.2.2).
const MAX_FAILURE_MEMORY: HumanDuration = HumanDuration::days(400);
/// The shortest code that is not a short one (NIST 800-63B-4 §3.1.3.2).
const MIN_LENGTH: usize = 6;
/// What a tenant may say of its maximum of failures, by the vendor's documents.
const MAX_FAILURES: std::ops::RangeInclusive<u32> = 1..=20;

/// What a tenant says of its passcodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenantPolicy {
    /// Digits of a code: 4 to 8.
    pub length: usize,
    /// How long a code is valid.
    pub lifetime: Duration,
    /// Failures before a user is locked: 1 to 20.
    pub max_failures: u32,
    /// How long a user is locked.
    pub lockout: Duration,
}

impl TenantPolicy {
    /// The vendor's defaults.
    pub const DEFAULT: Self = Self {
        length: MIN_LENGTH,
        lifetime: Duration::from_secs(5 * 60),
        max_failures: 3,
        lockout: Duration::from_secs(15 * 60),
    };

    /// Whether every value is one that the vendor's documents allow. One that is not says nothing
    /// about the others either, so such a policy is not used at all.
    pub fn is_plausible(&self) -> bool {
        let longest = MAX_FAILURE_MEMORY.0;
        let is_duration = |span: Duration| !span.is_zero() && span <= longest;
        LENGTHS.contains(&self.length)
            && MAX_FAILURES.contains(&self.max_failures)
            && is_duration(self.lifetime)
            && is_duration(self.lockout)
    }

    /// Whether its codes are too easy to guess.
    pub fn has_short_codes(&self) -> bool {
        self.length < MIN_LENGTH
    }
}

/// What a tenant says of the passcodes of each channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenantPolicies {
    /// Of those by SMS.
    pub sms: TenantPolicy,
    /// Of those by e-mail; none if the method is switched off, or its values cannot be.
    pub email: Option<TenantPolicy>,
}

impl fmt::Display for TenantPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            length,
            lifetime,
            max_failures,
            lockout,
        } = *self;
        let (lifetime, lockout) = (HumanDuration(lifetime), HumanDuration(lockout));
        let failures = if max_failures == 1 {
            "failure"
        } else {
            "failures"
        };
        write!(
            f,
            "{length} digits, {lifetime} to use, a lock of {lockout} after {max_failures} \
             {failures}"
        )
    }
}

/// Where a value of the policy is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum PolicySource {
    /// A setting, which overrides what the tenant says.
    Setting,
    /// The tenant.
    Tenant,
    /// Neither is known: the vendor's default.
    Default,
}

/// A setting that differs from what the tenant says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyDifference {
    /// The key of the setting.
    pub key: &'static str,
    /// Its value.
    pub setting: String,
    /// What the tenant says.
    pub tenant: String,
}

impl fmt::Display for PolicyDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            key,
            setting,
            tenant,
        } = self;
        write!(f, "{key} is {setting}, and the tenant says {tenant}")
    }
}

impl TransmitSettings {
    /// The settings that differ from what the tenant says.
    pub fn policy_differences(&self, told: &TenantPolicy) -> Vec<PolicyDifference> {
        let text = |span: Duration| HumanDuration(span).to_string();
        let set = [
            (
                "transmit.otp_length",
                self.otp_length.map(|set| set.to_string()),
            ),
            (
                "transmit.otp_lifetime",
                self.otp_lifetime.map(|set| set.to_string()),
            ),
            (
                "transmit.otp_max_failures",
                self.otp_max_failures.map(|set| set.to_string()),
            ),
            (
                "transmit.otp_lockout",
                self.otp_lockout.map(|set| set.to_string()),
            ),
        ];
        let tenant = [
            told.length.to_string(),
            text(told.lifetime),
            told.max_failures.to_string(),
            text(told.lockout),
        ];
        let pairs = set.into_iter().zip(tenant);
        let differences = pairs.filter_map(|((key, setting), tenant)| {
            let setting = setting.filter(|setting| *setting != tenant)?;
            Some(PolicyDifference {
                key,
                setting,
                tenant,
            })
        });
        differences.collect()
    }

    pub(super) fn validate_policy(&self, error: &mut impl FnMut(&'static str, &str)) {
        let length = self.otp_length.unwrap_or(TenantPolicy::DEFAULT.length);
        if !LENGTHS.contains(&length) {
            error(
                "transmit.otp_length",
                "must be from 4 to 8, as the tenant's policy says",
            );
        } else if length < MIN_LENGTH && !self.allow_short_codes {
            error(
                "transmit.otp_length",
                "codes under 6 digits are too easy to guess; raise the tenant's length or set \
                 transmit.allow_short_codes",
            );
        }
        if self
            .otp_max_failures
            .is_some_and(|maximum| !(2..=20).contains(&maximum))
        {
            error(
                "transmit.otp_max_failures",
                "must be from 2 to 20, as the tenant's policy says",
            );
        }
        let lockout = self
            .otp_lockout
            .unwrap_or(HumanDuration(TenantPolicy::DEFAULT.lockout));
        if self
            .otp_failure_memory
            .is_some_and(|memory| memory < lockout || memory > MAX_FAILURE_MEMORY)
        {
            let text =
                format!("must be from transmit.otp_lockout ({lockout}) to {MAX_FAILURE_MEMORY}");
            error("transmit.otp_failure_memory", &text);
        }
    }
}
