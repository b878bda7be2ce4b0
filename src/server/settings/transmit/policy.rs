//! The tenant's passcode policy, and the limits that follow from it.
//!
//! The tenant says its policy ([`TenantPolicy`]). A setting overrides what it says; where neither
//! is known, the vendor's defaults hold. What is adopted from the tenant can only tighten the
//! limits of this server ([`PasscodeLimits`]).

use std::fmt;
use std::time::Duration;

use crate::domain::passcode::LENGTHS;
use crate::server::settings::transmit::{HumanDuration, MAX_CODE_LIFETIME, TransmitSettings};

/// The most attempts per code, whatever the tenant allows.
const MAX_ATTEMPTS_PER_CODE: u32 = 5;
/// How long a tenant is assumed to count failures, where nothing is set and a long wait affects few
/// users.
const DEFAULT_FAILURE_MEMORY: Duration = Duration::from_secs(86_400);
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

/// Passcodes by e-mail, as the second channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmailCodes {
    /// Digits of a code.
    pub length: usize,
    /// How long a code is valid: the tenant's lifetime, at most [`MAX_CODE_LIFETIME`].
    pub lifetime: Duration,
}

/// The policy in force and the limits that follow from it.
///
/// Values from settings are used as they are. Of what is adopted from the tenant a lock window is
/// at least the vendor's default of 15 minutes, and so long that the attempts a day are never more
/// than at the vendor's defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasscodeLimits {
    /// The policy in force.
    pub policy: TenantPolicy,
    /// Where [`TenantPolicy::length`] is from, and so on.
    pub length_source: PolicySource,
    #[expect(missing_docs, reason = "the name says it")]
    pub lifetime_source: PolicySource,
    #[expect(missing_docs, reason = "the name says it")]
    pub max_failures_source: PolicySource,
    #[expect(missing_docs, reason = "the name says it")]
    pub lockout_source: PolicySource,
    /// `transmit.otp_failure_memory`
    failure_memory: Option<Duration>,
    /// Whether codes are short without the operator's consent: attempts are halved.
    has_refused_length: bool,
    /// The second channel, where it is switched on and the tenant has it.
    pub email: Option<EmailCodes>,
}

impl PasscodeLimits {
    /// How long a code is valid: the tenant's lifetime, at most [`MAX_CODE_LIFETIME`].
    pub fn code_lifetime(&self) -> Duration {
        self.policy.lifetime.min(MAX_CODE_LIFETIME)
    }

    /// The attempts per code that our own limit allows. It acts before the tenant's lock, and the
    /// same for every number. At a maximum of 1 it cannot: the first failure locks.
    pub fn attempts_per_code(&self) -> u32 {
        let attempts = self.unrecognised_attempts().min(MAX_ATTEMPTS_PER_CODE);
        if self.has_refused_length {
            (attempts / 2).max(1)
        } else {
            attempts
        }
    }

    /// Failures that unrecognised devices may cause together before the tenant forgets: all but the
    /// one that locks. At a maximum of 1 that one, because else no new phone could ever sign in.
    pub fn unrecognised_attempts(&self) -> u32 {
        self.policy.max_failures.saturating_sub(1).max(1)
    }

    /// Whether unrecognised devices have more attempts than one code: at a maximum of 7 or more.
    pub fn has_spare_attempts(&self) -> bool {
        self.unrecognised_attempts() > MAX_ATTEMPTS_PER_CODE
    }

    /// How long the attempts of a code count: the tenant's lock.
    pub fn lockout(&self) -> Duration {
        let of_default = TenantPolicy::DEFAULT.max_failures - 1;
        self.window(self.attempts_per_code(), of_default)
    }

    /// How long the attempts of everybody at a number count, of which there are as many as lock.
    pub fn tenant_lockout(&self) -> Duration {
        self.window(self.policy.max_failures, TenantPolicy::DEFAULT.max_failures)
    }

    /// The tenant's lock, or what is so long that `attempts` in it are no more a day than
    /// `of_default` in the lock of the vendor's defaults.
    fn window(&self, attempts: u32, of_default: u32) -> Duration {
        let (lockout, default) = (self.policy.lockout, TenantPolicy::DEFAULT.lockout);
        let adopted = PolicySource::Tenant;
        if self.max_failures_source == adopted {
            lockout
                .max(default)
                .max(default.saturating_mul(attempts) / of_default)
        } else if self.lockout_source == adopted {
            lockout.max(default)
        } else {
            lockout
        }
    }

    /// How long the tenant is assumed to count failures. If unset: a day where unrecognised devices
    /// have more attempts than one code, else the lock's duration. Otherwise two mistyped codes
    /// would lock out a user with a new phone for a day.
    pub fn failure_memory(&self) -> Duration {
        let lockout = self.lockout();
        match self.failure_memory {
            Some(memory) => memory.max(lockout),
            None if self.has_spare_attempts() => DEFAULT_FAILURE_MEMORY.max(lockout),
            None => lockout,
        }
    }

    /// How long an unrecognised device waits after all attempts of a code.
    pub fn unrecognised_lockout(&self) -> Duration {
        if self.has_spare_attempts() {
            self.lockout()
        } else {
            self.failure_memory()
        }
    }

    /// Whether codes are shorter than the operator allows. Met while the server runs, where people
    /// must still be able to type them.
    pub fn has_refused_length(&self) -> bool {
        self.has_refused_length
    }

    /// Whether `transmit.otp_failure_memory` is longer than the lock.
    pub fn remembers_beyond_lockout(&self) -> bool {
        self.failure_memory() > self.lockout()
    }
}

impl TransmitSettings {
    /// The limits where the tenant says `told`; `None` if it is not known what it says.
    pub fn passcode_limits(&self, told: Option<&TenantPolicy>) -> PasscodeLimits {
        fn choose<T>(set: Option<T>, told: Option<T>, default: T) -> (T, PolicySource) {
            match (set, told) {
                (Some(set), _) => (set, PolicySource::Setting),
                (None, Some(told)) => (told, PolicySource::Tenant),
                (None, None) => (default, PolicySource::Default),
            }
        }
        let default = TenantPolicy::DEFAULT;
        let (length, length_source) = choose(
            self.otp_length,
            told.map(|told| told.length),
            default.length,
        );
        let (lifetime, lifetime_source) = choose(
            self.otp_lifetime.map(|span| span.0),
            told.map(|told| told.lifetime),
            default.lifetime,
        );
        let (max_failures, max_failures_source) = choose(
            self.otp_max_failures,
            told.map(|told| told.max_failures),
            default.max_failures,
        );
        let (lockout, lockout_source) = choose(
            self.otp_lockout.map(|span| span.0),
            told.map(|told| told.lockout),
            default.lockout,
        );
        let policy = TenantPolicy {
            length,
            lifetime,
            max_failures,
            lockout,
        };
        PasscodeLimits {
            policy,
            length_source,
            lifetime_source,
            max_failures_source,
            lockout_source,
            failure_memory: self.otp_failure_memory.map(|memory| memory.0),
            has_refused_length: policy.has_short_codes() && !self.allow_short_codes,
            email: None,
        }
    }

    /// The same where codes also come by e-mail, if the tenant says that it sends them.
    ///
    /// The settings are about codes by SMS, so length and lifetime of the others are the tenant's.
    /// It is not published whether a tenant counts the failures of both channels together. So they
    /// count together here, and the tighter of the two limits holds. Codes that are shorter than
    /// the operator allows are not offered.
    pub fn passcode_limits_with_email(&self, told: Option<&TenantPolicies>) -> PasscodeLimits {
        let limits = self.passcode_limits(told.map(|told| &told.sms));
        let is_allowed = |email: &TenantPolicy| !email.has_short_codes() || self.allow_short_codes;
        let Some(email) = told.and_then(|told| told.email).filter(is_allowed) else {
            return limits;
        };
        let (former, mut policy) = (limits.policy, limits.policy);
        policy.max_failures = former.max_failures.min(email.max_failures);
        policy.lockout = former.lockout.max(email.lockout);
        let source = |is_former, source| {
            if is_former {
                source
            } else {
                PolicySource::Tenant
            }
        };
        PasscodeLimits {
            policy,
            max_failures_source: source(
                policy.max_failures == former.max_failures,
                limits.max_failures_source,
            ),
            lockout_source: source(policy.lockout == former.lockout, limits.lockout_source),
            email: Some(EmailCodes {
                length: email.length,
                lifetime: email.lifetime.min(MAX_CODE_LIFETIME),
            }),
            ..limits
        }
    }

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

#[cfg(test)]
mod tests;
