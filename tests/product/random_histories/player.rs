//! Plays a history, and compares each response and each upstream call with the model.

use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::admin::commands::{AdminCommand, run_command};
use proptest::prelude::*;

use crate::random_histories::action::{Action, BROWSERS};
use crate::random_histories::model::{Device, Expectation, NumberModel, Rules};
use crate::random_histories::person::{FlowDecision, ModelBrowser};
use crate::random_histories::two_nodes::TwoNodes;
use crate::support::{KNOWN_PHONE, TestResponse, different_code};

/// The situations that histories covered.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
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

impl Coverage {
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

    /// Whether every situation was covered.
    pub fn is_all(&self) -> bool {
        let Self {
            expired,
            alerts,
            locks,
            ..
        } = self;
        self.is_enough() && [expired, alerts, locks].into_iter().all(|count| *count > 0)
    }

    /// Whether everything was covered that any few histories cover.
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

/// A history in progress.
struct Player<'a> {
    rules: &'a Rules,
    nodes: TwoNodes,
    browsers: Vec<ModelBrowser>,
    number: NumberModel,
    /// The newest code on the phone was used, or is void since the tenant locked the number.
    used: bool,
    /// The browser that requested the newest code, to whose flow it is bound.
    requested_by: Option<usize>,
    /// That browser has asked again since, and no message came.
    was_withheld: bool,
    alerts_due: usize,
    /// An alert was audit-logged since the last success or unlock.
    alerted: bool,
    coverage: Coverage,
}

/// Plays a history under rules; fails where the product differs from the model.
pub async fn play(rules: &Rules, actions: &[Action]) -> Result<Coverage, TestCaseError> {
    let nodes = TwoNodes::start(rules).await;
    let browsers = (0..BROWSERS)
        .map(|number| ModelBrowser::new(nodes.nodes[number % 2].browser()))
        .collect();
    let mut play = Player {
        rules,
        nodes,
        browsers,
        number: NumberModel::default(),
        used: true,
        requested_by: None,
        was_withheld: false,
        alerts_due: 0,
        alerted: false,
        coverage: Coverage::default(),
    };
    for action in actions {
        play.act(action).await?;
        play.nodes.synchronise_clocks();
        prop_assert_eq!(play.nodes.alerts(), play.alerts_due, "audit-logged alerts");
    }
    Ok(play.coverage)
}

impl Player<'_> {
    async fn act(&mut self, action: &Action) -> Result<(), TestCaseError> {
        match *action {
            Action::Send(who) => self.send(who).await?,
            Action::Resend(who) => self.resend(who).await?,
            Action::WrongCode(who) => self.submit_code(who, false).await?,
            Action::RightCode(who) => self.submit_code(who, true).await?,
            Action::ConcurrentWrongCodes(who, count) => self.burst(who, count).await?,
            Action::ExhaustAttempts(who) | Action::FailOnce(who) => {
                let tries = if matches!(action, Action::ExhaustAttempts(_)) {
                    self.rules.tries()
                } else {
                    1
                };
                self.send(who).await?;
                for _ in 0..tries {
                    self.nodes.synchronise_clocks();
                    self.submit_code(who, false).await?;
                }
            }
            Action::SignIn(who) => {
                self.send(who).await?;
                self.nodes.synchronise_clocks();
                self.submit_code(who, true).await?;
            }
            Action::NewDevice(who) => {
                self.browsers[who] = ModelBrowser::new(self.browsers[who].browser.app.browser());
                self.requested_by = self.requested_by.filter(|by| *by != who);
            }
            Action::NewAddress(who) => {
                let browser = &mut self.browsers[who].browser;
                browser.address = browser.app.next_address();
            }
            Action::SwitchNode(who) => {
                let browser = &mut self.browsers[who].browser;
                browser.app = self.nodes.other_node(browser);
            }
            Action::Wait(seconds) => self.nodes.wait(Duration::from_secs(seconds)).await,
            Action::Restart => {
                self.nodes.restart().await;
                for (at, person) in self.browsers.iter_mut().enumerate() {
                    person.browser.app = self.nodes.nodes[at % 2].clone();
                }
            }
            Action::Unlock => {
                let command = AdminCommand::Unlock {
                    identifier: KNOWN_PHONE.to_owned(),
                };
                run_command(&self.nodes.nodes[0].product.admin_services(), &command).await;
                self.number.unlock();
                self.alerted = false;
            }
        }
        Ok(())
    }

    async fn messages(&self) -> usize {
        self.nodes.upstream.messages(KNOWN_PHONE).await.len()
    }

    async fn attempts_upstream(&self) -> usize {
        usize::try_from(self.nodes.upstream.call_count("otp_authenticate").await).unwrap()
    }

    /// The newest code on the phone, or a wrong one.
    async fn code(&self, right: bool) -> String {
        match self.messages().await {
            0 => "000000".to_owned(),
            _ if right => self.nodes.upstream.newest_code(KNOWN_PHONE).await,
            _ => different_code(&self.nodes.upstream.newest_code(KNOWN_PHONE).await),
        }
    }

    async fn send(&mut self, who: usize) -> Result<(), TestCaseError> {
        let (now, before) = (self.nodes.now(), self.messages().await);
        let sends = self.browsers[who]
            .may_resend(self.rules, now)
            .unwrap_or(true);
        let response = self.browsers[who].browser.request_code(KNOWN_PHONE).await;
        prop_assert_eq!(response.body, "{\"next\":\"/code\"}");
        self.record_send(who, now, before, sends).await
    }

    async fn resend(&mut self, who: usize) -> Result<(), TestCaseError> {
        let (now, before) = (self.nodes.now(), self.messages().await);
        let sends = self.browsers[who].may_resend(self.rules, now);
        let response = self.browsers[who].browser.post("resend-code", &[]).await;
        let expected = match sends {
            None => 409,
            Some(true) => 200,
            Some(false) => 429,
        };
        prop_assert_eq!(response.status.as_u16(), expected, "{}", response.body);
        self.browsers[who].browser.app.wait_for_sends().await;
        self.record_send(who, now, before, sends == Some(true))
            .await
    }

    /// The phone shows the outcome of a send, which limits by number may have withheld.
    async fn record_send(
        &mut self,
        who: usize,
        now: Timestamp,
        before: usize,
        sends: bool,
    ) -> Result<(), TestCaseError> {
        let arrived = self.messages().await - before;
        prop_assert!(arrived <= usize::from(sends), "{} messages", arrived);
        if sends {
            self.browsers[who].sent(now, arrived == 1);
        }
        if arrived == 1 {
            (self.used, self.requested_by, self.was_withheld) = (false, Some(who), false);
        } else if sends && self.requested_by == Some(who) {
            self.was_withheld = true;
        }
        Ok(())
    }

    async fn submit_code(&mut self, at: usize, right: bool) -> Result<(), TestCaseError> {
        let (now, who) = (self.nodes.now(), self.browsers[at].who(&self.number));
        let code = self.code(right).await;
        let may_sign_in = right && !self.used && self.requested_by == Some(at);
        let is_valid = may_sign_in && !self.was_withheld;
        let (before, counted_before) = (
            self.attempts_upstream().await,
            self.nodes.tenant_failure_count(),
        );
        let decision = self.browsers[at].count_attempt(self.rules, who, now);
        let response = self.browsers[at].browser.submit_code(&code).await;
        let tried = self.attempts_upstream().await - before;
        if decision != FlowDecision::Counted(true) {
            return self.check_refusal_by_flow(decision, &response, tried);
        }
        let expectation = self.number.expectation(self.rules, who, now);
        let expected = match expectation {
            Expectation::Allowed => 1,
            Expectation::Refused => 0,
            Expectation::Unknown => tried,
        };
        prop_assert_eq!(
            tried,
            expected,
            "{:?} by {:?}: {} {:?}",
            expectation,
            who,
            response.body,
            self.number
        );
        self.coverage.guesses += tried;
        if response.status == 200 {
            prop_assert!(tried == 1 && may_sign_in, "signed in with {:?}", code);
            self.record_success(at, who);
            return Ok(());
        }
        prop_assert_eq!(response.status.as_u16(), 401, "{}", response.body);
        if tried == 0 {
            self.coverage.limited += 1;
            return Ok(());
        }
        let counted = self.nodes.tenant_failure_count() > counted_before;
        prop_assert!(
            !is_valid || !counted,
            "the right code opened nothing, and the tenant is not locked"
        );
        self.coverage.locks += usize::from(!counted);
        self.record_failure(who, now, counted, false)
    }

    /// An attempt that is refused by the flow: nothing is counted for the number.
    fn check_refusal_by_flow(
        &mut self,
        decision: FlowDecision,
        response: &TestResponse,
        tried: usize,
    ) -> Result<(), TestCaseError> {
        let (status, coverage) = match decision {
            FlowDecision::NoFlow => (409, None),
            FlowDecision::Exhausted => (429, Some(&mut self.coverage.spent)),
            FlowDecision::Expired => (410, Some(&mut self.coverage.expired)),
            FlowDecision::Counted(_) => (401, Some(&mut self.coverage.no_code)),
        };
        if let Some(coverage) = coverage {
            *coverage += 1;
        }
        prop_assert_eq!(
            (response.status.as_u16(), tried),
            (status, 0),
            "{:?}: {}",
            decision,
            response.body
        );
        Ok(())
    }

    fn record_success(&mut self, at: usize, who: Device) {
        let person = &mut self.browsers[at];
        (person.name, person.flow) = (Some(self.number.succeed(who)), None);
        // Like signing out, without the calls.
        person.browser.cookies.remove("latchkey");
        (self.used, self.alerted) = (true, false);
        self.coverage.successes += 1;
        self.coverage.by_known_browsers += usize::from(who != Device::Unrecognised);
    }

    fn record_failure(
        &mut self,
        who: Device,
        now: Timestamp,
        counted: bool,
        concurrent: bool,
    ) -> Result<(), TestCaseError> {
        self.number
            .fail(self.rules, who, now, counted, concurrent)
            .map_err(TestCaseError::fail)?;
        // The failure that locks a number voids its code.
        self.used |= counted && self.number.was_just_locked();
        if !self.alerted && !concurrent && self.number.consecutive() >= self.rules.alert {
            self.alerted = true;
            self.alerts_due += 1;
            self.coverage.alerts += 1;
        }
        Ok(())
    }

    /// Submits wrong codes concurrently, half of them at each node. The order is unknown, so only
    /// upper bounds are checked.
    async fn burst(&mut self, at: usize, count: usize) -> Result<(), TestCaseError> {
        let (now, who) = (self.nodes.now(), self.browsers[at].who(&self.number));
        // The failure that makes a recognised device unrecognised must be the last, because the
        // state of later ones is unknown.
        let count = count.min(self.number.failures_until_unrecognised(self.rules, who));
        let browser = self.browsers[at].browser.clone();
        let other = self.nodes.other_node(&browser);
        let (wrong, before, counted_before) = (
            self.code(false).await,
            self.attempts_upstream().await,
            self.nodes.tenant_failure_count(),
        );
        let form = |_| browser.form("verify-code", &[("code", &wrong)]);
        let forms = |count: usize| (0..count).map(form).collect::<Vec<_>>();
        let (here, there) = (forms(count - count / 2), forms(count / 2));
        let (mut responses, more) = tokio::join!(
            browser.app.call_all_and_advance(here),
            other.call_all_and_advance(there)
        );
        responses.extend(more);
        let tried = self.attempts_upstream().await - before;
        for response in &responses {
            prop_assert!(
                matches!(response.status.as_u16(), 401 | 409 | 410 | 429),
                "{}",
                response.body
            );
        }
        let counts = |_: &usize| {
            self.browsers[at].count_attempt(self.rules, who, now) == FlowDecision::Counted(true)
        };
        let of_flow = (0..count).filter(counts).count();
        let most = of_flow.min(self.number.remaining_attempts(self.rules, who, now));
        prop_assert!(
            tried <= most,
            "{} of {} concurrent codes: {:?}",
            tried,
            count,
            self.number
        );
        if self.number.never_waits(self.rules, who, count, now) {
            prop_assert_eq!(
                tried,
                most,
                "of {} concurrent codes: {:?}",
                count,
                self.number
            );
        }
        let counted = self.nodes.tenant_failure_count() - counted_before;
        for one in 0..tried {
            self.record_failure(who, now, one < counted, true)?;
        }
        if !self.alerted && self.nodes.alerts() > self.alerts_due {
            prop_assert!(self.number.consecutive() >= self.rules.alert);
            (self.alerted, self.alerts_due) = (true, self.alerts_due + 1);
        }
        self.coverage.guesses += tried;
        Ok(())
    }
}
