//! The state of one browser's sign-in, from the first code to the session.
//!
//! What a browser is told comes from here, so nothing that depends on the number's owner is shown.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::domain::{Identifier, Page, Refusal};
use crate::server::audit::Purpose;
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::SendRecord;
use crate::server::sign_in::policy::{CodeTerms, PasscodePolicy};
use crate::server::store::format::LaterFields;

/// How many attempts of a flow are refunded because upstream did not process them. Without a limit,
/// an upstream that says so of a wrong code would let every code be tried.
const MAX_REFUNDS: u32 = 10;
/// Changes of a flow between two sends to which no other limit applies: refusals to show, forms
/// submitted again. Further ones are not written.
const MAX_UNLIMITED_CHANGES: u32 = 50;
/// Sends of a flow that a success refunds. Older ones stay charged as unverified.
const MAX_CHARGED: usize = 8;

/// The state of one browser's sign-in. It is stored encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Who signs in.
    pub identifier: Identifier,
    /// To sign in or to sign up.
    pub purpose: Purpose,
    /// The page that it started on.
    pub page: Page,
    /// When it started.
    pub began_at: Timestamp,
    /// When the last code was requested, whether or not one was sent.
    pub sent_at: Timestamp,
    /// How many codes were requested.
    pub sends: u32,
    /// The last of them. A sign-in refunds what they were charged as unverified.
    pub charged: Vec<SendRecord>,
    /// Attempts that count until `attempts_until`.
    #[serde(rename = "tries")]
    pub attempts: u32,
    /// When the attempts are reset, unless there is another before.
    #[serde(default, rename = "tries_until")]
    pub attempts_until: Timestamp,
    /// Attempts that were refunded because upstream did not process them.
    #[serde(default, rename = "returns")]
    pub refunds: u32,
    /// The last refusal, for the page to show.
    pub refusal: Option<Refusal>,
    /// Changes since the last send to which no other limit applies.
    #[serde(default, rename = "notes")]
    pub unlimited_changes: u32,
    /// Whether to stay signed in.
    pub stay: bool,
    /// The return URL, validated.
    pub return_to: Option<String>,
    /// The name to write after the first success.
    pub name: Option<String>,
    /// Whether one of its sends was charged as one that creates a user. Upstream's response does
    /// not change it, because that would disclose whether the user exists.
    #[serde(default)]
    pub user_charged: bool,
    /// The user that this flow created.
    pub created_user: Option<String>,
    /// The codes that may have arrived. No page may read it.
    pub codes: SentCodes,
    /// Upstream's id of the last send, where the tenant returns one.
    pub request_id: Option<String>,
    /// The policy when its codes were requested; `None` in a flow of an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<CodeTerms>,
    /// Kept for later versions.
    #[serde(flatten)]
    pub later: LaterFields,
}

/// When those codes of a flow were sent that may have arrived. A passcode is tried only if there is
/// one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentCodes {
    /// The last send, unless it is known to have failed.
    last: Option<Timestamp>,
    /// The newest send before it.
    before: Option<Timestamp>,
}

impl SentCodes {
    fn first(now: Timestamp) -> Self {
        Self {
            last: Some(now),
            before: None,
        }
    }

    fn with(self, now: Timestamp) -> Self {
        Self {
            last: Some(now),
            before: self.newest(),
        }
    }

    /// Removes the send of that time, which was withheld or refused upstream.
    #[must_use]
    pub fn without(self, sent_at: Timestamp) -> Self {
        let keep = |time: Option<Timestamp>| time.filter(|time| *time != sent_at);
        Self {
            last: keep(self.last),
            before: keep(self.before),
        }
    }

    /// When the newest code was sent.
    pub fn newest(self) -> Option<Timestamp> {
        self.last.or(self.before)
    }
}

/// Upstream has left more attempts of a flow unprocessed than are refunded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyRefunds;

impl Flow {
    /// A flow whose first code is requested now.
    pub fn new(
        identifier: Identifier,
        purpose: Purpose,
        send: SendRecord,
        terms: CodeTerms,
    ) -> Self {
        let now = send.at;
        Self {
            identifier,
            purpose,
            page: page_of(purpose),
            began_at: now,
            sent_at: now,
            sends: 1,
            charged: vec![send],
            attempts: 0,
            attempts_until: now,
            refunds: 0,
            refusal: None,
            unlimited_changes: 0,
            stay: false,
            return_to: None,
            name: None,
            user_charged: purpose == Purpose::SignUp,
            created_user: None,
            later: LaterFields::default(),
            codes: SentCodes::first(now),
            request_id: None,
            terms: Some(terms),
        }
    }

    /// Whether its next send follows the creation of a user.
    pub fn creates_user(&self) -> bool {
        self.purpose == Purpose::SignUp && self.created_user.is_none()
    }

    /// Whether its next send is charged as one that creates a user. One send of a flow is, whether
    /// or not the user exists (requirement E3).
    pub fn charges_user(&self) -> bool {
        self.purpose == Purpose::SignUp && !self.user_charged
    }

    /// Whether both are states of one flow, and not of a later one with the same id.
    pub fn is_same_flow(&self, other: &Self) -> bool {
        (&self.identifier, self.began_at) == (&other.identifier, other.began_at)
    }

    /// The digits of its code: as many as when it was requested.
    pub fn code_length(&self, policy: &PasscodePolicy) -> usize {
        self.terms.map_or(policy.length, |terms| terms.length)
    }

    fn code_lifetime(&self, policy: &PasscodePolicy) -> Duration {
        self.terms
            .map_or(policy.lifetime, |terms| terms.lifetime(policy))
    }

    /// The attempts that it has in all.
    fn max_attempts(&self, policy: &PasscodePolicy) -> u32 {
        self.terms
            .map_or(policy.attempts, |terms| terms.attempts(policy))
    }

    /// When its code expires.
    pub fn deadline(&self, policy: &PasscodePolicy) -> Timestamp {
        self.sent_at + self.code_lifetime(policy)
    }

    /// Whether a code that has not expired may have arrived (requirement C2). A withheld send
    /// changes the deadline that is shown, but not this.
    pub fn has_code(&self, policy: &PasscodePolicy, now: Timestamp) -> bool {
        self.codes
            .newest()
            .is_some_and(|sent_at| now < sent_at + self.code_lifetime(policy))
    }

    /// When another code may be requested. The schedule depends on the number of sends alone
    /// (requirement S3).
    pub fn resend_at(&self, policy: &PasscodePolicy) -> Timestamp {
        let round = usize::try_from(self.sends.saturating_sub(1)).unwrap_or(usize::MAX);
        let wait = policy.cool_down.get(round).or(policy.cool_down.last());
        self.sent_at + wait.copied().unwrap_or(Duration::ZERO)
    }

    /// Attempts that are left.
    pub fn attempts_left(&self, policy: &PasscodePolicy, now: Timestamp) -> u32 {
        let attempts = self.max_attempts(policy);
        if now >= self.attempts_until {
            attempts
        } else {
            attempts.saturating_sub(self.attempts)
        }
    }

    /// When the next attempt is possible; `None` if it is now.
    pub fn blocked_until(&self, policy: &PasscodePolicy, now: Timestamp) -> Option<Timestamp> {
        (self.attempts_left(policy, now) == 0).then_some(self.attempts_until)
    }

    /// Counts an attempt. A new code does not reset the attempts before the lockout after the last
    /// one has passed (requirement C6), as it does not reset those of the number. A lockout that
    /// has become shorter since does not end the former one earlier.
    pub fn count_attempt(&mut self, lockout: Duration, now: Timestamp) {
        if now >= self.attempts_until {
            self.attempts = 0;
        }
        self.attempts += 1;
        self.attempts_until = self.attempts_until.max(now + lockout);
    }

    /// Refunds an attempt that did not take place.
    pub fn refund_attempt(&mut self) {
        self.attempts = self.attempts.saturating_sub(1);
    }

    /// Refunds an attempt that upstream did not process.
    ///
    /// # Errors
    /// [`TooManyRefunds`]: the attempt stays counted.
    pub fn refund_unprocessed_attempt(&mut self) -> Result<(), TooManyRefunds> {
        if self.refunds >= MAX_REFUNDS {
            return Err(TooManyRefunds);
        }
        self.refunds += 1;
        self.refund_attempt();
        Ok(())
    }

    /// Counts a requested send.
    pub fn count_send(&mut self, send: SendRecord, terms: CodeTerms) {
        self.sends = self.sends.saturating_add(1);
        self.sent_at = send.at;
        self.terms = Some(self.terms.map_or(terms, |own| own.followed_by(terms)));
        self.user_charged |= self.purpose == Purpose::SignUp;
        if self.charged.len() >= MAX_CHARGED {
            self.charged.remove(0);
        }
        self.charged.push(send);
        self.codes = self.codes.with(send.at);
        (self.refusal, self.unlimited_changes) = (None, 0);
    }

    /// Counts a change to which no other limit applies, or undoes it after too many, so that one
    /// flow does not cause writes without end.
    pub fn limit_change(&mut self, former: &Self) {
        if self == former {
            return;
        }
        if self.unlimited_changes < MAX_UNLIMITED_CHANGES {
            self.unlimited_changes += 1;
        } else {
            self.clone_from(former);
        }
    }
}

/// What the forms of a flow's page say of it, so that a page of another flow is noticed. It
/// authenticates nothing, and reveals nothing about the token. It has as many digits as the times
/// on that page, so that the page of every flow has the same length and form.
pub fn flow_tag(token: &Token) -> String {
    const TAGS: u64 = 10_000_000_000_000;
    let [a, b, c, d, e, f, g, h, ..] = token.derive(b"latchkey flow tag v1");
    let number = u64::from_be_bytes([a, b, c, d, e, f, g, h]) % TAGS;
    format!("{number:013}")
}

/// Whether a form belongs to this flow. A form that names none, which is not ours, does.
pub fn is_of_flow(tag: Option<&str>, token: &Token) -> bool {
    tag.is_none_or(|tag| tag == flow_tag(token))
}

/// The page whose form has this purpose.
pub fn page_of(purpose: Purpose) -> Page {
    if purpose == Purpose::SignUp {
        Page::SignUp
    } else {
        Page::SignIn
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::IdentifierType;
    use crate::server::system::random::Random;

    fn send(at: Timestamp) -> SendRecord {
        SendRecord::new(at, std::net::Ipv4Addr::LOCALHOST.into(), &Random::system())
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
            offer_stay: true,
        }
    }

    fn flow(now: Timestamp) -> Flow {
        let number =
            Identifier::canonical(IdentifierType::PhoneNumber, "+447400123456".into(), None);
        Flow::new(number, Purpose::SignIn, send(now), policy().terms())
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
            assert!(
                flow.has_code(&later, at(lifetime - 1)) && !flow.has_code(&later, at(lifetime))
            );
            assert_eq!(flow.attempts_left(&later, at(1)), attempts);
            // Another code has the new length; what was tightened stays tight.
            flow.count_send(send(at(30)), later.terms());
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
        flow.count_send(send(Timestamp::from_secs(1030)), policy().terms());
        assert_eq!(flow.resend_at(&policy()), Timestamp::from_secs(1090));
        flow.count_send(send(Timestamp::from_secs(1090)), policy().terms());
        assert_eq!(flow.resend_at(&policy()), Timestamp::from_secs(1150));
    }

    #[test]
    fn c6_a_new_code_does_not_reset_the_attempts_within_a_lockout() {
        let start = Timestamp::from_secs(1000);
        let mut flow = flow(start);
        let lockout = policy().unrecognised_lockout;
        flow.count_attempt(lockout, start);
        flow.count_send(send(Timestamp::from_secs(1030)), policy().terms());
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
        flow.count_send(send(Timestamp::from_secs(1030)), policy().terms());
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
        flow.count_send(send(start), policy().terms());
        assert!(
            !flow.charges_user() && flow.creates_user(),
            "the creation is requested again for a number that has a user"
        );
        let started = Flow::new(
            flow.identifier.clone(),
            Purpose::SignUp,
            send(start),
            policy().terms(),
        );
        assert!(!started.charges_user(), "its first send was charged");
    }

    #[test]
    fn c2_a_code_may_have_arrived_until_its_send_failed_or_it_expired() {
        let at = |seconds: u64| Timestamp::from_secs(1000 + seconds);
        let mut flow = flow(at(0));
        assert!(flow.has_code(&policy(), at(299)) && !flow.has_code(&policy(), at(300)));
        flow.count_send(send(at(100)), policy().terms());
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
}
