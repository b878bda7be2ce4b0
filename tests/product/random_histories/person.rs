//! A browser, and the expected state of its own flow.

use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;

use crate::random_histories::model::{Device, NumberModel, Rules};
use crate::support::{Browser, minutes, seconds};

/// How long a code may be used.
const CODE_LIFETIME: Duration = minutes(5);
/// How long a flow is kept after its last send.
const FLOW_LIFETIME: Duration = minutes(30);
/// The cool-down between sends.
const COOL_DOWN: [Duration; 3] = [seconds(30), minutes(1), minutes(2)];

/// A browser and its expected state.
pub struct ModelBrowser {
    pub browser: Browser,
    pub flow: Option<FlowModel>,
    /// The number of its recognised device.
    pub name: Option<usize>,
}

/// The expected state of a flow.
#[derive(Clone, Copy, Debug)]
pub struct FlowModel {
    sent_at: Timestamp,
    sends: usize,
    /// The newest code that was really sent for it.
    code_at: Option<Timestamp>,
    tries: usize,
    tries_until: Timestamp,
}

/// What a flow decides about an attempt before the guard is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowDecision {
    NoFlow,
    Exhausted,
    Expired,
    /// The attempt counts in the flow; whether a code was sent for it.
    Counted(bool),
}

impl ModelBrowser {
    pub fn new(browser: Browser) -> Self {
        Self {
            browser,
            flow: None,
            name: None,
        }
    }

    /// The device as which it submits a code.
    pub fn who(&self, number: &NumberModel) -> Device {
        match self.name {
            Some(name) if number.is_recognised(name) => Device::Recognised(name),
            _ => Device::Unrecognised,
        }
    }

    fn live(&self, now: Timestamp) -> Option<FlowModel> {
        self.flow.filter(|flow| now < flow.sent_at + FLOW_LIFETIME)
    }

    /// What a resend meets: `None` without a flow, else whether it is accepted.
    pub fn may_resend(&self, rules: &Rules, now: Timestamp) -> Option<bool> {
        let flow = self.live(now)?;
        let wait = COOL_DOWN[(flow.sends - 1).min(COOL_DOWN.len() - 1)];
        Some(now >= flow.sent_at + wait && !flow.is_spent(rules, now))
    }

    /// Records an accepted send; `arrived` if the message was sent.
    pub fn sent(&mut self, now: Timestamp, arrived: bool) {
        let fresh = FlowModel {
            sent_at: now,
            sends: 0,
            code_at: None,
            tries: 0,
            tries_until: now,
        };
        let mut flow = self.live(now).unwrap_or(fresh);
        (flow.sent_at, flow.sends) = (now, flow.sends + 1);
        flow.code_at = if arrived { Some(now) } else { flow.code_at };
        self.flow = Some(flow);
    }

    /// Asks the flow about an attempt, which it counts.
    pub fn count_attempt(&mut self, rules: &Rules, who: Device, now: Timestamp) -> FlowDecision {
        let Some(mut flow) = self.live(now) else {
            return FlowDecision::NoFlow;
        };
        if flow.is_spent(rules, now) {
            return FlowDecision::Exhausted;
        }
        if now >= flow.sent_at + CODE_LIFETIME {
            return FlowDecision::Expired;
        }
        if now >= flow.tries_until {
            flow.tries = 0;
        }
        (flow.tries, flow.tries_until) = (flow.tries + 1, now + rules.wait(who));
        self.flow = Some(flow);
        FlowDecision::Counted(flow.code_at.is_some_and(|sent| now < sent + CODE_LIFETIME))
    }
}

impl FlowModel {
    fn is_spent(&self, rules: &Rules, now: Timestamp) -> bool {
        now < self.tries_until && self.tries >= rules.tries()
    }
}
