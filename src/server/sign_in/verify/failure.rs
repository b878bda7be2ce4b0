//! What follows an attempt that upstream did not accept: whether it counts, and what is
//! audit-logged.

use crate::domain::RefusalCode;
use crate::server::audit::{Event, SignInFailure};
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::{AttemptReservation, Reservations, Subject};
use crate::server::sign_in::flow::Flow;
use crate::server::sign_in::response_delay::UpstreamContact;
use crate::server::sign_in::verify::{ReservedAttempt, VerifyError};
use crate::server::sign_in::{Caller, SignInDeps, UpdateOutcome};
use crate::server::transmit::{DeliveryState, Failure, FailureKind};

impl SignInDeps {
    /// Refunds or records the attempt, and chooses the response.
    pub(super) async fn fail(
        &self,
        caller: &Caller,
        token: &Token,
        attempt: ReservedAttempt,
        failure: &Failure,
    ) -> VerifyError {
        let ReservedAttempt {
            flow,
            subject,
            attempt,
            ..
        } = attempt;
        let is_overloaded = failure.kind == FailureKind::Overloaded;
        if failure.delivery == DeliveryState::NotWritten && !is_overloaded {
            tracing::error!(
                request_id = caller.origin.request_id,
                %failure,
                "a passcode could not be verified"
            );
            self.undo_attempt(token).await;
            self.refund(attempt.charged).await;
            return RefusalCode::Unavailable.into();
        }
        // An overload of our own connections gets the neutral response: an attacker who causes it
        // must not learn which numbers wait for one.
        let is_refunded = match failure.delivery {
            DeliveryState::Unprocessed => self.refund_in_flow(token).await,
            delivery => delivery.was_not_processed(),
        };
        if is_refunded {
            self.refund(attempt.charged).await;
        } else {
            self.record_failure(caller, &flow, &subject, attempt).await;
        }
        let reason = match failure.kind {
            _ if failure.delivery.was_not_processed() => SignInFailure::Upstream,
            FailureKind::Refused(_) => SignInFailure::Refused,
            FailureKind::TokenInvalid(_) => SignInFailure::InvalidToken,
            _ => SignInFailure::Upstream,
        };
        self.emit_failure(caller, &flow, reason, Some(failure.to_string()));
        VerifyError::Neutral(Box::new(flow), UpstreamContact::Contacted)
    }

    /// Takes an attempt back that did not take place.
    pub(super) async fn undo_attempt(&self, token: &Token) {
        let undone = self
            .flow_store
            .modify(token.hash(), self.clock.now(), Flow::undo_attempt);
        if let Err(error) = undone.await {
            tracing::warn!(
                %error,
                "an attempt that was not made could not be removed from its flow"
            );
        }
    }

    /// Gives an attempt back to the flow, because upstream did not process it. Returns whether the
    /// flow took it back; the response is that to a counted attempt in any case.
    async fn refund_in_flow(&self, token: &Token) -> bool {
        let (id, now) = (token.hash(), self.clock.now());
        match self.flow_store.update(id, now, Flow::refund_attempt).await {
            Ok(outcome) => matches!(outcome, UpdateOutcome::Updated(_)),
            Err(error) => {
                tracing::warn!(%error, "an unprocessed attempt could not be refunded in its flow");
                false
            }
        }
    }

    async fn refund(&self, charged: Reservations) {
        if let Err(error) = self.guard.refund(charged, self.clock.now()).await {
            tracing::warn!(
                %error,
                "an attempt that was not made could not be refunded; its charges end later"
            );
        }
    }

    /// Records a failed attempt that counts.
    async fn record_failure(
        &self,
        caller: &Caller,
        flow: &Flow,
        subject: &Subject,
        attempt: AttemptReservation,
    ) {
        self.commit(attempt.charged);
        if let Some(failures) = attempt.alert {
            self.emit_failure_alert(caller, flow, subject, failures)
                .await;
        }
        if attempt.is_last_of_device
            && let Some(token) = &caller.browser
            && let Err(error) = self
                .devices
                .forget(token, subject.identifier, self.clock.now())
                .await
        {
            tracing::warn!(%error, "a device with too many failures is still recognised");
        }
    }

    /// Audit-logs a run of failures, once.
    async fn emit_failure_alert(
        &self,
        caller: &Caller,
        flow: &Flow,
        subject: &Subject,
        failures: u32,
    ) {
        match self
            .guard
            .claim_failure_alert(subject.identifier, self.clock.now())
            .await
        {
            Ok(false) => {}
            Ok(true) => {
                let subject = self.audit_subject(&flow.identifier);
                self.emit(caller, &Event::LoginFailMax { subject, failures });
            }
            Err(error) => {
                tracing::warn!(
                    %error,
                    failures,
                    "a run of failures of one number is not audit-logged"
                );
            }
        }
    }

    /// Makes the charges of an attempt final in the background.
    fn commit(&self, charged: Reservations) {
        let (guard, now) = (self.guard.clone(), self.clock.now());
        self.tasks.spawn(async move {
            if let Err(error) = guard.commit(charged, now).await {
                tracing::warn!(
                    %error,
                    "a reservation could not be settled; it ends with its window"
                );
            }
        });
    }
}
