//! The limits that follow from the tenant's passcode policy.

use std::time::Duration;

use crate::server::settings::transmit::{HumanDuration, MAX_CODE_LIFETIME, TransmitSettings};

/// The most attempts per code, whatever the tenant allows.
const MAX_ATTEMPTS_PER_CODE: u32 = 5;
/// How long a tenant is assumed to count failures, where nothing is set and a long wait affects few
/// users.
const DEFAULT_FAILURE_MEMORY: Duration = Duration::from_secs(86_400);
/// As long as failures are counted at all (NIST 800-63B-4 §3.2.2).
const MAX_FAILURE_MEMORY: HumanDuration = HumanDuration::days(400);

impl TransmitSettings {
    /// How long a code is valid: the tenant's lifetime, at most [`MAX_CODE_LIFETIME`].
    pub fn code_lifetime(&self) -> Duration {
        self.otp_lifetime.0.min(MAX_CODE_LIFETIME)
    }

    /// The attempts per code that our own limit allows. It acts before the tenant's lock, and the
    /// same for every number.
    pub fn attempts_per_code(&self) -> u32 {
        self.unrecognised_attempts().clamp(1, MAX_ATTEMPTS_PER_CODE)
    }

    /// Failures that unrecognised devices may cause together before the tenant forgets: all but the
    /// one that locks.
    pub fn unrecognised_attempts(&self) -> u32 {
        self.otp_max_failures.saturating_sub(1)
    }

    /// Whether unrecognised devices have more attempts than one code: at a maximum of 7 or more.
    pub fn has_spare_attempts(&self) -> bool {
        self.unrecognised_attempts() > MAX_ATTEMPTS_PER_CODE
    }

    /// How long the tenant is assumed to count failures. If unset: a day where unrecognised devices
    /// have more attempts than one code, else the lock's duration. Otherwise two mistyped codes
    /// would lock out a user with a new phone for a day.
    pub fn failure_memory(&self) -> Duration {
        let lockout = self.otp_lockout.0;
        match self.otp_failure_memory {
            Some(memory) => memory.0,
            None if self.has_spare_attempts() => DEFAULT_FAILURE_MEMORY.max(lockout),
            None => lockout,
        }
    }

    /// How long an unrecognised device waits after all attempts of a code.
    pub fn unrecognised_lockout(&self) -> Duration {
        if self.has_spare_attempts() {
            self.otp_lockout.0
        } else {
            self.failure_memory()
        }
    }

    pub(super) fn validate_policy(&self, error: &mut impl FnMut(&'static str, &str)) {
        if !crate::domain::passcode::LENGTHS.contains(&self.otp_length) {
            error(
                "transmit.otp_length",
                "must be from 4 to 8, as the tenant's policy says",
            );
        } else if self.otp_length < 6 && !self.allow_short_codes {
            error(
                "transmit.otp_length",
                "codes under 6 digits are too easy to guess; raise the tenant's length or set \
                 transmit.allow_short_codes",
            );
        }
        if self.otp_max_failures < 2 || self.otp_max_failures > 20 {
            error(
                "transmit.otp_max_failures",
                "must be from 2 to 20, as the tenant's policy says",
            );
        }
        if self
            .otp_failure_memory
            .is_some_and(|memory| memory < self.otp_lockout || memory > MAX_FAILURE_MEMORY)
        {
            let text = format!(
                "must be from transmit.otp_lockout ({}) to {MAX_FAILURE_MEMORY}",
                self.otp_lockout
            );
            error("transmit.otp_failure_memory", &text);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::server::settings::{HumanDuration, TransmitSettings};

    fn tenant(max_failures: u32, memory: Option<HumanDuration>) -> TransmitSettings {
        TransmitSettings {
            otp_max_failures: max_failures,
            otp_failure_memory: memory,
            ..TransmitSettings::default()
        }
    }

    #[test]
    fn c1_a_code_of_a_tenant_has_six_digits_unless_it_is_allowed() {
        for (otp_length, allow_short_codes, valid) in [
            (6, false, true),
            (8, false, true),
            (5, false, false),
            (4, false, false),
            (4, true, true),
            (3, true, false),
            (9, true, false),
        ] {
            let tenant = TransmitSettings {
                otp_length,
                allow_short_codes,
                ..TransmitSettings::default()
            };
            let mut keys = Vec::new();
            tenant.validate_policy(&mut |key, _: &str| keys.push(key));
            let expected = if valid {
                vec![]
            } else {
                vec!["transmit.otp_length"]
            };
            assert_eq!(keys, expected, "{otp_length} {allow_short_codes}");
        }
    }

    #[test]
    fn s9_failure_memory_is_a_day_with_spare_attempts_and_else_the_lockout() {
        for (max_failures, tries, memory, wait) in [
            (2, 1, HumanDuration::minutes(15), HumanDuration::minutes(15)),
            (3, 2, HumanDuration::minutes(15), HumanDuration::minutes(15)),
            (6, 5, HumanDuration::minutes(15), HumanDuration::minutes(15)),
            (7, 5, HumanDuration::days(1), HumanDuration::minutes(15)),
            (20, 5, HumanDuration::days(1), HumanDuration::minutes(15)),
        ] {
            let tenant = tenant(max_failures, None);
            assert_eq!(tenant.attempts_per_code(), tries);
            assert_eq!(
                (tenant.failure_memory(), tenant.unrecognised_lockout()),
                (memory.0, wait.0),
                "{max_failures}"
            );
        }
    }

    #[test]
    fn s9_configured_failure_memory_is_the_wait_of_unrecognised_devices_without_spare_attempts() {
        let week = Some(HumanDuration::days(7));
        assert_eq!(
            tenant(3, week).unrecognised_lockout(),
            HumanDuration::days(7).0
        );
        assert_eq!(
            tenant(20, week).unrecognised_lockout(),
            HumanDuration::minutes(15).0
        );
        assert_eq!(tenant(20, week).failure_memory(), HumanDuration::days(7).0);
    }

    #[test]
    fn s9_a_failure_memory_out_of_range_is_an_error() {
        for (memory, valid) in [
            (HumanDuration::minutes(15), true),
            (HumanDuration::days(400), true),
            (HumanDuration::minutes(14), false),
            (HumanDuration::seconds(0), false),
            (HumanDuration::days(401), false),
        ] {
            let mut errors = Vec::new();
            tenant(3, Some(memory))
                .validate_policy(&mut |key, text: &str| errors.push((key, text.to_owned())));
            assert_eq!(errors.is_empty(), valid, "{memory}: {errors:?}");
            assert!(
                errors.iter().all(
                    |(key, text)| *key == "transmit.otp_failure_memory" && text.contains("15m")
                )
            );
        }
    }
}
