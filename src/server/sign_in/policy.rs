//! The rules for passcodes: the tenant's policy with the server's own limits applied.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::Channel;
use crate::server::guard::Device;
use crate::server::passcode_policy::CurrentLimits;
use crate::server::settings::{self, EmailCodes};

/// The rules for passcodes, which follow the tenant's policy.
#[derive(Clone, Debug)]
pub struct PasscodeRules {
    limits: CurrentLimits,
    cool_down: Arc<[Duration]>,
    /// A code must find its flow, so it is not used for longer.
    flow_lifetime: Duration,
    offer_stay: bool,
}

impl PasscodeRules {
    /// The rules that the settings describe, with limits that may change.
    pub fn new(limits: CurrentLimits, settings: &settings::Settings) -> Self {
        let guard = &settings.guard;
        Self {
            limits,
            cool_down: if guard.enabled {
                guard.cool_down.iter().map(|span| span.0).collect()
            } else {
                Arc::default()
            },
            flow_lifetime: settings.sign_in.flow_lifetime.0,
            offer_stay: settings.session.offer_stay,
        }
    }

    /// The rules as they are now.
    pub fn now(&self) -> PasscodePolicy {
        let limits = self.limits.get();
        PasscodePolicy {
            length: limits.policy.length,
            email: limits.email.map(|codes| EmailCodes {
                lifetime: codes.lifetime.min(self.flow_lifetime),
                ..codes
            }),
            lifetime: limits.code_lifetime().min(self.flow_lifetime),
            attempts: limits.attempts_per_code(),
            unrecognised_lockout: limits.unrecognised_lockout(),
            recognised_lockout: limits.lockout(),
            cool_down: self.cool_down.clone(),
            offer_stay: self.offer_stay,
        }
    }
}

/// The rules for passcodes at one moment.
#[derive(Clone, Debug)]
pub struct PasscodePolicy {
    /// Digits in a code by SMS.
    pub length: usize,
    /// The second channel; none where it is not offered.
    pub email: Option<EmailCodes>,
    /// How long a code can be used: the tenant's lifetime, at most ten minutes (NIST 800-63B-4
    /// §3.1.3.2).
    pub lifetime: Duration,
    /// Attempts per code.
    pub attempts: u32,
    /// How long exhausted attempts stay exhausted for an unrecognised device.
    pub unrecognised_lockout: Duration,
    /// The same for a recognised device: as long as the tenant's own lockout.
    pub recognised_lockout: Duration,
    /// The waits between the sends of one flow.
    pub cool_down: Arc<[Duration]>,
    /// Whether people may choose to stay signed in.
    pub offer_stay: bool,
}

impl PasscodePolicy {
    /// How long exhausted attempts stay exhausted.
    pub fn lockout(&self, device: Device) -> Duration {
        match device {
            Device::Unrecognised => self.unrecognised_lockout,
            Device::Recognised(_) => self.recognised_lockout,
        }
    }

    /// What a flow keeps of the policy when a code of this channel is requested.
    pub fn terms(&self, channel: Channel) -> CodeTerms {
        let codes = self.codes(channel);
        CodeTerms {
            length: codes.map_or(self.length, |codes| codes.length),
            lifetime_ms: u64::try_from(self.lifetime(channel).as_millis()).unwrap_or(u64::MAX),
            attempts: self.attempts,
        }
    }

    /// How long a code of this channel can be used.
    pub fn lifetime(&self, channel: Channel) -> Duration {
        let codes = self.codes(channel);
        codes.map_or(self.lifetime, |codes| codes.lifetime)
    }

    /// The codes of the second channel, unless it is not offered (any more).
    fn codes(&self, channel: Channel) -> Option<EmailCodes> {
        self.email.filter(|_| !channel.is_sms())
    }
}

/// The policy when the code of a flow was requested. It is stored in the flow, because the policy
/// may change while people look for the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeTerms {
    /// Digits of the code.
    pub length: usize,
    lifetime_ms: u64,
    attempts: u32,
}

impl CodeTerms {
    /// How long the code can be used: the shorter of what was agreed and what holds now.
    pub fn lifetime(&self, in_force: Duration) -> Duration {
        Duration::from_millis(self.lifetime_ms).min(in_force)
    }

    /// The smaller number of attempts.
    pub fn attempts(&self, policy: &PasscodePolicy) -> u32 {
        self.attempts.min(policy.attempts)
    }

    /// The terms of another code of the same flow and channel: its length, and the shorter lifetime
    /// and the smaller number of attempts.
    #[must_use]
    pub fn followed_by(&self, next: Self) -> Self {
        Self {
            length: next.length,
            lifetime_ms: self.lifetime_ms.min(next.lifetime_ms),
            attempts: self.attempts.min(next.attempts),
        }
    }
}
