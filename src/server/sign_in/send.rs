//! What "send me a code" and "send me another" have in common: the send is counted in its flow,
//! then admitted, then handed over; and the answer leaves at one moment, whatever became of it.

use tokio::sync::oneshot;

use crate::domain::{Refusal, RefusalCode};
use crate::server::audit::{Event, LimitDecision, Purpose};
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::{Device, Reservations, SendDecision, SendRecord, Subject, limit_name};
use crate::server::sign_in::flow::Flow;
use crate::server::sign_in::send_queue::{QueueSlot, SendJob};
use crate::server::sign_in::{Caller, SignInDeps};
use crate::server::store::StoreError;
use crate::server::transmit::Operation;

/// A send that its flow has counted.
pub(super) struct CountedSend {
    /// The flow's token.
    pub token: Token,
    /// The flow as it is now.
    pub flow: Flow,
    /// What it was before; nothing if it is new.
    pub before: Option<Flow>,
    /// What it is charged as.
    pub sent: SendRecord,
    /// Whether it is charged as one that creates a user.
    pub charges_user: bool,
}

/// A send as asked for.
pub(super) struct Send<'a> {
    /// Why.
    pub purpose: Purpose,
    /// The text in the person's language.
    pub message: &'a str,
    /// A place in the queue.
    pub place: QueueSlot,
}

impl SignInDeps {
    /// What must be in hand before anything is counted: a client token, a signing key, a place in
    /// the queue.
    pub(super) async fn ready_to_send(&self, caller: &Caller) -> Result<QueueSlot, Refusal> {
        let unavailable = |cause: &dyn std::fmt::Display| {
            tracing::error!(request_id = caller.origin.request_id, %cause, "no code can be sent");
            Refusal::from(RefusalCode::Unavailable)
        };
        self.transmit
            .can_try(Operation::OtpSend)
            .map_err(|failure| unavailable(&failure))?;
        self.transmit
            .prepare()
            .await
            .map_err(|failure| unavailable(&failure))?;
        self.outbox.place().map_err(|full| unavailable(&full))
    }

    /// Sends, or lets it look so. When it is refused, or upstream could not be reached by the
    /// moment of the answer, the flow is as if nothing had been asked for.
    pub(super) async fn send(
        &self,
        caller: &Caller,
        counted: CountedSend,
        send: Send<'_>,
    ) -> Result<Token, Refusal> {
        let sent = async {
            let asker = self.asker(caller, &counted.flow.identifier).await;
            let asker = asker.map_err(|error| Refusal::from(self.store_failed(caller, &error)))?;
            let admitted = self.admit(caller, &asker, &counted).await?;
            self.answer(caller, &counted, asker.standing, admitted, send)
                .await
        };
        let sent = sent.await;
        if sent.is_err() {
            self.uncount_send(&counted)
                .await
                .map_err(|error| Refusal::from(self.store_failed(caller, &error)))?;
        }
        sent.map(|()| counted.token)
    }

    /// Every answer to "send me a code" leaves at this moment after its request.
    pub(super) async fn neutral_moment(&self, caller: &Caller) {
        self.clock
            .sleep_until(caller.received_at + self.settings.answer_after.0)
            .await;
    }

    /// Decides whether a code goes out. Nothing that is told here depends on who the number belongs
    /// to.
    async fn admit(
        &self,
        caller: &Caller,
        asker: &Subject,
        counted: &CountedSend,
    ) -> Result<Result<Reservations, String>, Refusal> {
        let CountedSend {
            token,
            sent,
            charges_user,
            ..
        } = counted;
        let admission = self
            .guard
            .admit_send(asker, token.hash(), *sent, *charges_user)
            .await;
        match admission.map_err(|error| Refusal::from(self.store_failed(caller, &error)))? {
            SendDecision::Granted(granted) => Ok(Ok(granted)),
            SendDecision::Withheld { limit } => Ok(Err(limit)),
            SendDecision::Refused(spent) => Err(self.slow_down(caller, &spent)),
        }
    }

    async fn answer(
        &self,
        caller: &Caller,
        counted: &CountedSend,
        standing: Device,
        admitted: Result<Reservations, String>,
        send: Send<'_>,
    ) -> Result<(), Refusal> {
        let (tell, mut unreached) = oneshot::channel();
        let flow = &counted.flow;
        let subject = self.subject(&flow.identifier);
        let decision = match &admitted {
            Ok(_) => LimitDecision::Queued,
            Err(limit) => LimitDecision::Withheld {
                limit: limit_name(limit),
            },
        };
        self.emit(
            caller,
            &Event::CodeRequested {
                subject: subject.clone(),
                purpose: send.purpose,
                decision,
            },
        );
        match admitted {
            Err(_) => {
                drop(send.place);
                self.nothing_sent(counted)
                    .await
                    .map_err(|error| Refusal::from(self.store_failed(caller, &error)))?;
                self.outbox.feign(flow.wants_user(), tell);
            }
            Ok(granted) => send.place.send(SendJob {
                flow: counted.token.hash(),
                sent_at: flow.sent_at,
                identifier: flow.identifier.clone(),
                purpose: send.purpose,
                creates_user: flow.wants_user(),
                message: self.message(send.message),
                sender_id: self.settings.sender_id.clone(),
                user_agent: caller.user_agent.clone(),
                device_id: self.device_id(standing),
                address: caller.address,
                granted,
                origin: caller.origin.clone(),
                subject,
                unreached: tell,
            }),
        }
        self.neutral_moment(caller).await;
        if unreached.try_recv().is_ok() {
            tracing::error!(
                request_id = caller.origin.request_id,
                "upstream cannot be reached; no code was sent"
            );
            return Err(RefusalCode::Unavailable.into());
        }
        Ok(())
    }

    /// A send that was withheld leaves the flow without a code, unless an earlier one may have
    /// arrived.
    async fn nothing_sent(&self, counted: &CountedSend) -> Result<(), StoreError> {
        let noted = self
            .flows
            .update(counted.token.hash(), self.clock.now(), |flow| {
                flow.codes = flow.codes.without(counted.flow.sent_at);
                Ok::<_, std::convert::Infallible>(())
            });
        noted.await.map(|_| ())
    }

    async fn uncount_send(&self, counted: &CountedSend) -> Result<(), StoreError> {
        let (id, now) = (counted.token.hash(), self.clock.now());
        let Some(before) = &counted.before else {
            return self.flows.take(id, now).await.map(|_| ());
        };
        let restored = self.flows.update(id, now, |flow| {
            (flow.sends, flow.sent_at, flow.codes) = (before.sends, before.sent_at, before.codes);
            flow.notes = before.notes;
            flow.charged.clone_from(&before.charged);
            flow.user_charged = before.user_charged;
            Ok::<_, std::convert::Infallible>(())
        });
        restored.await.map(|_| ())
    }

    /// The text to send: the operator's, the person's language, or none for the tenant's own.
    fn message(&self, translated: &str) -> Option<String> {
        match self.settings.message.as_deref() {
            Some("off") => None,
            Some(message) => Some(message.to_owned()),
            None => Some(translated.to_owned()),
        }
    }
}
