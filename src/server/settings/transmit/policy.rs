//! What the tenant's passcode policy says, and the limits that follow from it.

use std::time::Duration;

use crate::server::settings::transmit::{HumanDuration, LONGEST_LIFETIME, TransmitSettings};

/// Most tries per code, whatever the tenant allows.
const MOST_TRIES: u32 = 5;
/// How long a tenant is taken to remember failures where nothing is set and the wait that follows
/// hurts hardly anybody.
const MEMORY: Duration = Duration::from_secs(86_400);
/// Longest memory: as long as failures are counted at all (NIST 800-63B-4 §3.2.2).
const LONGEST_MEMORY: HumanDuration = HumanDuration::days(400);

impl TransmitSettings {
    /// How long a code can be used: the tenant's lifetime, at most [`LONGEST_LIFETIME`].
    pub fn code_lifetime(&self) -> Duration {
        self.otp_lifetime.0.min(LONGEST_LIFETIME)
    }

    /// Tries that our own limit allows per code: it acts before the tenant's lock and alike for
    /// every number.
    pub fn tries_per_code(&self) -> u32 {
        self.strangers_share().clamp(1, MOST_TRIES)
    }

    /// Failures that strangers may bring about together before the tenant forgets: all but the one
    /// that locks.
    pub fn strangers_share(&self) -> u32 {
        self.otp_max_failures.saturating_sub(1)
    }

    /// Whether strangers have more than the tries of one code: at a maximum of 7 or more.
    pub fn is_roomy(&self) -> bool {
        self.strangers_share() > MOST_TRIES
    }

    /// How long failures are taken to stand in the tenant's own count. Unless it is set: a day
    /// where strangers have more than the tries of one code until then, else as long as the lock.
    /// Two mistyped codes would otherwise cost a person with a new phone the day.
    pub fn failure_memory(&self) -> Duration {
        let lockout = self.otp_lockout.0;
        match self.otp_failure_memory {
            Some(memory) => memory.0,
            None if self.is_roomy() => MEMORY.max(lockout),
            None => lockout,
        }
    }

    /// How long the tries of a code stay spent for a browser that is not known.
    pub fn strangers_wait(&self) -> Duration {
        if self.is_roomy() {
            self.otp_lockout.0
        } else {
            self.failure_memory()
        }
    }

    pub(super) fn complaints_of_policy(&self, complain: &mut impl FnMut(&'static str, &str)) {
        if !crate::domain::passcode::LENGTHS.contains(&self.otp_length) {
            complain(
                "transmit.otp_length",
                "must be from 4 to 8, as the tenant's policy says",
            );
        } else if self.otp_length < 6 && !self.allow_short_codes {
            complain(
                "transmit.otp_length",
                "codes under 6 digits are too easy to guess; raise the tenant's length or set transmit.allow_short_codes",
            );
        }
        if self.otp_max_failures < 2 || self.otp_max_failures > 20 {
            complain(
                "transmit.otp_max_failures",
                "must be from 2 to 20, as the tenant's policy says",
            );
        }
        if self
            .otp_failure_memory
            .is_some_and(|memory| memory < self.otp_lockout || memory > LONGEST_MEMORY)
        {
            let text = format!(
                "must be from transmit.otp_lockout ({}) to {LONGEST_MEMORY}",
                self.otp_lockout
            );
            complain("transmit.otp_failure_memory", &text);
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
    fn s9_a_tenant_with_room_is_taken_to_remember_for_a_day_and_a_tight_one_for_one_lock() {
        for (max_failures, tries, memory, wait) in [
            (2, 1, HumanDuration::minutes(15), HumanDuration::minutes(15)),
            (3, 2, HumanDuration::minutes(15), HumanDuration::minutes(15)),
            (6, 5, HumanDuration::minutes(15), HumanDuration::minutes(15)),
            (7, 5, HumanDuration::days(1), HumanDuration::minutes(15)),
            (20, 5, HumanDuration::days(1), HumanDuration::minutes(15)),
        ] {
            let tenant = tenant(max_failures, None);
            assert_eq!(tenant.tries_per_code(), tries);
            assert_eq!(
                (tenant.failure_memory(), tenant.strangers_wait()),
                (memory.0, wait.0),
                "{max_failures}"
            );
        }
    }

    #[test]
    fn s9_what_is_set_is_how_long_strangers_wait_where_a_code_has_all_their_tries() {
        let week = Some(HumanDuration::days(7));
        assert_eq!(tenant(3, week).strangers_wait(), HumanDuration::days(7).0);
        assert_eq!(
            tenant(20, week).strangers_wait(),
            HumanDuration::minutes(15).0
        );
        assert_eq!(tenant(20, week).failure_memory(), HumanDuration::days(7).0);
    }

    #[test]
    fn s9_a_memory_shorter_than_the_lock_or_longer_than_ours_is_complained_about() {
        for (memory, fine) in [
            (HumanDuration::minutes(15), true),
            (HumanDuration::days(400), true),
            (HumanDuration::minutes(14), false),
            (HumanDuration::seconds(0), false),
            (HumanDuration::days(401), false),
        ] {
            let mut told = Vec::new();
            tenant(3, Some(memory))
                .complaints_of_policy(&mut |key, text: &str| told.push((key, text.to_owned())));
            assert_eq!(told.is_empty(), fine, "{memory}: {told:?}");
            assert!(
                told.iter().all(
                    |(key, text)| *key == "transmit.otp_failure_memory" && text.contains("15m")
                )
            );
        }
    }
}
