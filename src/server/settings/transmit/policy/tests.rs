//! Tests of the limits that follow from a policy.

use std::time::Duration;

use super::{EmailCodes, PolicySource, TenantPolicies, TenantPolicy};
use crate::server::settings::transmit::MAX_CODE_LIFETIME;
use crate::server::settings::{HumanDuration, TransmitSettings, load};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

fn set(max_failures: u32, memory: Option<HumanDuration>) -> TransmitSettings {
    TransmitSettings {
        otp_max_failures: Some(max_failures),
        otp_failure_memory: memory,
        ..TransmitSettings::default()
    }
}

fn told(max_failures: u32, lockout: Duration) -> TenantPolicy {
    TenantPolicy {
        max_failures,
        lockout,
        ..TenantPolicy::DEFAULT
    }
}

#[test]
fn c1_a_code_of_a_tenant_has_six_digits_unless_it_is_allowed() {
    for (otp_length, allow_short_codes, valid) in [
        (None, false, true),
        (Some(6), false, true),
        (Some(8), false, true),
        (Some(5), false, false),
        (Some(4), false, false),
        (Some(4), true, true),
        (Some(3), true, false),
        (Some(9), true, false),
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
        assert_eq!(keys, expected, "{otp_length:?} {allow_short_codes}");
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
        let limits = set(max_failures, None).passcode_limits(None);
        assert_eq!(limits.attempts_per_code(), tries);
        assert_eq!(
            (limits.failure_memory(), limits.unrecognised_lockout()),
            (memory.0, wait.0),
            "{max_failures}"
        );
    }
}

#[test]
fn s9_configured_failure_memory_is_the_wait_of_unrecognised_devices_without_spare_attempts() {
    let week = Some(HumanDuration::days(7));
    let limits = |max_failures| set(max_failures, week).passcode_limits(None);
    assert_eq!(limits(3).unrecognised_lockout(), HumanDuration::days(7).0);
    assert_eq!(
        limits(20).unrecognised_lockout(),
        HumanDuration::minutes(15).0
    );
    assert_eq!(limits(20).failure_memory(), HumanDuration::days(7).0);
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
        set(3, Some(memory))
            .validate_policy(&mut |key, text: &str| errors.push((key, text.to_owned())));
        assert_eq!(errors.is_empty(), valid, "{memory}: {errors:?}");
        assert!(
            errors
                .iter()
                .all(|(key, text)| *key == "transmit.otp_failure_memory" && text.contains("15m"))
        );
    }
}

#[test]
fn a_setting_overrides_the_tenant_and_the_tenant_overrides_the_default() {
    let tenant = TenantPolicy {
        length: 8,
        lifetime: 3 * MINUTE,
        max_failures: 9,
        lockout: 20 * MINUTE,
    };
    let unset = TransmitSettings::default();
    assert_eq!(unset.passcode_limits(None).policy, TenantPolicy::DEFAULT);
    assert_eq!(unset.passcode_limits(Some(&tenant)).policy, tenant);
    assert_eq!(unset.policy_differences(&tenant), []);

    let variables = [
        ("OTP_LENGTH", "7"),
        ("OTP_LOCKOUT", "1h"),
        ("OTP_LIFETIME", "3m"),
    ];
    let variables =
        variables.map(|(name, value)| (format!("LATCHKEY_TRANSMIT__{name}"), value.to_owned()));
    let some = load(None, variables.into_iter()).unwrap().transmit;
    let limits = some.passcode_limits(Some(&tenant));
    assert_eq!(
        limits.policy,
        TenantPolicy {
            length: 7,
            lockout: 60 * MINUTE,
            ..tenant
        }
    );
    assert_eq!(
        [limits.length_source, limits.max_failures_source],
        [PolicySource::Setting, PolicySource::Tenant]
    );
    let differences = some.policy_differences(&tenant);
    let differences: Vec<_> = differences.iter().map(ToString::to_string).collect();
    assert_eq!(
        differences,
        [
            "transmit.otp_length is 7, and the tenant says 8",
            "transmit.otp_lockout is 1h, and the tenant says 20m",
        ]
    );
}

#[test]
fn s9_what_is_adopted_only_tightens_the_limits_of_this_server() {
    let unset = TransmitSettings::default();
    let of_default = unset.passcode_limits(None);
    let per_day = |attempts: u32, window: Duration| {
        f64::from(attempts) * DAY.as_secs_f64() / window.as_secs_f64()
    };
    let device_a_day = per_day(of_default.attempts_per_code(), of_default.lockout());
    let number_a_day = per_day(of_default.policy.max_failures, of_default.tenant_lockout());
    for max_failures in 1..=20 {
        for minutes in [1, 5, 15, 16, 60, 1440, 10_000] {
            for lifetime in [MINUTE / 2, 5 * MINUTE, 10 * MINUTE, 11 * MINUTE, DAY] {
                let tenant = TenantPolicy {
                    lifetime,
                    ..told(max_failures, minutes * MINUTE)
                };
                assert!(tenant.is_plausible());
                let limits = unset.passcode_limits(Some(&tenant));
                let (attempts, lockout) = (limits.attempts_per_code(), limits.lockout());
                assert!((1..=5).contains(&attempts), "{tenant}");
                assert!(attempts < max_failures || max_failures == 1, "{tenant}");
                assert_eq!(
                    limits.code_lifetime(),
                    lifetime.min(10 * MINUTE),
                    "{tenant}"
                );
                assert!(
                    lockout >= 15 * MINUTE && lockout >= tenant.lockout,
                    "{tenant}"
                );
                assert!(limits.failure_memory() >= lockout, "{tenant}");
                assert!(limits.unrecognised_lockout() >= lockout, "{tenant}");
                assert!(per_day(attempts, lockout) <= device_a_day, "{tenant}");
                let everybody = per_day(max_failures, limits.tenant_lockout());
                assert!(everybody <= number_a_day, "{tenant}");
                let strangers = per_day(limits.unrecognised_attempts(), limits.failure_memory());
                assert!(strangers <= device_a_day, "{tenant}");
            }
        }
    }
}

#[test]
fn s9_at_a_maximum_of_one_a_new_phone_still_has_the_one_attempt() {
    let limits =
        TransmitSettings::default().passcode_limits(Some(&told(1, TenantPolicy::DEFAULT.lockout)));
    assert_eq!(
        (limits.attempts_per_code(), limits.unrecognised_attempts()),
        (1, 1)
    );
    assert_eq!(limits.lockout(), 15 * MINUTE);
}

#[test]
fn c1_short_codes_without_consent_halve_the_attempts() {
    let mut settings = TransmitSettings::default();
    for (max_failures, attempts, halved) in [(1, 1, 1), (2, 1, 1), (3, 2, 1), (5, 4, 2), (20, 5, 2)]
    {
        let tenant = TenantPolicy {
            length: 4,
            ..told(max_failures, 15 * MINUTE)
        };
        settings.allow_short_codes = false;
        let limits = settings.passcode_limits(Some(&tenant));
        assert!(limits.has_refused_length());
        assert_eq!(limits.attempts_per_code(), halved);
        assert_eq!(limits.policy.length, 4, "people must be able to type it");
        settings.allow_short_codes = true;
        let limits = settings.passcode_limits(Some(&tenant));
        assert!(!limits.has_refused_length());
        assert_eq!(limits.attempts_per_code(), attempts);
    }
}

#[test]
fn a_policy_with_a_value_out_of_range_is_not_plausible() {
    let default = TenantPolicy::DEFAULT;
    assert!(default.is_plausible());
    for length in [0, 3, 9, usize::MAX] {
        assert!(!TenantPolicy { length, ..default }.is_plausible());
    }
    for max_failures in [0, 21, u32::MAX] {
        let policy = TenantPolicy {
            max_failures,
            ..default
        };
        assert!(!policy.is_plausible());
    }
    for span in [Duration::ZERO, 401 * DAY] {
        let [lifetime, lockout] = [span; 2];
        assert!(
            !TenantPolicy {
                lifetime,
                ..default
            }
            .is_plausible()
        );
        assert!(!TenantPolicy { lockout, ..default }.is_plausible());
    }
}

#[test]
fn one_limit_of_failures_holds_for_both_channels_and_the_tighter_one() {
    let sms = told(7, Duration::from_secs(900));
    let email = |max_failures, lockout, length| TenantPolicies {
        sms,
        email: Some(TenantPolicy {
            length,
            lifetime: Duration::from_secs(1800),
            ..told(max_failures, Duration::from_secs(lockout))
        }),
    };
    let unset = TransmitSettings::default();
    let limits = |told: TenantPolicies| unset.passcode_limits_with_email(Some(&told));
    let alone = unset.passcode_limits(Some(&sms));

    let tighter = limits(email(3, 3600, 8));
    assert_eq!(
        (tighter.policy.max_failures, tighter.policy.lockout),
        (3, Duration::from_secs(3600))
    );
    assert!(tighter.attempts_per_code() < alone.attempts_per_code());
    let looser = limits(email(20, 60, 8));
    assert_eq!((looser.policy, looser.attempts_per_code()), (sms, 5));
    // The length is the tenant's, and the lifetime at most ours.
    let codes = EmailCodes {
        length: 8,
        lifetime: MAX_CODE_LIFETIME,
    };
    assert_eq!((looser.email, alone.email), (Some(codes), None));
    assert_eq!(limits(email(1, 60, 6)).attempts_per_code(), 1);

    // Without e-mail, or with codes that are too short, nothing changes.
    for told in [TenantPolicies { sms, email: None }, email(2, 7200, 5)] {
        assert_eq!(limits(told), alone);
    }
    assert_eq!(
        unset.passcode_limits_with_email(None),
        unset.passcode_limits(None)
    );
    let short = TransmitSettings {
        allow_short_codes: true,
        ..TransmitSettings::default()
    };
    let limits = short.passcode_limits_with_email(Some(&email(7, 900, 5)));
    assert_eq!(limits.email.map(|codes| codes.length), Some(5));
}
