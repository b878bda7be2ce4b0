//! The codes of a flow: which may have arrived, by which channel, how long they are and how long
//! they can be used.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::Channel;
use crate::domain::timestamp::Timestamp;
use crate::server::sign_in::flow::Flow;
use crate::server::sign_in::policy::{CodeTerms, PasscodePolicy};

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
    pub(super) fn first(now: Timestamp) -> Self {
        Self {
            last: Some(now),
            before: None,
        }
    }

    pub(super) fn with(self, now: Timestamp) -> Self {
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

impl Flow {
    /// How the last code was requested.
    pub fn channel(&self) -> Channel {
        self.charged
            .last()
            .map_or(Channel::Sms, |send| send.channel)
    }

    /// The channels by which it requested codes.
    pub fn channels(&self) -> Vec<Channel> {
        let is_used = |channel: &Channel| self.charged.iter().any(|send| send.channel == *channel);
        Channel::ALL.into_iter().filter(is_used).collect()
    }

    fn terms_of(&self, channel: Channel) -> Option<CodeTerms> {
        match channel {
            Channel::Sms => self.terms,
            Channel::Email => self.email_terms,
        }
    }

    /// The digits of its last code: as many as when it was requested.
    pub fn code_length(&self, policy: &PasscodePolicy) -> usize {
        self.length_of(self.channel(), policy)
    }

    fn length_of(&self, channel: Channel, policy: &PasscodePolicy) -> usize {
        let terms = self
            .terms_of(channel)
            .unwrap_or_else(|| policy.terms(channel));
        terms.length
    }

    /// The digits that a code may have, those of the last one first. A code of another channel may
    /// still be valid: the person cannot know whether one came by e-mail.
    pub fn code_lengths(&self, policy: &PasscodePolicy) -> Vec<usize> {
        let others = self.channels().into_iter();
        let others = others.map(|channel| self.length_of(channel, policy));
        let all = std::iter::once(self.code_length(policy)).chain(others);
        // The tenant may have changed it shortly before the code was sent.
        let in_force = policy.terms(self.channel()).length;
        all.chain([in_force]).collect()
    }

    fn code_lifetime(&self, channel: Channel, policy: &PasscodePolicy) -> Duration {
        let in_force = policy.lifetime(channel);
        self.terms_of(channel)
            .map_or(in_force, |terms| terms.lifetime(in_force))
    }

    /// The attempts that it has in all, whatever the channel of its codes.
    pub(super) fn max_attempts(&self, policy: &PasscodePolicy) -> u32 {
        let agreed = self.terms.iter().chain(&self.email_terms);
        let agreed = agreed.map(|terms| terms.attempts(policy)).min();
        agreed.unwrap_or(policy.attempts)
    }

    /// When its last code expires.
    pub fn deadline(&self, policy: &PasscodePolicy) -> Timestamp {
        self.sent_at + self.code_lifetime(self.channel(), policy)
    }

    /// Whether a code that has not expired may have arrived (requirement C2). A withheld send
    /// changes the deadline that is shown, but not this.
    pub fn has_code(&self, policy: &PasscodePolicy, now: Timestamp) -> bool {
        self.codes.newest().is_some_and(|sent_at| {
            let send = self.charged.iter().rfind(|send| send.at == sent_at);
            let channel = send.map_or(Channel::Sms, |send| send.channel);
            now < sent_at + self.code_lifetime(channel, policy)
        })
    }
}
