//! What follows an attempt that upstream did not accept: whether it counts, and what is
//! audit-logged.

use crate::domain::RefusalCode;
use crate::server::audit::{Event, SignInFailure};
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::{AttemptReservation, ExhaustedLimit, Reservations, Subject};
use crate::server::sign_in::flow::Flow;
use crate::server::sign_in::verify::{ReservedAttempt, VerifyError};
use crate::server::sign_in::{Caller, SignInDeps, UpdateOutcome};
use crate::server::transmit::{DeliveryState, Failure, FailureKind, Reason};

/// Whether the response says that upstream is unavailable, because the passcode surely was not
/// sent. An overload of our own connections gets the neutral response: an attacker who causes it
/// must not learn which numbers wait for one.
pub(super) fn is_disclosed(failure: &Failure) -> bool {
    failure.delivery == DeliveryState::NotWritten && failure.kind != FailureKind::Overloaded
}

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
            reservation,
            ..
        } = attempt;
        if is_disclosed(failure) {
            tracing::error!(
                request_id = caller.origin.request_id,
                %failure,
                "a passcode could not be verified"
            );
            self.refund_attempt(token).await;
            self.refund_charges(reservation.charged).await;
            return RefusalCode::Unavailable.into();
        }
        self.compare_with_policy(failure);
        let is_refunded = match failure.delivery {
            DeliveryState::Unprocessed => self.refund_unprocessed_attempt(token).await,
            delivery => delivery.was_not_processed(),
        };
        if is_refunded {
            self.refund_charges(reservation.charged).await;
        } else {
            self.record_failure(caller, &flow, &subject, reservation)
                .await;
        }
        let reason = match failure.kind {
            _ if failure.delivery.was_not_processed() => SignInFailure::Upstream,
            FailureKind::Refused(_) => SignInFailure::Refused,
            FailureKind::TokenInvalid(_) => SignInFailure::InvalidToken,
            _ => SignInFailure::Upstream,
        };
        self.emit_failure(caller, &flow, reason, Some(failure.to_string()))
            .await;
        VerifyError::Neutral(Box::new(flow))
    }

    /// Has the tenant's policy read again where upstream's refusal does not fit it: the attempt was
    /// made before the code expired here, and before the number's attempts were exhausted. It goes
    /// on in the background, so the response is the same.
    fn compare_with_policy(&self, failure: &Failure) {
        let is_unlike_policy = matches!(
            failure.kind,
            FailureKind::Refused(Reason::PasscodeExpired | Reason::Locked)
        );
        if is_unlike_policy {
            self.tenant_policy.provoke();
        }
    }

    /// Refunds an attempt that did not take place to its flow.
    pub(super) async fn refund_attempt(&self, token: &Token) {
        let refunded = self
            .flow_store
            .modify(token.hash(), self.clock.now(), Flow::refund_attempt);
        if let Err(error) = refunded.await {
            tracing::warn!(
                %error,
                "an attempt that was not made could not be refunded in its flow"
            );
        }
    }

    /// Refunds an attempt that upstream did not process to its flow. Returns whether the flow
    /// allows it; the response is that to a counted attempt in any case.
    async fn refund_unprocessed_attempt(&self, token: &Token) -> bool {
        let (id, now) = (token.hash(), self.clock.now());
        let refunded = self
            .flow_store
            .update(id, now, Flow::refund_unprocessed_attempt);
        match refunded.await {
            Ok(outcome) => matches!(outcome, UpdateOutcome::Updated(_)),
            Err(error) => {
                tracing::warn!(%error, "an unprocessed attempt could not be refunded in its flow");
                false
            }
        }
    }

    async fn refund_charges(&self, charged: Reservations) {
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
        reservation: AttemptReservation,
    ) {
        self.commit(reservation.charged);
        for limit in &reservation.exhausted {
            self.emit_lock(caller, flow, limit).await;
        }
        if let Some(failures) = reservation.alert {
            self.emit_failure_alert(caller, flow, subject, failures)
                .await;
        }
        if reservation.is_last_of_device
            && let Some(token) = &caller.device_token
            && let Err(error) = self
                .devices
                .forget(token, subject.identifier, self.clock.now())
                .await
        {
            tracing::warn!(%error, "a device with too many failures is still recognised");
        }
    }

    /// Audit-logs that a limit of the number allows no attempts until it ends.
    pub(super) async fn emit_lock(&self, caller: &Caller, flow: &Flow, limit: &ExhaustedLimit) {
        let subject = self.audit_subject(&flow.identifier).await;
        let lock = Event::LoginLock {
            subject,
            limit: limit.kind.name().to_owned(),
            retry_at: limit.retry_at,
        };
        self.emit(caller, &lock);
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
                let subject = self.audit_subject(&flow.identifier).await;
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
