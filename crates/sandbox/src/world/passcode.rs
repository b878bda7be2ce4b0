//! One user's code, failures and lock. Failures are counted by user: a new code does not refill
//! them.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::clock::Moment;
use crate::world::policy::Policy;

/// How a code went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// By SMS.
    Sms,
    /// By e-mail.
    Email,
    /// In the answer of the send call.
    Direct,
}

impl Channel {
    /// The authentication method that a token names (`amr`).
    pub fn amr(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "eotp",
            Self::Direct => "otp",
        }
    }
}

/// A code that was sent and not yet used.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The code.
    pub code: String,
    /// From when on it is refused.
    pub expires_at: Moment,
    /// Asked for by `generate_request_id`; then a verify must bring it.
    pub request_id: Option<String>,
    /// Where it went; what a success proves depends on it.
    pub sent_to: Option<String>,
    /// How it went out.
    pub channel: Channel,
    /// Becomes a claim of the ID token.
    pub approval_data: Option<Map<String, Value>>,
}

/// What became of a try.
#[derive(Debug)]
pub enum Attempt {
    /// Right; the code is spent.
    Correct(Box<Pending>),
    /// Wrong, or there was no code; counted.
    Wrong,
    /// Right, but too late; not counted.
    Expired,
    /// `request_id` is needed and missing; not counted.
    RequestIdMissing,
    /// Locked: not even compared.
    Locked,
}

/// A user's one-time-code state.
#[derive(Debug, Default)]
pub struct Passcodes {
    pending: Option<Box<Pending>>,
    failures: u32,
    locked_until: Option<Moment>,
}

impl Passcodes {
    /// A new code; the former is void.
    pub fn replace(&mut self, pending: Pending) {
        self.pending = Some(Box::new(pending));
    }

    /// Locks from `now` on for `lockout`.
    pub fn lock(&mut self, now: Moment, lockout: Duration) {
        self.failures = 0;
        self.locked_until = Some(now.plus(lockout));
    }

    /// Ends a lock and forgets failures; a code that is out stays.
    pub fn unlock(&mut self) {
        self.failures = 0;
        self.locked_until = None;
    }

    /// Whether the lock holds.
    pub fn is_locked(&self, now: Moment) -> bool {
        self.locked_until.is_some_and(|until| now < until)
    }

    /// One try.
    pub fn attempt(
        &mut self,
        passcode: &str,
        request_id: Option<&str>,
        policy: &Policy,
        now: Moment,
    ) -> Attempt {
        if self.is_locked(now) {
            return Attempt::Locked;
        }
        self.locked_until = None;
        let Some(pending) = self.pending.take() else {
            return self.fail(policy, now);
        };
        if pending.request_id.is_some() && request_id.is_none() {
            self.pending = Some(pending);
            return Attempt::RequestIdMissing;
        }
        if pending.code != passcode || pending.request_id.as_deref() != request_id {
            self.pending = Some(pending);
            return self.fail(policy, now);
        }
        if now >= pending.expires_at {
            self.pending = Some(pending);
            return Attempt::Expired;
        }
        self.failures = 0;
        Attempt::Correct(pending)
    }

    /// The failure that reaches the maximum is still told as wrong; the lock shows from the next
    /// try on.
    fn fail(&mut self, policy: &Policy, now: Moment) -> Attempt {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= policy.max_failures {
            self.lock(now, policy.lockout);
        }
        Attempt::Wrong
    }
}
