//! "Send me another code", in the same flow.

use crate::domain::timestamp::Timestamp;
use crate::domain::{Page, Refusal};
use crate::server::audit::{Event, LimitDecision, Purpose};
use crate::server::guard::SendRecord;
use crate::server::sign_in::flow::Flow;
use crate::server::sign_in::outcome::Outcome;
use crate::server::sign_in::send::{CountedSend, Send};
use crate::server::sign_in::{Caller, SignIn, SignInDeps};
use crate::server::store::StoreError;

impl SignIn {
    /// Sends another code, in the text given. Within the flow's own cool-down it says so at once:
    /// that is the flow's own doing.
    pub async fn resend(&self, caller: &Caller, message: &str) -> Outcome {
        let parts = self.parts();
        match parts.resend(caller, message).await {
            Ok(Some(())) => Outcome::next(Page::Code.path(), Page::Code),
            Ok(None) => Outcome::no_flow(),
            Err(refusal) => parts.remembered(caller, refusal).await,
        }
    }
}

impl SignInDeps {
    async fn resend(&self, caller: &Caller, message: &str) -> Result<Option<()>, Refusal> {
        let failed = |error: StoreError| Refusal::from(self.store_failed(caller, &error));
        let now = self.clock.now();
        let Some(token) = &caller.flow else {
            return Ok(None);
        };
        let Some(flow) = self.flows.get(token.hash(), now).await.map_err(failed)? else {
            return Ok(None);
        };
        let refused = |refusal| self.note_refused(caller, &flow, refusal);
        self.may_resend(&flow, now).map_err(refused)?;
        let region = self.region(&flow.identifier);
        let spent = self
            .guard
            .sends_spent(caller.address, region.as_ref(), now)
            .await
            .map_err(failed)?;
        if let Some(spent) = spent.of(flow.charges_user()) {
            return Err(refused(self.slow_down(caller, spent)));
        }
        let place = self.ready_to_send(caller).await.map_err(refused)?;
        // Of two presses of the button one counts; the other finds the cool-down begun.
        let sent = SendRecord::new(now, caller.address, &self.random);
        let (mut before, mut charges_user) = (None, false);
        let counted = self.flows.update(token.hash(), now, |flow| {
            self.may_resend(flow, now)?;
            (before, charges_user) = (Some(flow.clone()), flow.charges_user());
            flow.count_send(sent);
            Ok(())
        });
        let Some(counted) = counted.await.map_err(failed)? else {
            return Ok(None);
        };
        let counted = CountedSend {
            token: token.clone(),
            flow: counted.map_err(refused)?,
            before,
            sent,
            charges_user,
        };
        let send = Send {
            purpose: Purpose::Resend,
            message,
            place,
        };
        self.send(caller, counted, send).await.map_err(refused)?;
        Ok(Some(()))
    }

    fn may_resend(&self, flow: &Flow, now: Timestamp) -> Result<(), Refusal> {
        // A code that cannot be tried is not worth a message.
        let wait_until = flow
            .blocked_until(&self.policy, now)
            .unwrap_or_else(|| flow.resend_at(&self.policy));
        if now < wait_until {
            Err(Refusal::slow_down(wait_until.seconds_from(now)))
        } else {
            Ok(())
        }
    }

    fn note_refused(&self, caller: &Caller, flow: &Flow, refusal: Refusal) -> Refusal {
        let decision = LimitDecision::Refused { code: refusal.code };
        let subject = self.subject(&flow.identifier);
        self.emit(
            caller,
            &Event::CodeRequested {
                subject,
                purpose: Purpose::Resend,
                decision,
            },
        );
        refusal
    }

    /// A refusal that the code page shows: the flow remembers it.
    pub(super) async fn remembered(&self, caller: &Caller, refusal: Refusal) -> Outcome {
        if let Some(token) = &caller.flow {
            let noted = self.flows.update(token.hash(), self.clock.now(), |flow| {
                let former = flow.clone();
                flow.refusal = Some(refusal);
                flow.note(&former);
                Ok::<_, std::convert::Infallible>(())
            });
            if let Err(error) = noted.await {
                tracing::warn!(%error, "a refusal could not be noted in its flow");
            }
        }
        Outcome::refused(refusal, Page::Code)
    }
}
