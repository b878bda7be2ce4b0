//! A browser, and what its own flow says of it.

use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;

use crate::random_histories::model::{Number, Rules, Who};
use crate::support::{Browser, minutes, seconds};

/// How long a code may be used.
const CODE: Duration = minutes(5);
/// How long a flow lives after its last send.
const FLOW: Duration = minutes(30);
/// The waits between sends.
const COOL_DOWN: [Duration; 3] = [seconds(30), minutes(1), minutes(2)];

/// Somebody with a browser.
pub struct Person {
    pub browser: Browser,
    pub flow: Option<Flow>,
    /// What the browser was called when it signed in.
    pub name: Option<usize>,
}

/// What a browser asked for.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    sent_at: Timestamp,
    sends: usize,
    /// The newest code that really went out for it.
    code_at: Option<Timestamp>,
    tries: usize,
    tries_until: Timestamp,
}

/// What a flow says of a try before anybody else is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// There is none.
    NoFlow,
    Spent,
    Expired,
    /// The try counts in the flow; whether a code went out for it.
    Counts(bool),
}

impl Person {
    pub fn new(browser: Browser) -> Self {
        Self {
            browser,
            flow: None,
            name: None,
        }
    }

    /// As whom it tries.
    pub fn who(&self, number: &Number) -> Who {
        match self.name {
            Some(name) if number.knows(name) => Who::Known(name),
            _ => Who::Stranger,
        }
    }

    fn live(&self, now: Timestamp) -> Option<Flow> {
        self.flow.filter(|flow| now < flow.sent_at + FLOW)
    }

    /// What asking again in its flow meets: `None` if it has none, else whether it is asked for.
    pub fn may_resend(&self, rules: &Rules, now: Timestamp) -> Option<bool> {
        let flow = self.live(now)?;
        let wait = COOL_DOWN[(flow.sends - 1).min(COOL_DOWN.len() - 1)];
        Some(now >= flow.sent_at + wait && !flow.is_spent(rules, now))
    }

    /// Notes a send that was asked for; `arrived` if it went out.
    pub fn sent(&mut self, now: Timestamp, arrived: bool) {
        let fresh = Flow {
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

    /// Asks the flow about a try, which it counts.
    pub fn tries(&mut self, rules: &Rules, who: Who, now: Timestamp) -> Says {
        let Some(mut flow) = self.live(now) else {
            return Says::NoFlow;
        };
        if flow.is_spent(rules, now) {
            return Says::Spent;
        }
        if now >= flow.sent_at + CODE {
            return Says::Expired;
        }
        if now >= flow.tries_until {
            flow.tries = 0;
        }
        (flow.tries, flow.tries_until) = (flow.tries + 1, now + rules.wait(who));
        self.flow = Some(flow);
        Says::Counts(flow.code_at.is_some_and(|sent| now < sent + CODE))
    }
}

impl Flow {
    fn is_spent(&self, rules: &Rules, now: Timestamp) -> bool {
        now < self.tries_until && self.tries >= rules.tries()
    }
}
