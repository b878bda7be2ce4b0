//! Plays a history, and compares each answer and each call upstream with what the model says.

use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::admin::admin_socket::{AdminCommand, carry_out};
use proptest::prelude::*;

use crate::random_histories::action::{BROWSERS, Step};
use crate::random_histories::model::{Number, Rules, Verdict, Who};
use crate::random_histories::person::{Person, Says};
use crate::random_histories::two_nodes::House;
use crate::support::{Answer, KNOWN, different_code};

/// What histories met.
#[derive(Clone, Debug, Default)]
pub struct Met {
    guesses: usize,
    successes: usize,
    by_known_browsers: usize,
    limited: usize,
    no_code: usize,
    spent: usize,
    expired: usize,
    alerts: usize,
    locks: usize,
}

impl Met {
    pub fn add(&mut self, other: &Self) {
        self.guesses += other.guesses;
        self.successes += other.successes;
        self.by_known_browsers += other.by_known_browsers;
        self.limited += other.limited;
        self.no_code += other.no_code;
        self.spent += other.spent;
        self.expired += other.expired;
        self.alerts += other.alerts;
        self.locks += other.locks;
    }

    /// Whether nothing was left out that there is to meet.
    pub fn is_all(&self) -> bool {
        let Self {
            expired,
            alerts,
            locks,
            ..
        } = self;
        self.is_enough() && [expired, alerts, locks].into_iter().all(|count| *count > 0)
    }

    /// Whether nothing was left out that any few histories meet.
    pub fn is_enough(&self) -> bool {
        let Self {
            guesses,
            successes,
            by_known_browsers,
            limited,
            no_code,
            spent,
            ..
        } = self;
        [
            guesses,
            successes,
            by_known_browsers,
            limited,
            no_code,
            spent,
        ]
        .into_iter()
        .all(|count| *count > 0)
    }
}

/// A history under way.
struct Play<'a> {
    rules: &'a Rules,
    house: House,
    people: Vec<Person>,
    number: Number,
    /// The newest code on the phone has opened something.
    used: bool,
    alerts_due: usize,
    /// Since the last success or unlock failures were put on record.
    alerted: bool,
    met: Met,
}

/// Plays a history under rules; fails where the product differs from the model.
pub async fn play(rules: &Rules, steps: &[Step]) -> Result<Met, TestCaseError> {
    let house = House::build(rules).await;
    let people = (0..BROWSERS)
        .map(|number| Person::new(house.nodes[number % 2].browser()))
        .collect();
    let mut play = Play {
        rules,
        house,
        people,
        number: Number::default(),
        used: true,
        alerts_due: 0,
        alerted: false,
        met: Met::default(),
    };
    for step in steps {
        play.step(step).await?;
        play.house.agree();
        prop_assert_eq!(
            play.house.alerts(),
            play.alerts_due,
            "runs of failures on record"
        );
    }
    Ok(play.met)
}

impl Play<'_> {
    async fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::Send(who) => self.send(who).await?,
            Step::Resend(who) => self.resend(who).await?,
            Step::Wrong(who) => self.verify(who, false).await?,
            Step::Right(who) => self.verify(who, true).await?,
            Step::Burst(who, count) => self.burst(who, count).await?,
            Step::Spend(who) | Step::Try(who) => {
                let tries = if matches!(step, Step::Spend(_)) {
                    self.rules.tries()
                } else {
                    1
                };
                self.send(who).await?;
                for _ in 0..tries {
                    self.house.agree();
                    self.verify(who, false).await?;
                }
            }
            Step::SignIn(who) => {
                self.send(who).await?;
                self.house.agree();
                self.verify(who, true).await?;
            }
            Step::Anew(who) => {
                self.people[who] = Person::new(self.people[who].browser.world.browser())
            }
            Step::Move(who) => {
                let browser = &mut self.people[who].browser;
                browser.address = browser.world.next_address();
            }
            Step::Hop(who) => {
                let browser = &mut self.people[who].browser;
                browser.world = self.house.other(browser);
            }
            Step::Wait(seconds) => self.house.wait(Duration::from_secs(seconds)).await,
            Step::Restart => {
                self.house.restart().await;
                for (at, person) in self.people.iter_mut().enumerate() {
                    person.browser.world = self.house.nodes[at % 2].clone();
                }
            }
            Step::Unlock => {
                let command = AdminCommand::Unlock {
                    identifier: KNOWN.to_owned(),
                };
                carry_out(&self.house.nodes[0].product, &command).await;
                self.number.unlock();
                self.alerted = false;
            }
        }
        Ok(())
    }

    async fn messages(&self) -> usize {
        self.house.upstream.messages(KNOWN).await.len()
    }

    async fn tried(&self) -> usize {
        usize::try_from(self.house.upstream.count("otp_authenticate").await).unwrap()
    }

    /// The newest code on the phone, or one that never was there.
    async fn code(&self, right: bool) -> String {
        match self.messages().await {
            0 => "000000".to_owned(),
            _ if right => self.house.upstream.code(KNOWN).await,
            _ => different_code(&self.house.upstream.code(KNOWN).await),
        }
    }

    async fn send(&mut self, who: usize) -> Result<(), TestCaseError> {
        let (now, before) = (self.house.now(), self.messages().await);
        let sends = self.people[who].may_resend(self.rules, now).unwrap_or(true);
        let answer = self.people[who].browser.ask(KNOWN).await;
        prop_assert_eq!(answer.body, "{\"next\":\"/code\"}");
        self.arrived(who, now, before, sends).await
    }

    async fn resend(&mut self, who: usize) -> Result<(), TestCaseError> {
        let (now, before) = (self.house.now(), self.messages().await);
        let sends = self.people[who].may_resend(self.rules, now);
        let answer = self.people[who].browser.post("resend-code", &[]).await;
        let expected = match sends {
            None => 409,
            Some(true) => 200,
            Some(false) => 429,
        };
        prop_assert_eq!(answer.status.as_u16(), expected, "{}", answer.body);
        self.people[who].browser.world.settled().await;
        self.arrived(who, now, before, sends == Some(true)).await
    }

    /// What became of a send is seen on the phone; limits by number may have withheld it.
    async fn arrived(
        &mut self,
        who: usize,
        now: Timestamp,
        before: usize,
        sends: bool,
    ) -> Result<(), TestCaseError> {
        let arrived = self.messages().await - before;
        prop_assert!(arrived <= usize::from(sends), "{} messages", arrived);
        if sends {
            self.people[who].sent(now, arrived == 1);
        }
        self.used &= arrived == 0;
        Ok(())
    }

    async fn verify(&mut self, at: usize, right: bool) -> Result<(), TestCaseError> {
        let (now, who) = (self.house.now(), self.people[at].who(&self.number));
        let (code, opens) = (self.code(right).await, right && !self.used);
        let (before, counted_before) = (self.tried().await, self.house.counted_by_the_tenant());
        let says = self.people[at].tries(self.rules, who, now);
        let answer = self.people[at].browser.verify(&code).await;
        let tried = self.tried().await - before;
        if says != Says::Counts(true) {
            return self.untried(says, &answer, tried);
        }
        let verdict = self.number.verdict(self.rules, who, now);
        let expected = match verdict {
            Verdict::Yes => 1,
            Verdict::No => 0,
            Verdict::Unsure => tried,
        };
        prop_assert_eq!(
            tried,
            expected,
            "{:?} by {:?}: {} {:?}",
            verdict,
            who,
            answer.body,
            self.number
        );
        self.met.guesses += tried;
        if answer.status == 200 {
            prop_assert!(tried == 1 && opens, "let in by {:?}", code);
            self.succeeded(at, who);
            return Ok(());
        }
        prop_assert_eq!(answer.status.as_u16(), 401, "{}", answer.body);
        if tried == 0 {
            self.met.limited += 1;
            return Ok(());
        }
        let counted = self.house.counted_by_the_tenant() > counted_before;
        prop_assert!(
            !opens || !counted,
            "the right code opened nothing, and the tenant is not locked"
        );
        self.met.locks += usize::from(!counted);
        self.failed(who, now, counted, false)
    }

    /// A try that is not made: nothing counts with the number.
    fn untried(&mut self, says: Says, answer: &Answer, tried: usize) -> Result<(), TestCaseError> {
        let (status, met) = match says {
            Says::NoFlow => (409, None),
            Says::Spent => (429, Some(&mut self.met.spent)),
            Says::Expired => (410, Some(&mut self.met.expired)),
            Says::Counts(_) => (401, Some(&mut self.met.no_code)),
        };
        if let Some(met) = met {
            *met += 1;
        }
        prop_assert_eq!(
            (answer.status.as_u16(), tried),
            (status, 0),
            "{:?}: {}",
            says,
            answer.body
        );
        Ok(())
    }

    fn succeeded(&mut self, at: usize, who: Who) {
        let person = &mut self.people[at];
        (person.name, person.flow) = (Some(self.number.succeed(who)), None);
        // As signing out would, but for the calls.
        person.browser.cookies.remove("latchkey");
        (self.used, self.alerted) = (true, false);
        self.met.successes += 1;
        self.met.by_known_browsers += usize::from(who != Who::Stranger);
    }

    fn failed(
        &mut self,
        who: Who,
        now: Timestamp,
        counted: bool,
        at_once: bool,
    ) -> Result<(), TestCaseError> {
        self.number
            .fail(self.rules, who, now, counted, at_once)
            .map_err(TestCaseError::fail)?;
        if !self.alerted && !at_once && self.number.consecutive() >= self.rules.alert {
            self.alerted = true;
            self.alerts_due += 1;
            self.met.alerts += 1;
        }
        Ok(())
    }

    /// Wrong codes at once, half of them at each node: which comes first nobody knows, so only what
    /// none may exceed is known.
    async fn burst(&mut self, at: usize, count: usize) -> Result<(), TestCaseError> {
        let (now, who) = (self.house.now(), self.people[at].who(&self.number));
        // The one whose failures make a stranger of a known browser is the last: nobody knows as
        // whom others would come after it.
        let count = count.min(self.number.until_a_stranger(self.rules, who));
        let browser = self.people[at].browser.clone();
        let other = self.house.other(&browser);
        let (wrong, before, counted_before) = (
            self.code(false).await,
            self.tried().await,
            self.house.counted_by_the_tenant(),
        );
        let form = |_| browser.form("verify-code", &[("code", &wrong)]);
        let forms = |count: usize| (0..count).map(form).collect::<Vec<_>>();
        let (here, there) = (forms(count - count / 2), forms(count / 2));
        let (mut answers, more) =
            tokio::join!(browser.world.drive_all(here), other.drive_all(there));
        answers.extend(more);
        let tried = self.tried().await - before;
        for answer in &answers {
            prop_assert!(
                matches!(answer.status.as_u16(), 401 | 409 | 410 | 429),
                "{}",
                answer.body
            );
        }
        let counts = |_: &usize| self.people[at].tries(self.rules, who, now) == Says::Counts(true);
        let of_flow = (0..count).filter(counts).count();
        let most = of_flow.min(self.number.room(self.rules, who, now));
        prop_assert!(
            tried <= most,
            "{} of {} at once: {:?}",
            tried,
            count,
            self.number
        );
        if self.number.never_waits(self.rules, who, count, now) {
            prop_assert_eq!(tried, most, "of {} at once: {:?}", count, self.number);
        }
        let counted = self.house.counted_by_the_tenant() - counted_before;
        for one in 0..tried {
            self.failed(who, now, one < counted, true)?;
        }
        if !self.alerted && self.house.alerts() > self.alerts_due {
            prop_assert!(self.number.consecutive() >= self.rules.alert);
            (self.alerted, self.alerts_due) = (true, self.alerts_due + 1);
        }
        self.met.guesses += tried;
        Ok(())
    }
}
