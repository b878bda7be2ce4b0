//! "Here is the code": the try is reserved before anything is compared, and every refusal looks alike.

use std::time::Duration;

use super::flow::Flow;
use super::outcome::Outcome;
use super::pace::Asked;
use super::{Caller, Parts, SignIn};
use crate::domain::{Page, Passcode, Refusal, RefusalCode};
use crate::server::audit::{Event, Failing, hex};
use crate::server::cookies::{Change, Name};
use crate::server::guard::{Asker, Attempt, Granted, Standing, TryAdmission, limit_name};
use crate::server::session::{NewSession, agent::Agent};
use crate::server::store::StoreError;
use crate::server::token::Token;
use crate::server::transmit::{
    self, AuthenticateOtp, ClientAttributes, Failure, FailureKind, Identity, Operation, SessionId,
};

/// How long before the last moment of a refusal upstream's time is up.
const MARGIN: Duration = Duration::from_millis(250);

/// A try that was reserved.
struct Try {
    flow: Flow,
    asker: Asker,
    attempt: Attempt,
    /// The newest revocation of sessions when the code came.
    after_revocation: u64,
}

/// Why a try ends without a session.
enum End {
    /// Told at once: it rests on the flow, the clock, or what was known before anything was written.
    Told(Refusal),
    /// One answer at one of few moments: it may rest on the number, on upstream, or on a failure of it.
    Neutral(Box<Flow>, Asked),
    /// There is no flow.
    NoFlow,
}

impl From<RefusalCode> for End {
    fn from(code: RefusalCode) -> Self {
        Self::Told(code.into())
    }
}

impl SignIn {
    /// Tries a passcode.
    pub async fn verify(&self, caller: &Caller, typed: &str) -> Outcome {
        let parts = self.parts();
        match parts.verify(caller, typed).await {
            Ok(outcome) => outcome,
            Err(End::NoFlow) => Outcome::no_flow(),
            Err(End::Told(refusal)) => parts.remembered(caller, refusal).await,
            Err(End::Neutral(flow, asked)) => {
                let tries_left = Some(flow.tries_left(&parts.policy, parts.clock.now()));
                let refusal = Refusal { code: RefusalCode::CodeRefused, retry_after: None, tries_left };
                let outcome = parts.remembered(caller, refusal).await;
                parts.refusal_moment(caller, asked).await;
                outcome
            }
        }
    }
}

impl Parts {
    async fn verify(&self, caller: &Caller, typed: &str) -> Result<Outcome, End> {
        let token = caller.flow.as_ref().ok_or(End::NoFlow)?;
        // Asked together. A revocation that comes from here on ends what this code opens.
        let (flow, after_revocation) =
            tokio::join!(self.flows.get(token.hash(), self.clock.now()), self.sessions.newest_revocation());
        let store = |error: StoreError| End::from(self.store_failed(caller, &error));
        let (flow, after_revocation) = (flow.map_err(store)?.ok_or(End::NoFlow)?, after_revocation.map_err(store)?);
        let passcode = Passcode::parse(typed, self.policy.length).map_err(|_| RefusalCode::InvalidCodeFormat)?;
        self.may_try(caller, &flow)?;
        self.ready(caller).await?;
        let attempt = self.reserve(caller, token, &flow, after_revocation).await?;
        let identity = self.authenticate(caller, &attempt, &passcode).await;
        match identity {
            Ok(identity) => self.succeed(caller, token, attempt, identity).await,
            Err(failure) => Err(self.fail(caller, token, attempt, &failure).await),
        }
    }

    /// What the flow itself knows. Nothing goes upstream when it says no.
    fn may_try(&self, caller: &Caller, flow: &Flow) -> Result<(), End> {
        let now = self.clock.now();
        if let Some(until) = flow.blocked_until(&self.policy, now) {
            self.failed(caller, flow, Failing::TriesSpent, None);
            return Err(End::Told(Refusal { tries_left: Some(0), ..Refusal::slow_down(until.seconds_from(now)) }));
        }
        if now >= flow.deadline(&self.policy) {
            self.failed(caller, flow, Failing::Expired, None);
            return Err(RefusalCode::FlowExpired.into());
        }
        Ok(())
    }

    /// No code is burned for want of a key: client token and signing key are in hand before a try is counted.
    async fn ready(&self, caller: &Caller) -> Result<(), End> {
        let unavailable = |failure: Failure| {
            tracing::error!(request_id = caller.origin.request_id, %failure, "no passcode can be checked");
            End::from(RefusalCode::Unavailable)
        };
        self.transmit.can_try(Operation::OtpAuthenticate).map_err(unavailable)?;
        self.transmit.prepare().await.map_err(unavailable)
    }

    /// Counts the try in the flow and with the number, before anything is compared.
    async fn reserve(&self, caller: &Caller, token: &Token, flow: &Flow, after_revocation: u64) -> Result<Try, End> {
        let store = |error: StoreError| End::from(self.store_failed(caller, &error));
        let now = self.clock.now();
        let asker = self.asker(caller, &flow.identifier).await.map_err(store)?;
        let counted = self.flows.update(token.hash(), now, |flow| {
            self.may_try(caller, flow)?;
            flow.count_try(&self.policy, now);
            Ok::<_, End>(())
        });
        let flow = counted.await.map_err(store)?.ok_or(End::NoFlow)??;
        // A try counts against a number only where a code was sent from here.
        let counts = flow.has_code(&self.policy, now);
        match self.guard.admit_try(&asker, counts, now).await.map_err(store)? {
            TryAdmission::Refused { limit, retry_at } => {
                self.uncount(token).await;
                Err(End::Told(self.slow_down(caller, &limit, retry_at)))
            }
            TryAdmission::Granted(_) if !counts => {
                Err(self.silent(caller, token, flow, Failing::NothingSent, None).await)
            }
            TryAdmission::Granted(attempt) => Ok(Try { flow, asker, attempt, after_revocation }),
            TryAdmission::Silent { limit, retry_at } => {
                let (subject, limit) = (self.subject(&flow.identifier), limit_name(&limit));
                let lock = Event::LoginLock { subject, limit: limit.clone(), retry_at };
                self.emit(caller, &lock);
                Err(self.silent(caller, token, flow, Failing::Limited, Some(limit)).await)
            }
        }
    }

    /// Upstream is not asked; if it could not have been, the browser is told, as of a try that it could not be asked about.
    async fn silent(&self, caller: &Caller, token: &Token, flow: Flow, reason: Failing, detail: Option<String>) -> End {
        if let Err(failure) = self.transmit.reach(Operation::OtpAuthenticate).await {
            tracing::error!(request_id = caller.origin.request_id, %failure, "no passcode could be checked");
            self.uncount(token).await;
            return RefusalCode::Unavailable.into();
        }
        self.failed(caller, &flow, reason, detail);
        End::Neutral(Box::new(flow), Asked::Nobody)
    }

    async fn authenticate(&self, caller: &Caller, attempt: &Try, passcode: &Passcode) -> Result<Identity, Failure> {
        let flow = &attempt.flow;
        let device_id = self.device_id(attempt.asker.standing);
        let client = ClientAttributes {
            user_agent: caller.user_agent.as_deref(),
            ip_address: Some(caller.address),
            device_id: device_id.as_deref(),
        };
        let verify = AuthenticateOtp {
            identifier: &flow.identifier,
            passcode,
            request_id: flow.request_id.as_deref(),
            client,
            not_before: flow.began_at,
        };
        // A little before the last moment, so that what a late answer costs us does not show.
        let patience = (caller.received_at + self.verify_deadline()).minus(MARGIN).since(self.clock.now());
        self.transmit.clone().with_verify_timeout(patience).authenticate_otp(&verify).await
    }

    async fn succeed(&self, caller: &Caller, token: &Token, attempt: Try, identity: Identity) -> Result<Outcome, End> {
        let store = |error: StoreError| End::from(self.store_failed(caller, &error));
        let now = self.clock.now();
        // Of several correct codes one gets the flow, and with it the session.
        let Some(flow) = self.flows.take(token.hash(), now).await.map_err(store)? else {
            self.failed(caller, &attempt.flow, Failing::RaceLost, None);
            return Err(End::Neutral(Box::new(attempt.flow), Asked::Upstream));
        };
        let Try { asker, attempt, after_revocation, .. } = attempt;
        let new_browser = asker.standing == Standing::Stranger;
        let subject = self.subject(&flow.identifier);
        let (user, name) = (identity.subject.clone(), self.name_to_write(&flow, &identity));
        let upstream = identity.session_id.clone();
        let known = self.browsers.id(caller.browser.as_ref(), now).await;
        let browser_id = known.unwrap_or_else(|_| self.random.bytes());
        let new = NewSession {
            identity,
            identifier: flow.identifier.clone(),
            stay: flow.stay,
            agent: Agent::of(caller.user_agent.as_deref()),
            browser: hex(&browser_id),
            new_browser,
            after_revocation,
        };
        // Asked at once, so that they share a commit.
        let (begun, forgotten, browser) = tokio::join!(
            self.sessions.begin(new, caller.session.as_ref(), &caller.origin),
            self.guard.succeeded(&asker, token.hash(), &flow.charged, attempt.granted, now),
            self.browsers.remember(caller.browser.as_ref(), browser_id, asker.identifier, now),
        );
        let (session, live) = match begun {
            Ok(Some(begun)) => begun,
            Ok(None) => {
                self.failed(caller, &flow, Failing::Revoked, None);
                return Err(End::NoFlow);
            }
            Err(error) => {
                self.abandon(upstream);
                return Err(store(error));
            }
        };
        // The code is spent: its person is let in, whatever else could not be noted.
        let unnoted = |error: StoreError| {
            tracing::error!(request_id = caller.origin.request_id, %error, "a sign-in is not noted with its number");
        };
        if let Err(error) = forgotten {
            unnoted(error);
        }
        let browser = browser.map_err(unnoted).ok();
        let (user_key, long_absent) = (hex(&live.owner), live.session.long_absent_since().is_some());
        self.emit(caller, &Event::LoginSuccess { subject, user: user_key, new_browser, long_absent });
        if let Some(name) = name {
            self.write_name(user, name);
        }
        let next = flow.return_to.unwrap_or_else(|| Page::Account.path().to_owned());
        let outcome = Outcome::next(next, Page::Code)
            .with(Change::set(Name::Session, &session, self.sessions.cookie_lifetime(flow.stay)))
            .with(Change::Clear(Name::Flow));
        let browser = browser.map(|token| Change::set(Name::Browser, &token, Some(super::known_browser::LIFETIME)));
        Ok(browser.into_iter().fold(outcome, Outcome::with))
    }

    async fn fail(&self, caller: &Caller, token: &Token, attempt: Try, failure: &Failure) -> End {
        let overloaded = failure.kind == FailureKind::Overloaded;
        if failure.delivery == transmit::Delivery::NotWritten && !overloaded {
            tracing::error!(request_id = caller.origin.request_id, %failure, "no passcode could be checked");
            self.uncount(token).await;
            self.give_back(attempt.attempt.granted).await;
            return RefusalCode::Unavailable.into();
        }
        // Whoever fills our own places to upstream must not learn which numbers wait for one: it is answered like a try.
        let comes_back = match failure.delivery {
            transmit::Delivery::Unprocessed => self.return_try(token).await,
            delivery => delivery.is_void(),
        };
        if comes_back {
            self.give_back(attempt.attempt.granted).await;
        } else {
            self.stands(caller, &attempt.flow, &attempt.asker, attempt.attempt).await;
        }
        let reason = match failure.kind {
            _ if failure.delivery.is_void() => Failing::Upstream,
            FailureKind::Refused(_) => Failing::Refused,
            FailureKind::TokenInvalid(_) => Failing::InvalidToken,
            _ => Failing::Upstream,
        };
        self.failed(caller, &attempt.flow, reason, Some(failure.to_string()));
        End::Neutral(Box::new(attempt.flow), Asked::Upstream)
    }

    async fn refusal_moment(&self, caller: &Caller, asked: Asked) {
        let refuse_after = &self.settings.refuse_after;
        if let Some(moment) = self.pace.moment(asked, caller.received_at, refuse_after, self.clock.now()) {
            self.clock.sleep_until(moment).await;
        }
    }

    /// The try was not made.
    async fn uncount(&self, token: &Token) {
        let uncounted = self.flows.update(token.hash(), self.clock.now(), |flow| {
            flow.tries = flow.tries.saturating_sub(1);
            Ok::<_, std::convert::Infallible>(())
        });
        if let Err(error) = uncounted.await {
            tracing::warn!(%error, "a try that was not made stays counted in its flow");
        }
    }

    /// Upstream did not look at the try. The answer is that of a try that counted; the person still has it, if the flow
    /// believes it.
    async fn return_try(&self, token: &Token) -> bool {
        let returned = self.flows.update(token.hash(), self.clock.now(), |flow| match flow.return_try() {
            true => Ok(()),
            false => Err(()),
        });
        match returned.await {
            Ok(returned) => returned.is_some_and(|returned| returned.is_ok()),
            Err(error) => {
                tracing::warn!(%error, "a try that was not made stays counted");
                false
            }
        }
    }

    async fn give_back(&self, granted: Granted) {
        if let Err(error) = self.guard.give_back(granted, self.clock.now()).await {
            tracing::warn!(%error, "a try that was not made stays counted until its window ends");
        }
    }

    /// A try that failed and counts.
    async fn stands(&self, caller: &Caller, flow: &Flow, asker: &Asker, attempt: Attempt) {
        self.keep(attempt.granted);
        if let Some(failures) = attempt.alert {
            self.emit(caller, &Event::LoginFailMax { subject: self.subject(&flow.identifier), failures });
        }
        if attempt.demotes
            && let Some(token) = &caller.browser
        {
            let forgotten = self.browsers.forget(token, asker.identifier, self.clock.now()).await;
            if let Err(error) = forgotten {
                tracing::warn!(%error, "a browser that failed too often is still known");
            }
        }
    }

    /// Lets a try's charges stand, and their reservation go. Nothing waits for it.
    fn keep(&self, granted: Granted) {
        let (guard, now) = (self.guard.clone(), self.clock.now());
        self.tasks.spawn(async move {
            if let Err(error) = guard.keep(granted, now).await {
                tracing::warn!(%error, "a reservation stays until its window ends");
            }
        });
    }

    /// The name that the flow carries, if the flow created this very user: a stranger cannot plant a name.
    fn name_to_write(&self, flow: &Flow, identity: &Identity) -> Option<String> {
        let created = flow.created_user.as_ref().is_some_and(|user| *user == identity.subject);
        flow.name.clone().filter(|_| created)
    }

    /// Nobody holds this session: it ends upstream too.
    fn abandon(&self, session: SessionId) {
        let transmit = self.transmit.clone();
        self.tasks.spawn(async move {
            if let Err(failure) = transmit.logout(&session).await {
                tracing::warn!(%failure, "a session that did not begin here could not be ended upstream");
            }
        });
    }

    fn write_name(&self, user: String, name: String) {
        let transmit = self.transmit.clone();
        self.tasks.spawn(async move {
            if let Err(failure) = transmit.set_name(&user, &name).await {
                tracing::warn!(%failure, "the name of a new user could not be written");
            }
        });
    }

    fn failed(&self, caller: &Caller, flow: &Flow, reason: Failing, detail: Option<String>) {
        self.emit(caller, &Event::LoginFail { subject: self.subject(&flow.identifier), reason, detail });
    }

    /// The longest that upstream may take over a verify: the last moment at which a refusal leaves.
    fn verify_deadline(&self) -> Duration {
        self.settings.refuse_after.last().map_or(Duration::from_secs(10), |span| span.0)
    }
}
