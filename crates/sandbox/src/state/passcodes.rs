//! One user's code, failure count and lock.
//!
//! Failures are counted by user, so a new code does not reset the count. A tenant may count those
//! of each channel by themselves; the vendor does not say.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::state::channel::Channel;
use crate::state::policy::{FailureCount, OtpPolicy};

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
    failures: Failures,
    /// How the newest code was sent.
    channel: Channel,
    locked_until: Option<Timestamp>,
}

/// Failures since the last success, by channel.
#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    sms: u32,
    email: u32,
    direct: u32,
}

impl Failures {
    fn of_mut(&mut self, channel: Channel) -> &mut u32 {
        match channel {
            Channel::Sms => &mut self.sms,
            Channel::Email => &mut self.email,
            Channel::Direct => &mut self.direct,
        }
    }

    /// What counts towards the lock of a channel.
    fn counted(&mut self, channel: Channel, count: FailureCount) -> u32 {
        match count {
            FailureCount::Shared => {
                let counts = [self.sms, self.email, self.direct];
                counts.into_iter().fold(0, u32::saturating_add)
            }
            FailureCount::PerChannel => *self.of_mut(channel),
        }
    }
}

impl PasscodeState {
    /// Replaces the code.
    pub fn set_pending(&mut self, pending: PendingCode) {
        self.channel = pending.channel;
        self.pending = Some(Box::new(pending));
    }

    /// Locks the user for `lockout`. The code is void, as the vendor says of the last failure.
    pub fn lock(&mut self, now: Timestamp, lockout: Duration) {
        self.pending = None;
        self.failures = Failures::default();
        self.locked_until = Some(now.plus(lockout));
    }

    /// Ends the lock and resets the failure count. A code that was sent since stays valid.
    pub fn unlock(&mut self) {
        self.failures = Failures::default();
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
        match policy.failure_count {
            FailureCount::Shared => self.failures = Failures::default(),
            FailureCount::PerChannel => *self.failures.of_mut(pending.channel) = 0,
        }
        AttemptOutcome::Correct(pending)
    }

    /// The failure that reaches the maximum is still answered as wrong. The lock shows from the
    /// next attempt on.
    fn record_failure(&mut self, policy: &OtpPolicy, now: Timestamp) -> AttemptOutcome {
        let (channel, rules) = (self.channel, policy.rules(self.channel));
        let failures = self.failures.of_mut(channel);
        *failures = failures.saturating_add(1);
        if self.failures.counted(channel, policy.failure_count) >= rules.max_failures {
            self.lock(now, rules.lockout);
        }
        AttemptOutcome::Wrong
    }
}
