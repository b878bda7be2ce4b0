//! What a first code and a resend have in common.
//!
//! The send is counted in its flow, then approved by the guard, then queued. The response is sent
//! after a fixed delay, whatever the result.

use tokio::sync::oneshot;

use crate::domain::{Refusal, RefusalCode};
use crate::server::audit::{AuditSubject, Event, LimitDecision, Purpose, Retention};
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::{LimitKind, Reservations, SendDecision, SendRecord, Subject};
use crate::server::sign_in::flow::Flow;
use crate::server::sign_in::send_queue::{QueueSlot, SendJob};
use crate::server::sign_in::{Caller, SignInDeps};
use crate::server::store::StoreError;
use crate::server::transmit::Operation;

/// A send that its flow has counted.
pub(super) struct CountedSend {
    pub token: Token,
    pub flow: Flow,
    /// The flow before the send was counted; `None` if it is new.
    pub before: Option<Flow>,
    /// What it is charged as.
    pub record: SendRecord,
    /// Whether it is charged as one that creates a user.
    pub charges_user: bool,
}

/// What a send needs besides its flow.
pub(super) struct SendContext<'a> {
    pub purpose: Purpose,
    /// The text in the person's language.
    pub message: &'a str,
    pub slot: QueueSlot,
}

/// What follows a send that is not refused.
enum ApprovedSend {
    Real(Reservations),
    /// An undisclosed limit refuses it: only the response looks like a send.
    Simulated(LimitKind),
}

/// For whom a send is made.
struct SendSubject {
    guard: Subject,
    /// The subject of its audit events.
    audit: AuditSubject,
}

impl SignInDeps {
    /// Gets what a send needs before anything is counted: a client token, a signing key, and a slot
    /// in the queue.
    pub(super) async fn prepare_send(&self, caller: &Caller) -> Result<QueueSlot, Refusal> {
        let unavailable = |cause: &dyn std::fmt::Display| {
            tracing::error!(request_id = caller.origin.request_id, %cause, "no code can be sent");
            Refusal::from(RefusalCode::Unavailable)
        };
        self.transmit
            .check_available(Operation::OtpSend)
            .map_err(|failure| unavailable(&failure))?;
        self.transmit
            .prepare()
            .await
            .map_err(|failure| unavailable(&failure))?;
        self.send_queue
            .reserve_slot()
            .map_err(|full| unavailable(&full))
    }

    /// Sends a code, or simulates it. If the send is refused, or upstream could not be reached by
    /// the time of the response, the flow is restored.
    pub(super) async fn send(
        &self,
        caller: &Caller,
        counted: CountedSend,
        context: SendContext<'_>,
    ) -> Result<Token, Refusal> {
        let store_failed = self.on_store_error(caller);
        let sent = async {
            let subject = self.guard_subject(caller, &counted.flow.identifier).await;
            let guard = subject.map_err(store_failed)?;
            let (approved, audit) = self.approve_and_name(caller, &guard, &counted).await?;
            let subject = SendSubject { guard, audit };
            self.queue_send(caller, &counted, subject, approved, context)
                .await
        };
        let sent = sent.await;
        if sent.is_err() {
            self.refund_send(&counted).await.map_err(store_failed)?;
        }
        sent.map(|()| counted.token)
    }

    /// Waits for the time of every response to a request for a code.
    pub(super) async fn wait_for_neutral_response(&self, caller: &Caller) {
        let response_at = caller.received_at + self.settings.answer_after.0;
        self.clock.sleep_until(response_at).await;
    }

    /// Asks the guard, and names the number for the audit log. Both run together, so that their
    /// writes share a commit.
    async fn approve_and_name(
        &self,
        caller: &Caller,
        subject: &Subject,
        counted: &CountedSend,
    ) -> Result<(ApprovedSend, AuditSubject), Refusal> {
        let (identifier, now) = (&counted.flow.identifier, self.clock.now());
        let (approved, name) = tokio::join!(
            self.approve_send(caller, subject, counted),
            self.pseudonyms.name(identifier, Retention::CodeSent, now),
        );
        if let Some(name) = &name
            && !matches!(approved, Ok(ApprovedSend::Real(_)))
        {
            self.pseudonyms.shorten(identifier, name, now).await;
        }
        let pseudonym = name.map(|name| name.pseudonym);
        let audit = self.pseudonyms.named_subject(identifier, pseudonym);
        approved.map(|approved| (approved, audit))
    }

    /// Asks the guard. A refusal does not depend on whose number it is.
    async fn approve_send(
        &self,
        caller: &Caller,
        subject: &Subject,
        counted: &CountedSend,
    ) -> Result<ApprovedSend, Refusal> {
        let CountedSend {
            token,
            record,
            charges_user,
            ..
        } = counted;
        let decision = self
            .guard
            .reserve_send(subject, token.hash(), *record, *charges_user)
            .await;
        match decision.map_err(self.on_store_error(caller))? {
            SendDecision::Granted(charged) => Ok(ApprovedSend::Real(charged)),
            SendDecision::Withheld(kind) => Ok(ApprovedSend::Simulated(kind)),
            SendDecision::Refused(limit) => Err(self.slow_down(caller, &limit)),
        }
    }

    async fn queue_send(
        &self,
        caller: &Caller,
        counted: &CountedSend,
        subject: SendSubject,
        approved: ApprovedSend,
        context: SendContext<'_>,
    ) -> Result<(), Refusal> {
        let (report, mut unreached) = oneshot::channel();
        let SendContext {
            purpose,
            message,
            slot,
        } = context;
        let flow = &counted.flow;
        let decision = match &approved {
            ApprovedSend::Real(_) => LimitDecision::Queued,
            ApprovedSend::Simulated(kind) => LimitDecision::Withheld {
                limit: kind.name().to_owned(),
            },
        };
        let requested = Event::CodeRequested {
            subject: subject.audit.clone(),
            purpose,
            channel: counted.record.channel,
            decision,
        };
        self.emit(caller, &requested);
        match approved {
            ApprovedSend::Simulated(_) => {
                drop(slot);
                self.record_withheld(counted)
                    .await
                    .map_err(self.on_store_error(caller))?;
                self.send_queue.simulate_send(flow.creates_user(), report);
            }
            ApprovedSend::Real(charged) => slot.send(SendJob {
                flow: counted.token.hash(),
                sent_at: flow.sent_at,
                identifier: flow.identifier.clone(),
                purpose,
                creates_user: flow.creates_user(),
                channel: counted.record.channel,
                message: self.message(message),
                sender_id: self
                    .settings
                    .sender_id(flow.identifier.country())
                    .map(str::to_owned),
                user_agent: caller.user_agent.clone(),
                device_id: self.device_id(subject.guard.device),
                address: caller.address,
                charged,
                origin: caller.origin.clone(),
                subject: subject.audit,
                unreached: report,
            }),
        }
        self.wait_for_neutral_response(caller).await;
        if unreached.try_recv().is_ok() {
            tracing::error!(
                request_id = caller.origin.request_id,
                "upstream cannot be reached; no code was sent"
            );
            return Err(RefusalCode::Unavailable.into());
        }
        Ok(())
    }

    /// Notes that a withheld send brings no code. An earlier code of the flow stays usable.
    async fn record_withheld(&self, counted: &CountedSend) -> Result<(), StoreError> {
        let (id, sent_at) = (counted.token.hash(), counted.flow.sent_at);
        let remove = |flow: &mut Flow| flow.codes = flow.codes.without(sent_at);
        self.flow_store.modify(id, self.clock.now(), remove).await
    }

    /// Refunds a send that was refused to its flow.
    async fn refund_send(&self, counted: &CountedSend) -> Result<(), StoreError> {
        let (id, now) = (counted.token.hash(), self.clock.now());
        let Some(before) = &counted.before else {
            return self.flow_store.take(id, now).await.map(|_| ());
        };
        let restore = |flow: &mut Flow| {
            (flow.sends, flow.sent_at, flow.codes) = (before.sends, before.sent_at, before.codes);
            flow.unlimited_changes = before.unlimited_changes;
            flow.charged.clone_from(&before.charged);
            flow.user_charged = before.user_charged;
        };
        self.flow_store.modify(id, now, restore).await
    }

    /// The text to send: the operator's, the translated one, or `None` for the tenant's own.
    fn message(&self, translated: &str) -> Option<String> {
        match self.settings.message.as_deref() {
            Some("off") => None,
            Some(message) => Some(message.to_owned()),
            None => Some(translated.to_owned()),
        }
    }
}
