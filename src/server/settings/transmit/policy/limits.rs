//! The limits that follow from the policy in force.

use std::time::Duration;

use super::{PolicySource, TenantPolicies, TenantPolicy};
use crate::server::settings::transmit::{MAX_CODE_LIFETIME, TransmitSettings};

/// The most attempts per code, whatever the tenant allows.
const MAX_ATTEMPTS_PER_CODE: u32 = 5;
/// How long a tenant is assumed to count failures, where nothing is set and a long wait affects few
/// users.
const DEFAULT_FAILURE_MEMORY: Duration = Duration::from_secs(86_400);

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
}
