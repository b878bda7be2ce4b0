//! Tests of the state of a flow.

use super::*;
use crate::domain::IdentifierType;
use crate::server::settings::EmailCodes;
use crate::server::system::random::Random;

fn send(at: Timestamp) -> SendRecord {
    by(Channel::Sms, at)
}

fn by(channel: Channel, at: Timestamp) -> SendRecord {
    let here = std::net::Ipv4Addr::LOCALHOST.into();
    SendRecord::new(at, here, channel, &Random::system())
}

fn policy() -> PasscodePolicy {
    let seconds = Duration::from_secs;
    PasscodePolicy {
        length: 6,
        lifetime: seconds(300),
        attempts: 2,
        unrecognised_lockout: seconds(900),
        recognised_lockout: seconds(900),
        cool_down: [seconds(30), seconds(60)].into(),
        email: None,
        offer_stay: true,
    }
}

fn flow(now: Timestamp) -> Flow {
    let number = Identifier::canonical(IdentifierType::PhoneNumber, "+447400123456".into(), None);
    Flow::new(
        number,
        Purpose::SignIn,
        send(now),
        policy().terms(Channel::Sms),
    )
}

/// The policy after a change of the tenant.
fn changed(length: usize, lifetime: u64, attempts: u32) -> PasscodePolicy {
    PasscodePolicy {
        length,
        lifetime: Duration::from_secs(lifetime),
        attempts,
        ..policy()
    }
}

#[test]
fn c6_a_flow_keeps_the_shorter_lifetime_the_fewer_attempts_and_the_length_of_its_code() {
    let at = |seconds: u64| Timestamp::from_secs(1000 + seconds);
    for (later, lifetime, attempts) in [
        (changed(8, 600, 5), 300, 2),
        (changed(4, 60, 1), 60, 1),
        (changed(6, 600, 1), 300, 1),
        (changed(7, 60, 5), 60, 2),
    ] {
        let mut flow = flow(at(0));
        assert_eq!(flow.code_length(&later), 6);
        assert_eq!(flow.deadline(&later), at(lifetime));
        assert!(flow.has_code(&later, at(lifetime - 1)) && !flow.has_code(&later, at(lifetime)));
        assert_eq!(flow.attempts_left(&later, at(1)), attempts);
        // Another code has the new length; what was tightened stays tight.
        flow.count_send(send(at(30)), later.terms(Channel::Sms));
        assert_eq!(flow.code_length(&policy()), later.length);
        assert_eq!(flow.deadline(&policy()), at(30 + lifetime));
        assert_eq!(flow.attempts_left(&policy(), at(31)), attempts);
    }
    let mut former = flow(at(0));
    former.terms = None;
    let later = changed(8, 60, 1);
    assert_eq!(
        former.code_length(&later),
        8,
        "an earlier version stored no terms"
    );
    assert_eq!(former.deadline(&later), at(60));
}

#[test]
fn c6_a_shorter_lockout_does_not_end_the_attempts_that_are_counted() {
    let at = |seconds: u64| Timestamp::from_secs(1000 + seconds);
    let mut flow = flow(at(0));
    flow.count_attempt(Duration::from_secs(3600), at(0));
    flow.count_attempt(Duration::from_secs(900), at(1));
    assert_eq!(flow.blocked_until(&policy(), at(3599)), Some(at(3600)));
    assert_eq!(flow.attempts_left(&policy(), at(3600)), 2);
}

#[test]
fn s3_the_resend_schedule_depends_on_the_number_of_sends_alone() {
    let start = Timestamp::from_secs(1000);
    let mut flow = flow(start);
    assert_eq!(flow.resend_at(&policy()), Timestamp::from_secs(1030));
    flow.count_send(
        send(Timestamp::from_secs(1030)),
        policy().terms(Channel::Sms),
    );
    assert_eq!(flow.resend_at(&policy()), Timestamp::from_secs(1090));
    flow.count_send(
        send(Timestamp::from_secs(1090)),
        policy().terms(Channel::Sms),
    );
    assert_eq!(flow.resend_at(&policy()), Timestamp::from_secs(1150));
}

#[test]
fn c6_a_new_code_does_not_reset_the_attempts_within_a_lockout() {
    let start = Timestamp::from_secs(1000);
    let mut flow = flow(start);
    let lockout = policy().unrecognised_lockout;
    flow.count_attempt(lockout, start);
    flow.count_send(
        send(Timestamp::from_secs(1030)),
        policy().terms(Channel::Sms),
    );
    assert_eq!(flow.attempts_left(&policy(), Timestamp::from_secs(1030)), 1);
    flow.count_attempt(lockout, Timestamp::from_secs(1031));
    assert_eq!(
        flow.blocked_until(&policy(), Timestamp::from_secs(1930)),
        Some(Timestamp::from_secs(1931))
    );
    assert_eq!(flow.attempts_left(&policy(), Timestamp::from_secs(1931)), 2);
    flow.count_attempt(lockout, Timestamp::from_secs(1931));
    assert_eq!(flow.attempts_left(&policy(), Timestamp::from_secs(1931)), 1);
}

#[test]
fn changes_between_two_sends_are_limited() {
    let start = Timestamp::from_secs(1000);
    let mut flow = flow(start);
    let changes = |flow: &mut Flow| {
        let change = |number: u64| {
            let former = flow.clone();
            flow.refusal = Some(Refusal::slow_down(number));
            flow.limit_change(&former);
            *flow != former
        };
        (1..200).map(change).filter(|changed| *changed).count()
    };
    assert_eq!(changes(&mut flow), 50);
    assert_eq!(
        flow.refusal,
        Some(Refusal::slow_down(50)),
        "the last that was stored"
    );
    flow.count_send(
        send(Timestamp::from_secs(1030)),
        policy().terms(Channel::Sms),
    );
    assert_eq!(changes(&mut flow), 50);
    let former = flow.clone();
    flow.limit_change(&former);
    assert_eq!(flow, former, "an unchanged flow counts no change");
}

#[test]
fn e3_one_send_of_a_flow_is_charged_for_a_user_whether_or_not_one_exists() {
    let start = Timestamp::from_secs(1000);
    let mut flow = flow(start);
    assert!(!flow.charges_user());
    flow.purpose = Purpose::SignUp;
    assert!(flow.charges_user() && flow.creates_user());
    flow.count_send(send(start), policy().terms(Channel::Sms));
    assert!(
        !flow.charges_user() && flow.creates_user(),
        "the creation is requested again for a number that has a user"
    );
    let started = Flow::new(
        flow.identifier.clone(),
        Purpose::SignUp,
        send(start),
        policy().terms(Channel::Sms),
    );
    assert!(!started.charges_user(), "its first send was charged");
}

#[test]
fn c2_a_code_may_have_arrived_until_its_send_failed_or_it_expired() {
    let at = |seconds: u64| Timestamp::from_secs(1000 + seconds);
    let mut flow = flow(at(0));
    assert!(flow.has_code(&policy(), at(299)) && !flow.has_code(&policy(), at(300)));
    flow.count_send(send(at(100)), policy().terms(Channel::Sms));
    let both = flow.codes;
    flow.codes = both.without(at(100));
    assert!(
        flow.has_code(&policy(), at(299)) && !flow.has_code(&policy(), at(300)),
        "the first code still counts"
    );
    flow.codes = both.without(at(0));
    assert!(
        flow.has_code(&policy(), at(399)),
        "a late failure of the first code does not concern the second"
    );
    flow.codes = both.without(at(0)).without(at(100));
    assert!(!flow.has_code(&policy(), at(100)));
}

/// The policy where codes also come by e-mail, with eight digits and for ten minutes.
fn with_email() -> PasscodePolicy {
    PasscodePolicy {
        email: Some(EmailCodes {
            length: 8,
            lifetime: Duration::from_secs(600),
        }),
        ..policy()
    }
}

#[test]
fn c6_each_channel_has_its_own_length_and_lifetime_and_all_share_the_attempts() {
    let (at, policy) = (
        |seconds: u64| Timestamp::from_secs(1000 + seconds),
        with_email(),
    );
    let lengths = |flow: &Flow| flow.code_lengths(&policy);
    let mut flow = flow(at(0));
    assert_eq!(
        (flow.channel(), lengths(&flow)),
        (Channel::Sms, vec![6, 6, 6])
    );
    flow.count_attempt(policy.unrecognised_lockout, at(10));
    let email = by(Channel::Email, at(30));
    flow.count_send(email, policy.terms(Channel::Email));
    assert_eq!(flow.channels(), [Channel::Sms, Channel::Email]);
    assert_eq!(
        (flow.code_length(&policy), flow.deadline(&policy)),
        (8, at(630))
    );
    assert_eq!(
        lengths(&flow),
        [8, 6, 8, 8],
        "that of the SMS may still be typed"
    );
    assert_eq!(flow.attempts_left(&policy, at(31)), 1);
    // No e-mail was sent: the code by SMS counts, and for no longer than before.
    let mut without = flow.clone();
    without.codes = flow.codes.without(at(30));
    assert!(without.has_code(&policy, at(299)) && !without.has_code(&policy, at(300)));
    assert!(flow.has_code(&policy, at(629)) && !flow.has_code(&policy, at(630)));
    // The method is switched off meanwhile: what was agreed holds, and no longer than for SMS.
    let off = self::policy();
    assert_eq!((flow.code_length(&off), flow.deadline(&off)), (8, at(330)));

    flow.count_send(send(at(90)), policy.terms(Channel::Sms));
    assert_eq!(
        (flow.code_length(&policy), flow.deadline(&policy)),
        (6, at(390))
    );
    assert_eq!(flow.attempts_left(&policy, at(91)), 1);
}

#[test]
fn a_flow_of_an_earlier_version_has_codes_by_sms() {
    let flow = flow(Timestamp::from_secs(1000));
    let mut stored = serde_json::to_value(&flow).unwrap();
    assert!(stored.get("email_terms").is_none());
    assert_eq!(stored["charged"][0].get("channel"), None);
    stored["later"] = serde_json::json!(1);
    let read: Flow = serde_json::from_value(stored).unwrap();
    assert_eq!(
        (read.channel(), read.channels()),
        (Channel::Sms, vec![Channel::Sms])
    );
}
