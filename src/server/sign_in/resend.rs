//! "Send me another code", in the same flow.

use super::flow::{Delivery, Flow};
use super::outcome::Outcome;
use super::start::{Begun, Wish};
use super::{Caller, Parts, SignIn};
use crate::domain::{Page, Refusal};
use crate::server::audit::{Decision, Event, Purpose};
use crate::server::store::StoreError;

impl SignIn {
    /// Sends another code, in the text given. Within the flow's own cool-down it says so at once: that is the flow's own doing.
    pub async fn resend(&self, caller: &Caller, message: &str) -> Outcome {
        let parts = self.parts();
        match parts.resend(caller, message).await {
            Ok(Some(begun)) => match parts.settle(caller, begun).await {
                Ok(_) => Outcome::next(Page::Code.path(), Page::Code),
                Err(refusal) => parts.remembered(caller, refusal).await,
            },
            Ok(None) => Outcome::no_flow(),
            Err(refusal) => parts.remembered(caller, refusal).await,
        }
    }
}

impl Parts {
    async fn resend(&self, caller: &Caller, message: &str) -> Result<Option<Begun>, Refusal> {
        let failed = |error: StoreError| Refusal::from(self.store_failed(caller, &error));
        let now = self.clock.now();
        let Some(token) = &caller.flow else { return Ok(None) };
        let Some(flow) = self.flows.get(token.hash(), now).await.map_err(failed)? else { return Ok(None) };
        self.may_resend(&flow, now).map_err(|refusal| self.note_refused(caller, &flow, refusal))?;
        let wish = self.wish(caller, &flow.identifier, Purpose::Resend).await;
        let wish = wish.map_err(|refusal| self.note_refused(caller, &flow, refusal))?;
        let delivery = if matches!(wish, Wish::Send(..)) { Delivery::Possible } else { Delivery::Nothing };
        // Of two presses of the button one counts; the other finds the cool-down begun.
        let counted = self.flows.update(token.hash(), now, |flow| {
            self.may_resend(flow, now)?;
            flow.count_send(now);
            flow.delivery = flow.delivery.or(delivery);
            Ok(())
        });
        match counted.await.map_err(failed)? {
            None => {
                self.let_go(wish).await;
                Ok(None)
            }
            Some(Err(refusal)) => {
                self.let_go(wish).await;
                Err(self.note_refused(caller, &flow, refusal))
            }
            Some(Ok(_)) => {
                let unreached = self.fulfil(caller, wish, token, &flow.identifier, Purpose::Resend, message);
                Ok(Some(Begun { token: token.clone(), before: Some(flow), unreached: Some(unreached) }))
            }
        }
    }

    fn may_resend(&self, flow: &Flow, now: crate::server::clock::Timestamp) -> Result<(), Refusal> {
        // A code that cannot be tried is not worth a message.
        let wait_until = flow.blocked_until(&self.policy, now).unwrap_or_else(|| flow.resend_at(&self.policy));
        if now < wait_until { Err(Refusal::slow_down(wait_until.seconds_from(now))) } else { Ok(()) }
    }

    fn note_refused(&self, caller: &Caller, flow: &Flow, refusal: Refusal) -> Refusal {
        let decision = Decision::Refused { code: refusal.code };
        let subject = self.subject(&flow.identifier);
        self.emit(caller, &Event::CodeRequested { subject, purpose: Purpose::Resend, decision });
        refusal
    }

    async fn let_go(&self, wish: Wish) {
        if let Wish::Send(_, granted) = wish
            && let Err(error) = self.guard.give_back(granted, self.clock.now()).await
        {
            tracing::warn!(%error, "charges for a send that was not made stand until their windows end");
        }
    }

    /// A refusal that the code page shows: the flow remembers it.
    pub(super) async fn remembered(&self, caller: &Caller, refusal: Refusal) -> Outcome {
        if let Some(token) = &caller.flow {
            let noted = self.flows.update(token.hash(), self.clock.now(), |flow| {
                flow.refusal = Some(refusal);
                Ok::<_, std::convert::Infallible>(())
            });
            if let Err(error) = noted.await {
                tracing::warn!(%error, "a refusal could not be noted in its flow");
            }
        }
        Outcome::refused(refusal, Page::Code)
    }
}
