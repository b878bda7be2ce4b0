//! What is promised of a number: a list of failures since the last success, and rules that look at
//! it. Knows nothing of the product.

use std::collections::BTreeMap;
use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;

use crate::support::{minutes, seconds};

/// How long the tenant locks.
pub const LOCK: Duration = minutes(15);
/// How long a failure is remembered at all.
const KEPT: Duration = minutes(400 * 24 * 60);
/// The waits between failures, once they begin.
pub const DELAYS: [Duration; 3] = [seconds(30), minutes(2), minutes(10)];
/// Browsers that are known at once.
const MOST_KNOWN: usize = 5;

/// What the tenant's policy and the settings say.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Failures before the tenant locks.
    pub maximum: usize,
    /// How long the tenant remembers failures, where the settings say it.
    pub memory_minutes: Option<u64>,
    /// Consecutive failures after which strangers wait for each other.
    pub delay_after: usize,
    /// … that are put on record.
    pub alert: usize,
    /// … after which strangers stop.
    pub strangers: usize,
    /// … after which the operator must unlock.
    pub everybody: usize,
    /// Consecutive failures of a known browser after which it is a stranger.
    pub demoted_after: usize,
    /// Whether a number gets few codes, so that many flows have none.
    pub few_sends: bool,
}

impl Rules {
    /// Tries per code.
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

    /// How long a flow waits whose tries are spent.
    pub fn wait(&self, who: Who) -> Duration {
        if who == Who::Stranger && self.maximum <= 6 {
            self.memory()
        } else {
            LOCK
        }
    }
}

/// Who tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Stranger,
    /// A known browser, by its number.
    Known(usize),
}

/// Whether a try may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Yes,
    No,
    /// Failures that came at once may or may not have begun a wait.
    Unsure,
}

#[derive(Clone, Copy, Debug)]
struct Failure {
    at: Timestamp,
    who: Who,
    /// Consecutive failures before it; unknown of those that came at once.
    before: Option<usize>,
}

/// A number.
#[derive(Debug, Default)]
pub struct Number {
    /// Failures of everybody since the last success or unlock.
    failures: Vec<Failure>,
    /// Failures of known browsers since their own last success.
    own: BTreeMap<Who, Vec<Failure>>,
    /// Known browsers, the one that signed in last at the end.
    known: Vec<usize>,
    numbered: usize,
    /// When the tenant counted failures towards its lock.
    tenant: Vec<Timestamp>,
    /// The operator unlocked here, which the tenant does not hear of.
    unlocked: bool,
}

/// Failures that are still remembered where a rest of `memory` forgets them.
fn run(
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

impl Number {
    /// Whether a code may be compared.
    pub fn verdict(&self, rules: &Rules, who: Who, now: Timestamp) -> Verdict {
        if self.room(rules, who, now) == 0 {
            Verdict::No
        } else {
            self.waits(rules, who, now)
        }
    }

    /// How many codes may be compared, but for the waits between them.
    pub fn room(&self, rules: &Rules, who: Who, now: Timestamp) -> usize {
        let all = |memory| run(self.failures.iter().map(|failure| failure.at), memory, now);
        let strangers = self
            .failures
            .iter()
            .filter(|failure| failure.who == Who::Stranger);
        let of_lock = rules.maximum.saturating_sub(all(LOCK));
        let of_everybody = match who {
            Who::Stranger => rules.strangers.saturating_sub(all(KEPT)),
            Who::Known(_) => rules.everybody.saturating_sub(all(KEPT)),
        };
        let of_their_own = match who {
            Who::Stranger => {
                let of_code = rules.tries().saturating_sub(run(
                    strangers.map(|failure| failure.at),
                    LOCK,
                    now,
                ));
                of_code.min((rules.maximum - 1).saturating_sub(all(rules.memory())))
            }
            Who::Known(_) => rules.tries().saturating_sub(run(self.of(who), LOCK, now)),
        };
        of_lock.min(of_everybody).min(of_their_own)
    }

    /// When a known browser failed.
    fn of(&self, who: Who) -> impl DoubleEndedIterator<Item = Timestamp> {
        self.own
            .get(&who)
            .into_iter()
            .flatten()
            .map(|failure| failure.at)
    }

    /// Whether nobody has to wait, however many codes come at once.
    pub fn never_waits(&self, rules: &Rules, who: Who, codes: usize, now: Timestamp) -> bool {
        let before = if who == Who::Stranger {
            self.failures.len()
        } else {
            self.own(who).len()
        };
        self.waits(rules, who, now) == Verdict::Yes && before + codes <= rules.delay_after
    }

    /// How often a known browser may fail before it is a stranger, who may fail without end.
    pub fn until_a_stranger(&self, rules: &Rules, who: Who) -> usize {
        match who {
            Who::Stranger => usize::MAX,
            Who::Known(_) => rules.demoted_after.saturating_sub(self.own(who).len()),
        }
    }

    /// Failures of a known browser since its own last success.
    fn own(&self, who: Who) -> &[Failure] {
        self.own.get(&who).map_or(&[], Vec::as_slice)
    }

    fn waits(&self, rules: &Rules, who: Who, now: Timestamp) -> Verdict {
        let last = match who {
            Who::Stranger => self
                .failures
                .iter()
                .rfind(|failure| failure.who == Who::Stranger),
            known => self.own(known).last(),
        };
        let Some(Failure { at, before, .. }) = last else {
            return Verdict::Yes;
        };
        let waited = now.since(*at);
        match before {
            None if waited < DELAYS[DELAYS.len() - 1] => Verdict::Unsure,
            Some(before) if *before >= rules.delay_after => {
                let wait = DELAYS[(before - rules.delay_after).min(DELAYS.len() - 1)];
                if waited < wait {
                    Verdict::No
                } else {
                    Verdict::Yes
                }
            }
            _ => Verdict::Yes,
        }
    }

    /// Notes a failure. `counted`: the tenant counted it, and did not say that it is locked. Of
    /// several `at_once` nobody knows who came first. What it says with `Err` breaks a promise.
    pub fn fail(
        &mut self,
        rules: &Rules,
        who: Who,
        now: Timestamp,
        counted: bool,
        at_once: bool,
    ) -> Result<(), String> {
        let so_far = |failures: usize| (!at_once).then_some(failures);
        let before = self.failures.len();
        self.failures.push(Failure {
            at: now,
            who,
            before: so_far(before),
        });
        if who != Who::Stranger {
            let own = self.own.entry(who).or_default();
            own.push(Failure {
                at: now,
                who,
                before: so_far(own.len()),
            });
            if let (Who::Known(number), true) = (who, own.len() >= rules.demoted_after) {
                self.known.retain(|known| *known != number);
            }
        }
        if counted {
            self.tenant_counts(rules, who, now)
        } else {
            Ok(())
        }
    }

    /// Strangers bring the tenant's lock about only where one of them waited for as long as the
    /// tenant is said to remember.
    fn tenant_counts(&mut self, rules: &Rules, who: Who, now: Timestamp) -> Result<(), String> {
        self.tenant.push(now);
        if self.tenant.len() < rules.maximum {
            return Ok(());
        }
        let run = std::mem::take(&mut self.tenant);
        let unbroken = run
            .windows(2)
            .all(|pair| pair[1].since(pair[0]) < rules.memory());
        if who == Who::Stranger && unbroken && !self.unlocked {
            return Err(format!("a stranger took the tenant's last try: {run:?}"));
        }
        Ok(())
    }

    /// Consecutive failures.
    pub fn consecutive(&self) -> usize {
        self.failures.len()
    }

    /// Whether the browser of that number is known.
    pub fn knows(&self, browser: usize) -> bool {
        self.known.contains(&browser)
    }

    /// Notes a success, and says what the browser is called from now on.
    pub fn succeed(&mut self, who: Who) -> usize {
        self.failures.clear();
        self.own.remove(&who);
        self.tenant.clear();
        self.unlocked = false;
        let browser = match who {
            Who::Known(browser) => browser,
            Who::Stranger => {
                self.numbered += 1;
                self.numbered
            }
        };
        self.known.retain(|known| *known != browser);
        self.known.push(browser);
        let too_many = self.known.len().saturating_sub(MOST_KNOWN);
        self.known.drain(..too_many);
        browser
    }

    /// The operator forgets what strangers did.
    pub fn unlock(&mut self) {
        self.failures.clear();
        self.unlocked = true;
    }
}
