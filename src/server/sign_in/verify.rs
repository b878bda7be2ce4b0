//! The verification of a passcode.
//!
//! The attempt is reserved before anything is compared, and every refusal has the same response.

mod failure;
mod recycled_number;
mod success;

use std::time::Duration;

use crate::domain::{Page, Passcode, Refusal, RefusalCode};
use crate::server::audit::{Event, SignInFailure};
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::{AttemptDecision, AttemptReservation, ExhaustedLimit, Subject};
use crate::server::session::RevocationEpoch;
use crate::server::sign_in::flow::{Flow, is_of_flow};
use crate::server::sign_in::outcome::Outcome;
use crate::server::sign_in::response_delay::{AttemptTiming, UpstreamContact};
use crate::server::sign_in::{Caller, SignIn, SignInDeps, UpdateOutcome};
use crate::server::transmit::{
    AuthenticateOtp, ClientAttributes, Failure, Operation, VerifiedIdentity,
};

/// Longest wait for the answer to the send of a code that is verified.
const MAX_REQUEST_ID_WAIT: Duration = Duration::from_secs(1);

/// An attempt that is reserved.
struct ReservedAttempt {
    flow: Flow,
    subject: Subject,
    reservation: AttemptReservation,
    /// The newest revocation of sessions when the code arrived.
    epoch: RevocationEpoch,
}

/// Why an attempt ends without a session.
enum VerifyError {
    /// Disclosed immediately: it depends on the flow, the clock, or on what was known before
    /// anything was sent.
    Disclosed(Refusal),
    /// Answered by the one neutral response after a fixed delay: it may depend on the number or on
    /// upstream.
    Neutral(Box<Flow>),
    NoFlow,
    /// The form belongs to another flow. Nothing is checked or counted.
    StaleFlow,
}

/// Why the flow itself does not allow an attempt.
struct RefusedByFlow {
    reason: SignInFailure,
    refusal: Refusal,
}

impl From<RefusalCode> for VerifyError {
    fn from(code: RefusalCode) -> Self {
        Self::Disclosed(code.into())
    }
}

impl SignIn {
    /// Verifies a passcode. `tag` is that of the flow whose page the form is on
    /// ([`flow_tag`](crate::server::sign_in::flow::flow_tag)).
    pub async fn verify(&self, caller: &Caller, typed: &str, tag: Option<&str>) -> Outcome {
        let deps = self.deps();
        let timing = deps.response_delay.begin(caller.received_at);
        match deps.verify(caller, &timing, typed, tag).await {
            Ok(outcome) => outcome,
            Err(VerifyError::NoFlow) => Outcome::no_flow(),
            Err(VerifyError::StaleFlow) => Outcome::refused(RefusalCode::StaleFlow, Page::Code),
            Err(VerifyError::Disclosed(refusal)) => deps.refuse_on_code_page(caller, refusal).await,
            Err(VerifyError::Neutral(flow)) => {
                let refusal = Refusal {
                    tries_left: Some(flow.attempts_left(&deps.policy.now(), deps.clock.now())),
                    ..Refusal::new(RefusalCode::CodeRefused)
                };
                let outcome = deps.refuse_on_code_page(caller, refusal).await;
                deps.response_delay.wait(&timing).await;
                outcome
            }
        }
    }
}

impl SignInDeps {
    async fn verify(
        &self,
        caller: &Caller,
        timing: &AttemptTiming,
        typed: &str,
        tag: Option<&str>,
    ) -> Result<Outcome, VerifyError> {
        let token = caller.flow.as_ref().ok_or(VerifyError::NoFlow)?;
        self.wait_for_request_id(token).await;
        // Read together. A revocation from here on ends the session that this code creates.
        let (flow, epoch) = tokio::join!(
            self.flow_store.get(token.hash(), self.clock.now()),
            self.sessions.revocation_epoch()
        );
        let store_failed = self.on_store_error(caller);
        let flow = flow.map_err(store_failed)?.ok_or(VerifyError::NoFlow)?;
        let epoch = epoch.map_err(store_failed)?;
        if !is_of_flow(tag, token) {
            return Err(VerifyError::StaleFlow);
        }
        let passcode = self.parse_passcode(&flow, typed)?;
        if let Err(refused) = self.check_flow(&flow) {
            return Err(self.refuse_flow(caller, &flow, refused).await);
        }
        self.prepare_verify(caller).await?;
        let attempt = self
            .reserve_attempt(caller, timing, token, &flow, epoch)
            .await?;
        match self.authenticate(caller, timing, &attempt, &passcode).await {
            Ok(identity) => self.succeed(caller, token, attempt, identity).await,
            Err(failure) => Err(self.fail(caller, token, attempt, &failure).await),
        }
    }

    /// Waits for the request id of a code that was read before upstream had answered its send. The
    /// wait is short, so that it does not move the response to a refused code.
    async fn wait_for_request_id(&self, token: &Token) {
        if self.transmit.requests_ids() {
            let id = token.hash();
            let wait = self.send_queue.wait_for(&id);
            // Upstream then refuses a code without its id, like any other wrong code.
            let _ = self.clock.timeout(self.request_id_wait(), wait).await;
        }
    }

    fn request_id_wait(&self) -> Duration {
        let first = self.settings.refuse_after.first();
        MAX_REQUEST_ID_WAIT.min(first.map_or(Duration::ZERO, |delay| delay.0) / 2)
    }

    /// Parses a passcode of a length that a code of the flow may have.
    fn parse_passcode(&self, flow: &Flow, typed: &str) -> Result<Passcode, VerifyError> {
        let lengths = flow.code_lengths(&self.policy.now());
        lengths
            .into_iter()
            .find_map(|length| Passcode::parse(typed, length).ok())
            .ok_or_else(|| {
                let (policy, now) = (self.policy.now(), self.clock.now());
                let refusal = Refusal {
                    tries_left: flow.tries_left(&policy, now),
                    ..Refusal::new(RefusalCode::InvalidCodeFormat)
                };
                VerifyError::Disclosed(refusal)
            })
    }

    /// Checks that the flow itself allows an attempt. Nothing is sent upstream otherwise.
    fn check_flow(&self, flow: &Flow) -> Result<(), RefusedByFlow> {
        let (policy, now) = (self.policy.now(), self.clock.now());
        if let Some(until) = flow.blocked_until(&policy, now) {
            return Err(RefusedByFlow {
                reason: SignInFailure::TriesSpent,
                refusal: Refusal {
                    tries_left: Some(0),
                    ..Refusal::slow_down(until.seconds_from(now))
                },
            });
        }
        if now >= flow.deadline(&policy) {
            return Err(RefusedByFlow {
                reason: SignInFailure::Expired,
                refusal: RefusalCode::FlowExpired.into(),
            });
        }
        Ok(())
    }

    /// Audit-logs the refusal of an attempt by its flow.
    async fn refuse_flow(
        &self,
        caller: &Caller,
        flow: &Flow,
        refused: RefusedByFlow,
    ) -> VerifyError {
        self.emit_failure(caller, flow, refused.reason, None).await;
        VerifyError::Disclosed(refused.refusal)
    }

    /// Gets a client token and a signing key before an attempt is counted, so that no code is lost
    /// for lack of one.
    async fn prepare_verify(&self, caller: &Caller) -> Result<(), VerifyError> {
        let unavailable = |failure: Failure| {
            tracing::error!(
                request_id = caller.origin.request_id,
                %failure,
                "no passcode can be verified"
            );
            VerifyError::from(RefusalCode::Unavailable)
        };
        self.transmit
            .check_available(Operation::OtpAuthenticate)
            .map_err(unavailable)?;
        self.transmit.prepare().await.map_err(unavailable)
    }

    /// Counts the attempt in the flow and by the number, before anything is compared.
    async fn reserve_attempt(
        &self,
        caller: &Caller,
        timing: &AttemptTiming,
        token: &Token,
        flow: &Flow,
        epoch: RevocationEpoch,
    ) -> Result<ReservedAttempt, VerifyError> {
        let store_failed = self.on_store_error(caller);
        let now = self.clock.now();
        let (subject, exhausted) = tokio::try_join!(
            self.guard_subject(caller, &flow.identifier),
            self.guard.exhausted_attempts(caller.address, now)
        )
        .map_err(store_failed)?;
        let slow_down =
            |limit: ExhaustedLimit| VerifyError::Disclosed(self.slow_down(caller, &limit));
        if let Some(limit) = exhausted {
            return Err(slow_down(limit));
        }
        let counted = self.flow_store.update(token.hash(), now, |current| {
            // The attempt is charged to the number of the flow that was read.
            if !current.is_same_flow(flow) {
                return Err(None);
            }
            self.check_flow(current)?;
            current.count_attempt(self.policy.now().lockout(subject.device), now);
            Ok::<_, Option<RefusedByFlow>>(())
        });
        let flow = match counted.await.map_err(store_failed)? {
            UpdateOutcome::Updated(flow) => flow,
            UpdateOutcome::Rejected(Some(refused)) => {
                return Err(self.refuse_flow(caller, flow, refused).await);
            }
            UpdateOutcome::Rejected(None) | UpdateOutcome::NotFound => {
                return Err(VerifyError::NoFlow);
            }
        };
        // An attempt counts against a number only if a code was sent from here. One that must be
        // bound to its flow and is not is never sent upstream.
        let is_bound = flow.request_id.is_some() || !self.transmit.requires_request_ids();
        let counts = flow.has_code(&self.policy.now(), now) && is_bound;
        match self
            .guard
            .reserve_attempt(&subject, counts, now)
            .await
            .map_err(store_failed)?
        {
            AttemptDecision::Refused(limit) => {
                self.refund_attempt(token).await;
                Err(slow_down(limit))
            }
            AttemptDecision::Granted(_) if !counts => Err(self
                .refuse_undisclosed(
                    caller,
                    timing,
                    token,
                    flow,
                    SignInFailure::NothingSent,
                    None,
                )
                .await),
            AttemptDecision::Granted(reservation) => Ok(ReservedAttempt {
                flow,
                subject,
                reservation,
                epoch,
            }),
            AttemptDecision::RefusedUndisclosed(limit) => {
                self.emit_lock(caller, &flow, &limit).await;
                let limit = limit.kind.name().to_owned();
                Err(self
                    .refuse_undisclosed(
                        caller,
                        timing,
                        token,
                        flow,
                        SignInFailure::Limited,
                        Some(limit),
                    )
                    .await)
            }
        }
    }

    /// Refuses an attempt as upstream would refuse a wrong code, without asking upstream. If
    /// upstream cannot be reached, the response says so, as it would for any other attempt.
    async fn refuse_undisclosed(
        &self,
        caller: &Caller,
        timing: &AttemptTiming,
        token: &Token,
        flow: Flow,
        reason: SignInFailure,
        detail: Option<String>,
    ) -> VerifyError {
        let check = self.transmit.check_connectivity(Operation::OtpAuthenticate);
        let contact = UpstreamContact::ConnectivityCheck;
        let checked = self
            .response_delay
            .measure(timing, contact, check, failure::is_disclosed);
        if let Err(failure) = checked.await {
            tracing::error!(
                request_id = caller.origin.request_id,
                %failure,
                "a passcode could not be verified"
            );
            self.refund_attempt(token).await;
            return RefusalCode::Unavailable.into();
        }
        self.emit_failure(caller, &flow, reason, detail).await;
        VerifyError::Neutral(Box::new(flow))
    }

    async fn authenticate(
        &self,
        caller: &Caller,
        timing: &AttemptTiming,
        attempt: &ReservedAttempt,
        passcode: &Passcode,
    ) -> Result<VerifiedIdentity, Failure> {
        let flow = &attempt.flow;
        let device_id = self.device_id(attempt.subject.device);
        let channels = flow.channels();
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
            channels: &channels,
            not_before: flow.began_at,
        };
        let transmit = self
            .transmit
            .clone()
            .with_verify_timeout(self.response_delay.upstream_timeout(timing));
        let (call, contact) = (transmit.authenticate_otp(&verify), UpstreamContact::Verify);
        self.response_delay
            .measure(timing, contact, call, failure::is_disclosed)
            .await
    }

    async fn emit_failure(
        &self,
        caller: &Caller,
        flow: &Flow,
        reason: SignInFailure,
        detail: Option<String>,
    ) {
        let subject = self.audit_subject(&flow.identifier).await;
        self.emit(
            caller,
            &Event::LoginFail {
                subject,
                channel: flow.channel(),
                reason,
                detail,
            },
        );
    }
}
