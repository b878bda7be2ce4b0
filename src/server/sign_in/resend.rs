//! Requests for another code in the same flow.

use crate::domain::timestamp::Timestamp;
use crate::domain::{Channel, LimitReason, Page, Refusal, RefusalCode};
use crate::server::audit::Purpose;
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::SendRecord;
use crate::server::sign_in::flow::{Flow, is_of_flow};
use crate::server::sign_in::outcome::Outcome;
use crate::server::sign_in::send::{CountedSend, SendContext};
use crate::server::sign_in::{Caller, SignIn, SignInDeps, UpdateOutcome};

/// Why no other code is sent.
enum ResendError {
    NoFlow,
    /// The form belongs to another flow. Nothing is sent, and the flow is not changed.
    StaleFlow,
    Refused(Refusal),
}

impl<T: Into<Refusal>> From<T> for ResendError {
    fn from(refusal: T) -> Self {
        Self::Refused(refusal.into())
    }
}

impl SignIn {
    /// Sends another code by this channel, an SMS with this message. A refusal by the flow's own
    /// cool-down is immediate, because it discloses only what the flow itself did. `tag` is that of
    /// the flow whose page the form is on
    /// ([`flow_tag`](crate::server::sign_in::flow::flow_tag)).
    pub async fn resend(
        &self,
        caller: &Caller,
        channel: Channel,
        message: &str,
        tag: Option<&str>,
    ) -> Outcome {
        let deps = self.deps();
        match deps.resend(caller, channel, message, tag).await {
            Ok(()) => Outcome::next(Page::Code.path(), Page::Code),
            Err(ResendError::NoFlow) => Outcome::no_flow(),
            Err(ResendError::StaleFlow) => Outcome::refused(RefusalCode::StaleFlow, Page::Code),
            Err(ResendError::Refused(refusal)) => deps.refuse_on_code_page(caller, refusal).await,
        }
    }
}

impl SignInDeps {
    async fn resend(
        &self,
        caller: &Caller,
        channel: Channel,
        message: &str,
        tag: Option<&str>,
    ) -> Result<(), ResendError> {
        if !channel.is_sms() && self.policy.now().email.is_none() {
            return Err(RefusalCode::ChannelNotOffered.into());
        }
        let store_failed = self.on_store_error(caller);
        let now = self.clock.now();
        let token = caller.flow.as_ref().ok_or(ResendError::NoFlow)?;
        let flow = self
            .flow_store
            .get(token.hash(), now)
            .await
            .map_err(store_failed)?;
        let flow = flow.ok_or(ResendError::NoFlow)?;
        if !is_of_flow(tag, token) {
            return Err(ResendError::StaleFlow);
        }
        let resent = self
            .resend_in_flow(caller, channel, message, token, &flow)
            .await;
        if let Err(ResendError::Refused(refusal)) = &resent {
            let code = (Purpose::Resend, channel);
            self.emit_code_refused(caller, &flow.identifier, code, refusal.code)
                .await;
        }
        resent
    }

    async fn resend_in_flow(
        &self,
        caller: &Caller,
        channel: Channel,
        message: &str,
        token: &Token,
        flow: &Flow,
    ) -> Result<(), ResendError> {
        let (store_failed, now) = (self.on_store_error(caller), self.clock.now());
        if !channel.is_sms() && !self.offers_email(flow) {
            return Err(RefusalCode::ChannelNotOffered.into());
        }
        self.check_resend(flow, now)?;
        let destination = self.destination(&flow.identifier);
        let exhausted = self
            .guard
            .exhausted_sends(caller.address, destination.as_ref(), channel, now)
            .await
            .map_err(store_failed)?;
        if let Some(limit) = exhausted.find(flow.charges_user()) {
            return Err(self.slow_down(caller, limit).into());
        }
        let slot = self.prepare_send(caller).await?;
        // Of two concurrent requests one is counted; the other is refused by the cool-down.
        let record = SendRecord::new(now, caller.address, channel, &self.random);
        let terms = self.policy.now().terms(channel);
        let (mut before, mut charges_user) = (None, false);
        let counted = self.flow_store.update(token.hash(), now, |flow| {
            self.check_resend(flow, now)?;
            (before, charges_user) = (Some(flow.clone()), flow.charges_user());
            flow.count_send(record, terms);
            Ok::<_, Refusal>(())
        });
        let flow = match counted.await.map_err(store_failed)? {
            UpdateOutcome::Updated(flow) => flow,
            UpdateOutcome::Rejected(refusal) => return Err(refusal.into()),
            UpdateOutcome::NotFound => return Err(ResendError::NoFlow),
        };
        let counted = CountedSend {
            token: token.clone(),
            flow,
            before,
            record,
            charges_user,
        };
        let context = SendContext {
            purpose: Purpose::Resend,
            message,
            slot,
        };
        self.send(caller, counted, context).await?;
        Ok(())
    }

    /// Whether the flow may have a code by e-mail: where that is offered, and unless it leads to an
    /// application that asks for a code by SMS. It depends on nothing of the user.
    pub fn offers_email(&self, flow: &Flow) -> bool {
        let leads_to_sms = flow
            .return_to
            .as_deref()
            .is_some_and(|url| self.return_urls.requires_sms(url));
        self.policy.now().email.is_some() && !leads_to_sms
    }

    /// Refuses a resend within the cool-down. A code is also useless while no attempt is allowed.
    fn check_resend(&self, flow: &Flow, now: Timestamp) -> Result<(), Refusal> {
        let policy = self.policy.now();
        let blocked_until = flow.blocked_until(&policy, now);
        let wait_until = blocked_until.unwrap_or_else(|| flow.resend_at(&policy));
        if now < wait_until {
            Err(Refusal {
                // The page then shows that no attempt is left.
                tries_left: blocked_until.map(|_| 0),
                reason: blocked_until.is_none().then_some(LimitReason::Resend),
                ..Refusal::slow_down(wait_until.seconds_from(now))
            })
        } else {
            Ok(())
        }
    }

    /// Stores a refusal in the flow, where the code page finds it.
    pub(super) async fn refuse_on_code_page(&self, caller: &Caller, refusal: Refusal) -> Outcome {
        if let Some(token) = &caller.flow {
            let set_refusal = |flow: &mut Flow| {
                let former = flow.clone();
                flow.refusal = Some(refusal);
                flow.limit_change(&former);
            };
            let stored = self
                .flow_store
                .modify(token.hash(), self.clock.now(), set_refusal)
                .await;
            if let Err(error) = stored {
                tracing::warn!(%error, "a refusal could not be stored in its flow");
            }
        }
        Outcome::refused(refusal, Page::Code)
    }
}
