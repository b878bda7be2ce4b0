//! The state of one browser's sign-in, from the first code to the session.
//!
//! What a browser is told comes from here, so nothing that depends on the number's owner is shown.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::domain::{Channel, Identifier, Page, Refusal};
use crate::server::audit::Purpose;
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::SendRecord;
use crate::server::sign_in::policy::{CodeTerms, PasscodePolicy};
use crate::server::store::format::LaterFields;

mod codes;

pub use codes::SentCodes;

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
    /// The policy when its codes by SMS were requested; `None` in a flow of an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<CodeTerms>,
    /// The same for its codes by e-mail; `None` before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_terms: Option<CodeTerms>,
    /// Kept for later versions.
    #[serde(flatten)]
    pub later: LaterFields,
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
            email_terms: None,
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

    /// Attempts that are left, once there was one.
    pub fn tries_left(&self, policy: &PasscodePolicy, now: Timestamp) -> Option<u32> {
        let left = self.attempts_left(policy, now);
        (left < self.max_attempts(policy)).then_some(left)
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
        let own = match send.channel {
            Channel::Sms => &mut self.terms,
            Channel::Email => &mut self.email_terms,
        };
        *own = Some(own.map_or(terms, |own| own.followed_by(terms)));
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
mod tests;
