//! A code that opened nothing: whether the try counts, and what is put on record. The browser sees
//! one answer for most of it.

use crate::domain::RefusalCode;
use crate::server::audit::{Event, SignInFailure};
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::{AttemptReservation, Reservations, Subject};
use crate::server::sign_in::flow::Flow;
use crate::server::sign_in::response_delay::UpstreamContact;
use crate::server::sign_in::verify::{ReservedAttempt, VerifyError};
use crate::server::sign_in::{Caller, SignInDeps};
use crate::server::transmit::{self, Failure, FailureKind};

impl SignInDeps {
    /// What becomes of a try that upstream did not accept.
    pub(super) async fn fail(
        &self,
        caller: &Caller,
        token: &Token,
        attempt: ReservedAttempt,
        failure: &Failure,
    ) -> VerifyError {
        let overloaded = failure.kind == FailureKind::Overloaded;
        if failure.delivery == transmit::DeliveryState::NotWritten && !overloaded {
            tracing::error!(request_id = caller.origin.request_id, %failure, "no passcode could be checked");
            self.uncount(token).await;
            self.give_back(attempt.attempt.granted).await;
            return RefusalCode::Unavailable.into();
        }
        // Whoever fills our own places to upstream must not learn which numbers wait for one: it is
        // answered like a try.
        let comes_back = match failure.delivery {
            transmit::DeliveryState::Unprocessed => self.return_try(token).await,
            delivery => delivery.is_void(),
        };
        if comes_back {
            self.give_back(attempt.attempt.granted).await;
        } else {
            self.stands(caller, &attempt.flow, &attempt.asker, attempt.attempt)
                .await;
        }
        let reason = match failure.kind {
            _ if failure.delivery.is_void() => SignInFailure::Upstream,
            FailureKind::Refused(_) => SignInFailure::Refused,
            FailureKind::TokenInvalid(_) => SignInFailure::InvalidToken,
            _ => SignInFailure::Upstream,
        };
        self.failed(caller, &attempt.flow, reason, Some(failure.to_string()));
        VerifyError::Neutral(Box::new(attempt.flow), UpstreamContact::Upstream)
    }

    /// The try was not made.
    pub(super) async fn uncount(&self, token: &Token) {
        let uncounted = self.flows.update(token.hash(), self.clock.now(), |flow| {
            flow.tries = flow.tries.saturating_sub(1);
            Ok::<_, std::convert::Infallible>(())
        });
        if let Err(error) = uncounted.await {
            tracing::warn!(%error, "a try that was not made stays counted in its flow");
        }
    }

    /// Upstream did not look at the try. The answer is that of a try that counted; the person still
    /// has it, if the flow believes it.
    async fn return_try(&self, token: &Token) -> bool {
        let returned = self.flows.update(token.hash(), self.clock.now(), |flow| {
            match flow.return_try() {
                true => Ok(()),
                false => Err(()),
            }
        });
        match returned.await {
            Ok(returned) => returned.is_some_and(|returned| returned.is_ok()),
            Err(error) => {
                tracing::warn!(%error, "a try that was not made stays counted");
                false
            }
        }
    }

    async fn give_back(&self, granted: Reservations) {
        if let Err(error) = self.guard.give_back(granted, self.clock.now()).await {
            tracing::warn!(%error, "a try that was not made stays counted until its window ends");
        }
    }

    /// A try that failed and counts.
    async fn stands(
        &self,
        caller: &Caller,
        flow: &Flow,
        asker: &Subject,
        attempt: AttemptReservation,
    ) {
        self.keep(attempt.granted);
        if let Some(failures) = attempt.alert {
            self.alert(caller, flow, asker, failures).await;
        }
        if attempt.demotes
            && let Some(token) = &caller.browser
        {
            let forgotten = self
                .browsers
                .forget(token, asker.identifier, self.clock.now())
                .await;
            if let Err(error) = forgotten {
                tracing::warn!(%error, "a browser that failed too often is still known");
            }
        }
    }

    /// Puts a run of failures on record, once.
    async fn alert(&self, caller: &Caller, flow: &Flow, asker: &Subject, failures: u32) {
        match self.guard.alerts(asker.identifier, self.clock.now()).await {
            Ok(false) => {}
            Ok(true) => self.emit(
                caller,
                &Event::LoginFailMax {
                    subject: self.subject(&flow.identifier),
                    failures,
                },
            ),
            Err(error) => {
                tracing::warn!(%error, failures, "a run of failures at one number is not put on record")
            }
        }
    }

    /// Lets a try's charges stand, and their reservation go. Nothing waits for it.
    fn keep(&self, granted: Reservations) {
        let (guard, now) = (self.guard.clone(), self.clock.now());
        self.tasks.spawn(async move {
            if let Err(error) = guard.keep(granted, now).await {
                tracing::warn!(%error, "a reservation stays until its window ends");
            }
        });
    }
}
