//! "Here is the code": the try is reserved before anything is compared, and every refusal looks
//! alike.

mod failure;
mod success;

use std::time::Duration;

use crate::domain::{Passcode, Refusal, RefusalCode};
use crate::server::audit::{Event, SignInFailure};
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::{
    AttemptDecision, AttemptReservation, ExhaustedLimit, Subject, limit_name,
};
use crate::server::session::RevocationEpoch;
use crate::server::sign_in::flow::Flow;
use crate::server::sign_in::outcome::Outcome;
use crate::server::sign_in::response_delay::UpstreamContact;
use crate::server::sign_in::{Caller, SignIn, SignInDeps};
use crate::server::store::StoreError;
use crate::server::transmit::{
    AuthenticateOtp, ClientAttributes, Failure, Operation, VerifiedIdentity,
};

/// How long before the last moment of a refusal upstream's time is up.
const MARGIN: Duration = Duration::from_millis(250);

/// A try that was reserved.
struct ReservedAttempt {
    flow: Flow,
    asker: Subject,
    attempt: AttemptReservation,
    /// The newest revocation of sessions when the code came.
    after_revocation: RevocationEpoch,
}

/// Why a try ends without a session.
enum VerifyError {
    /// Told at once: it rests on the flow, the clock, or what was known before anything was
    /// written.
    Told(Refusal),
    /// One answer at one of few moments: it may rest on the number, on upstream, or on a failure of
    /// it.
    Neutral(Box<Flow>, UpstreamContact),
    /// There is no flow.
    NoFlow,
}

impl From<RefusalCode> for VerifyError {
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
            Err(VerifyError::NoFlow) => Outcome::no_flow(),
            Err(VerifyError::Told(refusal)) => parts.remembered(caller, refusal).await,
            Err(VerifyError::Neutral(flow, asked)) => {
                let tries_left = Some(flow.tries_left(&parts.policy, parts.clock.now()));
                let refusal = Refusal {
                    code: RefusalCode::CodeRefused,
                    retry_after: None,
                    tries_left,
                };
                let outcome = parts.remembered(caller, refusal).await;
                parts.refusal_moment(caller, asked).await;
                outcome
            }
        }
    }
}

impl SignInDeps {
    async fn verify(&self, caller: &Caller, typed: &str) -> Result<Outcome, VerifyError> {
        let token = caller.flow.as_ref().ok_or(VerifyError::NoFlow)?;
        // Asked together. A revocation that comes from here on ends what this code opens.
        let (flow, after_revocation) = tokio::join!(
            self.flows.get(token.hash(), self.clock.now()),
            self.sessions.newest_revocation()
        );
        let store = |error: StoreError| VerifyError::from(self.store_failed(caller, &error));
        let (flow, after_revocation) = (
            flow.map_err(store)?.ok_or(VerifyError::NoFlow)?,
            after_revocation.map_err(store)?,
        );
        let passcode = Passcode::parse(typed, self.policy.length)
            .map_err(|_| RefusalCode::InvalidCodeFormat)?;
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
    fn may_try(&self, caller: &Caller, flow: &Flow) -> Result<(), VerifyError> {
        let now = self.clock.now();
        if let Some(until) = flow.blocked_until(&self.policy, now) {
            self.failed(caller, flow, SignInFailure::TriesSpent, None);
            return Err(VerifyError::Told(Refusal {
                tries_left: Some(0),
                ..Refusal::slow_down(until.seconds_from(now))
            }));
        }
        if now >= flow.deadline(&self.policy) {
            self.failed(caller, flow, SignInFailure::Expired, None);
            return Err(RefusalCode::FlowExpired.into());
        }
        Ok(())
    }

    /// No code is burned for want of a key: client token and signing key are in hand before a try
    /// is counted.
    async fn ready(&self, caller: &Caller) -> Result<(), VerifyError> {
        let unavailable = |failure: Failure| {
            tracing::error!(request_id = caller.origin.request_id, %failure, "no passcode can be checked");
            VerifyError::from(RefusalCode::Unavailable)
        };
        self.transmit
            .can_try(Operation::OtpAuthenticate)
            .map_err(unavailable)?;
        self.transmit.prepare().await.map_err(unavailable)
    }

    /// Counts the try in the flow and with the number, before anything is compared.
    async fn reserve(
        &self,
        caller: &Caller,
        token: &Token,
        flow: &Flow,
        after_revocation: RevocationEpoch,
    ) -> Result<ReservedAttempt, VerifyError> {
        let store = |error: StoreError| VerifyError::from(self.store_failed(caller, &error));
        let now = self.clock.now();
        let asker = self.asker(caller, &flow.identifier);
        let (asker, spent) =
            tokio::try_join!(asker, self.guard.tries_spent(caller.address, now)).map_err(store)?;
        if let Some(spent) = spent {
            return Err(VerifyError::Told(self.slow_down(caller, &spent)));
        }
        let counted = self.flows.update(token.hash(), now, |current| {
            // What it costs is charged to the number of the flow that came.
            if !current.is(flow) {
                return Err(VerifyError::NoFlow);
            }
            self.may_try(caller, current)?;
            current.count_try(self.policy.wait(asker.standing), now);
            Ok::<_, VerifyError>(())
        });
        let flow = counted.await.map_err(store)?.ok_or(VerifyError::NoFlow)??;
        // A try counts against a number only where a code was sent from here.
        let counts = flow.has_code(&self.policy, now);
        match self
            .guard
            .admit_try(&asker, counts, now)
            .await
            .map_err(store)?
        {
            AttemptDecision::Refused(spent) => {
                self.uncount(token).await;
                Err(VerifyError::Told(self.slow_down(caller, &spent)))
            }
            AttemptDecision::Granted(_) if !counts => Err(self
                .silent(caller, token, flow, SignInFailure::NothingSent, None)
                .await),
            AttemptDecision::Granted(attempt) => Ok(ReservedAttempt {
                flow,
                asker,
                attempt,
                after_revocation,
            }),
            AttemptDecision::Silent(ExhaustedLimit { limit, retry_at }) => {
                let (subject, limit) = (self.subject(&flow.identifier), limit_name(&limit));
                let lock = Event::LoginLock {
                    subject,
                    limit: limit.clone(),
                    retry_at,
                };
                self.emit(caller, &lock);
                Err(self
                    .silent(caller, token, flow, SignInFailure::Limited, Some(limit))
                    .await)
            }
        }
    }

    /// Upstream is not asked; if it could not have been, the browser is told, as of a try that it
    /// could not be asked about.
    async fn silent(
        &self,
        caller: &Caller,
        token: &Token,
        flow: Flow,
        reason: SignInFailure,
        detail: Option<String>,
    ) -> VerifyError {
        if let Err(failure) = self.transmit.reach(Operation::OtpAuthenticate).await {
            tracing::error!(request_id = caller.origin.request_id, %failure, "no passcode could be checked");
            self.uncount(token).await;
            return RefusalCode::Unavailable.into();
        }
        self.failed(caller, &flow, reason, detail);
        VerifyError::Neutral(Box::new(flow), UpstreamContact::Nobody)
    }

    async fn authenticate(
        &self,
        caller: &Caller,
        attempt: &ReservedAttempt,
        passcode: &Passcode,
    ) -> Result<VerifiedIdentity, Failure> {
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
        let patience = (caller.received_at + self.verify_deadline())
            .saturating_sub(MARGIN)
            .since(self.clock.now());
        self.transmit
            .clone()
            .with_verify_timeout(patience)
            .authenticate_otp(&verify)
            .await
    }

    async fn refusal_moment(&self, caller: &Caller, asked: UpstreamContact) {
        let refuse_after = &self.settings.refuse_after;
        if let Some(moment) =
            self.pace
                .moment(asked, caller.received_at, refuse_after, self.clock.now())
        {
            self.clock.sleep_until(moment).await;
        }
    }

    fn failed(&self, caller: &Caller, flow: &Flow, reason: SignInFailure, detail: Option<String>) {
        self.emit(
            caller,
            &Event::LoginFail {
                subject: self.subject(&flow.identifier),
                reason,
                detail,
            },
        );
    }

    /// The longest that upstream may take over a verify: the last moment at which a refusal leaves.
    fn verify_deadline(&self) -> Duration {
        self.settings
            .refuse_after
            .last()
            .map_or(Duration::from_secs(10), |span| span.0)
    }
}
