//! The expected limits of a number: a list of failures since the last success, and rules over it.
//! The model does not use the product's code.

use std::collections::BTreeMap;
use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;

use crate::support::{minutes, seconds};

/// How long the tenant locks.
pub const LOCK: Duration = minutes(15);
/// How long a failure is remembered at all.
const KEPT: Duration = minutes(400 * 24 * 60);
/// The delays between failures, once they start.
pub const DELAYS: [Duration; 3] = [seconds(30), minutes(2), minutes(10)];
/// Recognised devices at the same time.
const MOST_RECOGNISED: usize = 5;

/// The tenant's policy and the settings.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Failures before the tenant locks.
    pub maximum: usize,
    /// How long the tenant remembers failures, where the settings declare it.
    pub memory_minutes: Option<u64>,
    /// Consecutive failures after which unrecognised devices have to wait.
    pub delay_after: usize,
    /// Consecutive failures that are audit-logged as an alert.
    pub alert: usize,
    /// Consecutive failures after which unrecognised devices are refused.
    pub unrecognised_limit: usize,
    /// Consecutive failures after which the operator must unlock.
    pub maximum_failures: usize,
    /// Consecutive failures of a recognised device after which it is unrecognised.
    pub demoted_after: usize,
    /// Whether a number gets few codes, so that many flows have none.
    pub few_sends: bool,
}

impl Rules {
    /// Attempts per code.
    pub fn tries(&self) -> usize {
        (self.maximum - 1).min(5)
    }

    fn memory(&self) -> Duration {
        match self.memory_minutes {
            Some(set) => minutes(set),
            None if self.maximum > 6 => minutes(24 * 60),
            None => LOCK,
        }
    }

    /// How long a flow with exhausted attempts waits.
    pub fn wait(&self, who: Device) -> Duration {
        if who == Device::Unrecognised && self.maximum <= 6 {
            self.memory()
        } else {
            LOCK
        }
    }
}

/// Device submits a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Device {
    Unrecognised,
    /// A recognised device, by its number.
    Recognised(usize),
}

/// Whether an attempt is expected to reach upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    Allowed,
    Refused,
    /// Concurrent failures may or may not have started a delay.
    Unknown,
}

#[derive(Clone, Copy, Debug)]
struct Failure {
    at: Timestamp,
    who: Device,
    /// Consecutive failures before it; unknown for concurrent ones.
    before: Option<usize>,
}

#[derive(Debug, Default)]
pub struct NumberModel {
    /// Failures of all devices since the last success or unlock.
    failures: Vec<Failure>,
    /// Failures of recognised devices since their own last success.
    own: BTreeMap<Device, Vec<Failure>>,
    /// Recognised devices; the one that signed in last is at the end.
    known: Vec<usize>,
    numbered: usize,
    /// When the tenant counted failures towards its lock.
    tenant: Vec<Timestamp>,
    /// The operator has unlocked here, which the tenant does not know.
    unlocked: bool,
}

/// Failures that are still remembered, where a pause of `memory` forgets them.
fn count_recent(
    failures: impl DoubleEndedIterator<Item = Timestamp>,
    memory: Duration,
    now: Timestamp,
) -> usize {
    let (mut later, mut count) = (now, 0);
    for at in failures.rev() {
        if later.since(at) >= memory {
            break;
        }
        (later, count) = (at, count + 1);
    }
    count
}

impl NumberModel {
    /// Whether a code may be compared.
    pub fn expectation(&self, rules: &Rules, who: Device, now: Timestamp) -> Expectation {
        if self.remaining_attempts(rules, who, now) == 0 {
            Expectation::Refused
        } else {
            self.expected_delay(rules, who, now)
        }
    }

    /// How many codes may be compared, apart from the delays between them.
    pub fn remaining_attempts(&self, rules: &Rules, who: Device, now: Timestamp) -> usize {
        let all =
            |memory| count_recent(self.failures.iter().map(|failure| failure.at), memory, now);
        let unrecognised = self
            .failures
            .iter()
            .filter(|failure| failure.who == Device::Unrecognised);
        let of_lock = rules.maximum.saturating_sub(all(LOCK));
        let of_maximum = match who {
            Device::Unrecognised => rules.unrecognised_limit.saturating_sub(all(KEPT)),
            Device::Recognised(_) => rules.maximum_failures.saturating_sub(all(KEPT)),
        };
        let of_their_own = match who {
            Device::Unrecognised => {
                let of_code = rules.tries().saturating_sub(count_recent(
                    unrecognised.map(|failure| failure.at),
                    LOCK,
                    now,
                ));
                of_code.min((rules.maximum - 1).saturating_sub(all(rules.memory())))
            }
            Device::Recognised(_) => {
                rules
                    .tries()
                    .saturating_sub(count_recent(self.failure_times(who), LOCK, now))
            }
        };
        of_lock.min(of_maximum).min(of_their_own)
    }

    /// When a recognised device failed.
    fn failure_times(&self, who: Device) -> impl DoubleEndedIterator<Item = Timestamp> {
        self.own
            .get(&who)
            .into_iter()
            .flatten()
            .map(|failure| failure.at)
    }

    /// Whether no delay applies, however many codes are submitted at once.
    pub fn never_waits(&self, rules: &Rules, who: Device, codes: usize, now: Timestamp) -> bool {
        let before = if who == Device::Unrecognised {
            self.failures.len()
        } else {
            self.own(who).len()
        };
        self.expected_delay(rules, who, now) == Expectation::Allowed
            && before + codes <= rules.delay_after
    }

    /// How often a recognised device may fail before it is unrecognised. Unrecognised devices have
    /// no such limit.
    pub fn failures_until_unrecognised(&self, rules: &Rules, who: Device) -> usize {
        match who {
            Device::Unrecognised => usize::MAX,
            Device::Recognised(_) => rules.demoted_after.saturating_sub(self.own(who).len()),
        }
    }

    /// Failures of a recognised device since its own last success.
    fn own(&self, who: Device) -> &[Failure] {
        self.own.get(&who).map_or(&[], Vec::as_slice)
    }

    fn expected_delay(&self, rules: &Rules, who: Device, now: Timestamp) -> Expectation {
        let last = match who {
            Device::Unrecognised => self
                .failures
                .iter()
                .rfind(|failure| failure.who == Device::Unrecognised),
            known => self.own(known).last(),
        };
        let Some(Failure { at, before, .. }) = last else {
            return Expectation::Allowed;
        };
        let waited = now.since(*at);
        match before {
            None if waited < DELAYS[DELAYS.len() - 1] => Expectation::Unknown,
            Some(before) if *before >= rules.delay_after => {
                let wait = DELAYS[(before - rules.delay_after).min(DELAYS.len() - 1)];
                if waited < wait {
                    Expectation::Refused
                } else {
                    Expectation::Allowed
                }
            }
            _ => Expectation::Allowed,
        }
    }

    /// Records a failure. `counted`: the tenant counted it and did not report a lock. Of
    /// `concurrent` failures the order is unknown. An `Err` describes a broken rule.
    pub fn fail(
        &mut self,
        rules: &Rules,
        who: Device,
        now: Timestamp,
        counted: bool,
        concurrent: bool,
    ) -> Result<(), String> {
        let so_far = |failures: usize| (!concurrent).then_some(failures);
        let before = self.failures.len();
        self.failures.push(Failure {
            at: now,
            who,
            before: so_far(before),
        });
        if who != Device::Unrecognised {
            let own = self.own.entry(who).or_default();
            own.push(Failure {
                at: now,
                who,
                before: so_far(own.len()),
            });
            if let (Device::Recognised(number), true) = (who, own.len() >= rules.demoted_after) {
                self.known.retain(|known| *known != number);
            }
        }
        if counted {
            self.tenant_counts(rules, who, now)
        } else {
            Ok(())
        }
    }

    /// Unrecognised devices cause the tenant's lock only where one of them waited as long as the
    /// tenant is declared to remember.
    fn tenant_counts(&mut self, rules: &Rules, who: Device, now: Timestamp) -> Result<(), String> {
        self.tenant.push(now);
        if self.tenant.len() < rules.maximum {
            return Ok(());
        }
        let run = std::mem::take(&mut self.tenant);
        let unbroken = run
            .windows(2)
            .all(|pair| pair[1].since(pair[0]) < rules.memory());
        if who == Device::Unrecognised && unbroken && !self.unlocked {
            return Err(format!(
                "an unrecognised device took the tenant's last attempt: {run:?}"
            ));
        }
        Ok(())
    }

    /// Whether the failure that the tenant counted last was the one that locked the number.
    pub fn was_just_locked(&self) -> bool {
        self.tenant.is_empty()
    }

    pub fn consecutive(&self) -> usize {
        self.failures.len()
    }

    /// Whether the device of that number is recognised.
    pub fn is_recognised(&self, browser: usize) -> bool {
        self.known.contains(&browser)
    }

    /// Records a success, and returns the device's number from now on.
    pub fn succeed(&mut self, who: Device) -> usize {
        self.failures.clear();
        self.own.remove(&who);
        self.tenant.clear();
        self.unlocked = false;
        let browser = match who {
            Device::Recognised(browser) => browser,
            Device::Unrecognised => {
                self.numbered += 1;
                self.numbered
            }
        };
        self.known.retain(|device| *device != browser);
        self.known.push(browser);
        let too_many = self.known.len().saturating_sub(MOST_RECOGNISED);
        self.known.drain(..too_many);
        browser
    }

    /// The operator resets the failures.
    pub fn unlock(&mut self) {
        self.failures.clear();
        self.unlocked = true;
    }
}
