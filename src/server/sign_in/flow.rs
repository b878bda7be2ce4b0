//! A sign-in under way: what one browser asked for, and what it may be told.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::domain::{Identifier, Page, Refusal};
use crate::server::audit::Purpose;
use crate::server::guard::SendRecord;
use crate::server::sign_in::Policy;

/// How many tries of one flow come back to it because upstream said that it did not look at them.
/// Were it endless, an upstream that says so of a wrong code would let every code be tried.
const RETURNS: u32 = 10;
/// Changes of a flow between two sends that no limit stands before: refusals to be shown, forms
/// posted again. Further ones are not written.
const MOST_NOTES: u32 = 50;
/// Sends of a flow that a success can make good; the oldest beyond these stays charged as
/// unverified.
const MOST_CHARGED: usize = 8;

/// A sign-in under way. It rests sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Who wants in.
    pub identifier: Identifier,
    /// To sign in or to sign up.
    pub purpose: Purpose,
    /// The page it began on.
    pub page: Page,
    /// When it began.
    pub began_at: Timestamp,
    /// When the last code was asked for, whether or not one was sent.
    pub sent_at: Timestamp,
    /// How many codes were asked for.
    pub sends: u32,
    /// The last of them: a sign-in gives back what they were charged as unverified.
    pub charged: Vec<SendRecord>,
    /// Tries that count until `tries_until`.
    pub tries: u32,
    /// When they are forgotten, unless there is another before.
    #[serde(default)]
    pub tries_until: Timestamp,
    /// Tries that came back because upstream did not look at them, over the life of the flow.
    #[serde(default)]
    pub returns: u32,
    /// The last refusal, for the page to show.
    pub refusal: Option<Refusal>,
    /// Changes since the last send that no limit stands before.
    #[serde(default)]
    pub notes: u32,
    /// Whether to stay signed in.
    pub stay: bool,
    /// The way back, checked.
    pub return_to: Option<String>,
    /// The name to be written after the first success.
    pub name: Option<String>,
    /// Whether a send of it was charged as one that creates a user. Nothing that upstream says
    /// changes it, or it would tell.
    #[serde(default)]
    pub user_charged: bool,
    /// The user that this flow created.
    pub created_user: Option<String>,
    /// The codes that may be on the phone. No page may read it.
    pub codes: Codes,
    /// Upstream's id of the last send, where the tenant returns one.
    pub request_id: Option<String>,
}

/// When the codes of a flow were sent that may be on the phone: a passcode is tried only if there
/// is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Codes {
    /// The last send. It is believed to have arrived unless the contrary is noted.
    last: Option<Timestamp>,
    /// The newest one before it.
    before: Option<Timestamp>,
}

impl Codes {
    fn first(now: Timestamp) -> Self {
        Self {
            last: Some(now),
            before: None,
        }
    }

    fn again(self, now: Timestamp) -> Self {
        Self {
            last: Some(now),
            before: self.newest(),
        }
    }

    /// The send of that time surely did not go out: it was withheld, or refused upstream.
    #[must_use]
    pub fn without(self, sent_at: Timestamp) -> Self {
        let keep = |time: Option<Timestamp>| time.filter(|time| *time != sent_at);
        Self {
            last: keep(self.last),
            before: keep(self.before),
        }
    }

    /// When the newest one was sent.
    pub fn newest(self) -> Option<Timestamp> {
        self.last.or(self.before)
    }
}

impl Flow {
    /// A flow whose first code is asked for now.
    pub fn new(identifier: Identifier, purpose: Purpose, sent: SendRecord) -> Self {
        let now = sent.at;
        Self {
            identifier,
            purpose,
            page: if purpose == Purpose::SignUp {
                Page::SignUp
            } else {
                Page::SignIn
            },
            began_at: now,
            sent_at: now,
            sends: 1,
            charged: vec![sent],
            tries: 0,
            tries_until: now,
            returns: 0,
            refusal: None,
            notes: 0,
            stay: false,
            return_to: None,
            name: None,
            user_charged: purpose == Purpose::SignUp,
            created_user: None,
            codes: Codes::first(now),
            request_id: None,
        }
    }

    /// Whether its next send is preceded by the creation of a user.
    pub fn wants_user(&self) -> bool {
        self.purpose == Purpose::SignUp && self.created_user.is_none()
    }

    /// Whether its next send is charged as one that creates a user: one of a flow is, whoever the
    /// number belongs to (requirement E3).
    pub fn charges_user(&self) -> bool {
        self.purpose == Purpose::SignUp && !self.user_charged
    }

    /// Whether this is that flow, at another time: not one that has taken its place since.
    pub fn is(&self, other: &Self) -> bool {
        (&self.identifier, self.began_at) == (&other.identifier, other.began_at)
    }

    /// When its code can no longer be used.
    pub fn deadline(&self, policy: &Policy) -> Timestamp {
        self.sent_at + policy.lifetime
    }

    /// Whether a code may be on the phone that is young enough (requirement C2). A send that was
    /// withheld moves the deadline that is shown, and not this one.
    pub fn has_code(&self, policy: &Policy, now: Timestamp) -> bool {
        self.codes
            .newest()
            .is_some_and(|sent_at| now < sent_at + policy.lifetime)
    }

    /// When another code may be asked for: a schedule fixed by the number of sends alone
    /// (requirement S3).
    pub fn resend_at(&self, policy: &Policy) -> Timestamp {
        let round = usize::try_from(self.sends.saturating_sub(1)).unwrap_or(usize::MAX);
        let wait = policy.cool_down.get(round).or(policy.cool_down.last());
        self.sent_at + wait.copied().unwrap_or(Duration::ZERO)
    }

    /// Tries that are left.
    pub fn tries_left(&self, policy: &Policy, now: Timestamp) -> u32 {
        if now >= self.tries_until {
            policy.tries
        } else {
            policy.tries.saturating_sub(self.tries)
        }
    }

    /// When tries are spent: when the next one is possible.
    pub fn blocked_until(&self, policy: &Policy, now: Timestamp) -> Option<Timestamp> {
        (self.tries_left(policy, now) == 0).then_some(self.tries_until)
    }

    /// Counts a try. A code that is asked for anew does not refill them before the `wait` after the
    /// last one is over (requirement C6), as it does not refill those of the number.
    pub fn count_try(&mut self, wait: Duration, now: Timestamp) {
        if now >= self.tries_until {
            self.tries = 0;
        }
        self.tries += 1;
        self.tries_until = now + wait;
    }

    /// Uncounts a try that upstream did not look at; `false` if it said so too often to be
    /// believed, and the try stays counted.
    pub fn return_try(&mut self) -> bool {
        let comes_back = self.returns < RETURNS;
        if comes_back {
            self.returns += 1;
            self.tries = self.tries.saturating_sub(1);
        }
        comes_back
    }

    /// Counts a send that was asked for.
    pub fn count_send(&mut self, sent: SendRecord) {
        self.sends = self.sends.saturating_add(1);
        self.sent_at = sent.at;
        self.user_charged |= self.purpose == Purpose::SignUp;
        if self.charged.len() >= MOST_CHARGED {
            self.charged.remove(0);
        }
        self.charged.push(sent);
        self.codes = self.codes.again(sent.at);
        (self.refusal, self.notes) = (None, 0);
    }

    /// Counts a change that no limit stands before, or undoes it where there were too many: whoever
    /// has one flow must not write without end.
    pub fn note(&mut self, former: &Self) {
        if self == former {
            return;
        }
        if self.notes < MOST_NOTES {
            self.notes += 1;
        } else {
            self.clone_from(former);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::IdentifierType;
    use crate::server::system::random::Random;

    fn sent(at: Timestamp) -> SendRecord {
        SendRecord::new(at, std::net::Ipv4Addr::LOCALHOST.into(), &Random::system())
    }

    fn policy() -> Policy {
        let seconds = Duration::from_secs;
        Policy {
            length: 6,
            lifetime: seconds(300),
            tries: 2,
            strangers_wait: seconds(900),
            lockout: seconds(900),
            cool_down: vec![seconds(30), seconds(60)],
            offer_stay: true,
        }
    }

    fn flow(now: Timestamp) -> Flow {
        let number =
            Identifier::canonical(IdentifierType::PhoneNumber, "+447400123456".into(), None);
        Flow::new(number, Purpose::SignIn, sent(now))
    }

    #[test]
    fn s3_the_schedule_follows_the_sends_alone() {
        let start = Timestamp::from_secs(1000);
        let mut flow = flow(start);
        assert_eq!(flow.resend_at(&policy()), Timestamp::from_secs(1030));
        flow.count_send(sent(Timestamp::from_secs(1030)));
        assert_eq!(flow.resend_at(&policy()), Timestamp::from_secs(1090));
        flow.count_send(sent(Timestamp::from_secs(1090)));
        assert_eq!(flow.resend_at(&policy()), Timestamp::from_secs(1150));
    }

    #[test]
    fn c6_a_new_code_does_not_refill_tries_within_a_lockout() {
        let start = Timestamp::from_secs(1000);
        let mut flow = flow(start);
        let wait = policy().strangers_wait;
        flow.count_try(wait, start);
        flow.count_send(sent(Timestamp::from_secs(1030)));
        assert_eq!(flow.tries_left(&policy(), Timestamp::from_secs(1030)), 1);
        flow.count_try(wait, Timestamp::from_secs(1031));
        assert_eq!(
            flow.blocked_until(&policy(), Timestamp::from_secs(1930)),
            Some(Timestamp::from_secs(1931))
        );
        assert_eq!(flow.tries_left(&policy(), Timestamp::from_secs(1931)), 2);
        flow.count_try(wait, Timestamp::from_secs(1931));
        assert_eq!(flow.tries_left(&policy(), Timestamp::from_secs(1931)), 1);
    }

    #[test]
    fn what_no_limit_stands_before_changes_a_flow_so_often_until_the_next_send() {
        let start = Timestamp::from_secs(1000);
        let mut flow = flow(start);
        let changes = |flow: &mut Flow| {
            let change = |number: u64| {
                let former = flow.clone();
                flow.refusal = Some(Refusal::slow_down(number));
                flow.note(&former);
                *flow != former
            };
            (1..200).map(change).filter(|changed| *changed).count()
        };
        assert_eq!(changes(&mut flow), 50);
        assert_eq!(
            flow.refusal,
            Some(Refusal::slow_down(50)),
            "the last that was noted"
        );
        flow.count_send(sent(Timestamp::from_secs(1030)));
        assert_eq!(changes(&mut flow), 50);
        let former = flow.clone();
        flow.note(&former);
        assert_eq!(flow, former, "no change costs nothing");
    }

    #[test]
    fn e3_one_send_of_a_flow_is_charged_for_a_user_whatever_upstream_says() {
        let start = Timestamp::from_secs(1000);
        let mut flow = flow(start);
        assert!(!flow.charges_user());
        flow.purpose = Purpose::SignUp;
        assert!(flow.charges_user() && flow.wants_user());
        flow.count_send(sent(start));
        assert!(
            !flow.charges_user() && flow.wants_user(),
            "a number that has a user is asked about again"
        );
        let begun = Flow::new(flow.identifier.clone(), Purpose::SignUp, sent(start));
        assert!(!begun.charges_user(), "its first send was");
    }

    #[test]
    fn c2_a_code_is_believed_in_until_its_send_surely_failed_or_it_is_too_old() {
        let at = |seconds: u64| Timestamp::from_secs(1000 + seconds);
        let mut flow = flow(at(0));
        assert!(flow.has_code(&policy(), at(299)) && !flow.has_code(&policy(), at(300)));
        flow.count_send(sent(at(100)));
        let both = flow.codes;
        flow.codes = both.without(at(100));
        assert!(
            flow.has_code(&policy(), at(299)) && !flow.has_code(&policy(), at(300)),
            "the first one still counts"
        );
        flow.codes = both.without(at(0));
        assert!(
            flow.has_code(&policy(), at(399)),
            "a late word of the first says nothing of the second"
        );
        flow.codes = both.without(at(0)).without(at(100));
        assert!(!flow.has_code(&policy(), at(100)));
    }
}
