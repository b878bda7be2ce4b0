//! One user's code, failure count and lock.
//!
//! Failures are counted by user, so a new code does not reset the count.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::state::policy::OtpPolicy;

/// How a code is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Sms,
    Email,
    /// In the response to the send call.
    Direct,
}

impl Channel {
    /// The authentication method in tokens (`amr`).
    pub fn amr(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "eotp",
            Self::Direct => "otp",
        }
    }
}

/// A code that was sent and not used yet.
#[derive(Clone, Debug)]
pub struct PendingCode {
    pub code: String,
    pub expires_at: Timestamp,
    /// From `generate_request_id`; authenticate must repeat it.
    pub request_id: Option<String>,
    /// The recipient, which a correct code verifies.
    pub sent_to: Option<String>,
    pub channel: Channel,
    /// Becomes a claim of the ID token.
    pub approval_data: Option<Map<String, Value>>,
}

/// The result of checking a code.
#[derive(Debug)]
pub enum AttemptOutcome {
    /// Correct; the code cannot be used again.
    Correct(Box<PendingCode>),
    /// Wrong, or no code was sent. Counted as a failure.
    Wrong,
    /// Correct, but expired. Not counted.
    Expired,
    /// `request_id` is required. Not counted.
    RequestIdMissing,
    /// The user is locked; nothing was compared.
    Locked,
}

/// A user's one-time code, failure count and lock.
#[derive(Debug, Default)]
pub struct PasscodeState {
    pending: Option<Box<PendingCode>>,
    failures: u32,
    locked_until: Option<Timestamp>,
}

impl PasscodeState {
    /// Replaces the code.
    pub fn set_pending(&mut self, pending: PendingCode) {
        self.pending = Some(Box::new(pending));
    }

    /// Locks the user for `lockout`. The code is void, as the vendor says of the last failure.
    pub fn lock(&mut self, now: Timestamp, lockout: Duration) {
        self.pending = None;
        self.failures = 0;
        self.locked_until = Some(now.plus(lockout));
    }

    /// Ends the lock and resets the failure count. A code that was sent since stays valid.
    pub fn unlock(&mut self) {
        self.failures = 0;
        self.locked_until = None;
    }

    /// Whether the user is locked.
    pub fn is_locked(&self, now: Timestamp) -> bool {
        self.locked_until.is_some_and(|until| now < until)
    }

    /// Checks a code and counts a failure.
    pub fn check(
        &mut self,
        passcode: &str,
        request_id: Option<&str>,
        policy: &OtpPolicy,
        now: Timestamp,
    ) -> AttemptOutcome {
        if self.is_locked(now) {
            return AttemptOutcome::Locked;
        }
        self.locked_until = None;
        let Some(pending) = self.pending.take() else {
            return self.record_failure(policy, now);
        };
        if pending.request_id.is_some() && request_id.is_none() {
            self.pending = Some(pending);
            return AttemptOutcome::RequestIdMissing;
        }
        if pending.code != passcode || pending.request_id.as_deref() != request_id {
            self.pending = Some(pending);
            return self.record_failure(policy, now);
        }
        if now >= pending.expires_at {
            self.pending = Some(pending);
            return AttemptOutcome::Expired;
        }
        self.failures = 0;
        AttemptOutcome::Correct(pending)
    }

    /// The failure that reaches the maximum is still answered as wrong. The lock shows from the
    /// next attempt on.
    fn record_failure(&mut self, policy: &OtpPolicy, now: Timestamp) -> AttemptOutcome {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= policy.max_failures {
            self.lock(now, policy.lockout);
        }
        AttemptOutcome::Wrong
    }
}
