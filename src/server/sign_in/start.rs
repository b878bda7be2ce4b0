//! "Send me a code": to sign in, or to sign up.
//!
//! Whether the number is known, unknown, locked, inactive or limited, the answer is the same and leaves at the same moment.

use tokio::sync::oneshot;

use super::flow::{Delivery, Flow};
use super::outbox::{Job, Place};
use super::outcome::{Outcome, Typed};
use super::{Caller, Parts, SignIn};
use crate::domain::{Identifier, Page, Refusal, RefusalCode};
use crate::server::audit::{Decision, Event, Purpose};
use crate::server::cookies::{Change, Name};
use crate::server::guard::{Admission, Granted, limit_name};
use crate::server::store::StoreError;
use crate::server::token::Token;
use crate::server::transmit::Operation;

/// Longest name that is kept, in characters: Transmit's limit for a part of a name, twice.
const LONGEST_NAME: usize = 61;

/// What was typed, and the text for the phone.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// What was typed.
    pub typed: Typed,
    /// The text of the message in the person's language.
    pub message: String,
}

/// What became of the wish for a send, once the flow is decided.
pub(super) enum Wish {
    /// To be handed over.
    Send(Place, Granted),
    /// To look as if.
    Withhold(String),
}

/// A flow that waits for the moment at which its answer leaves.
pub(super) struct Begun {
    /// Its token.
    pub token: Token,
    /// What it was before; nothing if it is new.
    pub before: Option<Flow>,
    /// Tells that upstream could not be reached; nothing if nothing was asked for.
    pub unreached: Option<oneshot::Receiver<()>>,
}

impl SignIn {
    /// Starts a sign-in of somebody who should be a user.
    pub async fn start(&self, caller: &Caller, start: Start) -> Outcome {
        self.parts().begin(caller, start, Purpose::SignIn).await
    }

    /// Starts a sign-in of somebody who wants to become a user. A taken number makes no difference.
    pub async fn sign_up(&self, caller: &Caller, start: Start) -> Outcome {
        self.parts().begin(caller, start, Purpose::SignUp).await
    }
}

impl Parts {
    async fn begin(&self, caller: &Caller, start: Start, purpose: Purpose) -> Outcome {
        let page = if purpose == Purpose::SignUp { Page::SignUp } else { Page::SignIn };
        let identifier = match self.identify.read(&start.typed.identifier, start.typed.country.as_deref()) {
            Ok(identifier) => identifier,
            Err(code) => return Outcome::refused(code, page).typed(start.typed),
        };
        let begun = match self.flow_for(caller, &identifier, &start, purpose, page).await {
            Ok(begun) => self.settle(caller, begun).await,
            Err(refusal) => Err(refusal),
        };
        match begun {
            Ok(token) => Outcome::next(Page::Code.path(), page).with(Change::set(Name::Flow, &token, None)),
            Err(refusal) => {
                let decision = Decision::Refused { code: refusal.code };
                self.emit(caller, &Event::CodeRequested { subject: self.subject(&identifier), purpose, decision });
                Outcome::refused(refusal, page).typed(start.typed)
            }
        }
    }

    /// Every answer to "send me a code" leaves at this moment after its request. If upstream could not be reached by then,
    /// the flow is as if nothing had been asked for, and the browser is told.
    pub(super) async fn settle(&self, caller: &Caller, begun: Begun) -> Result<Token, Refusal> {
        self.clock.sleep_until(caller.received_at + self.settings.answer_after.0).await;
        let Begun { token, before, unreached } = begun;
        if unreached.is_none_or(|mut unreached| unreached.try_recv().is_err()) {
            return Ok(token);
        }
        tracing::error!(request_id = caller.origin.request_id, "upstream cannot be reached; no code was sent");
        let now = self.clock.now();
        let undone = match before {
            None => self.flows.take(token.hash(), now).await.map(|_| ()),
            Some(before) => {
                let restored = self.flows.update(token.hash(), now, |flow| {
                    (flow.sends, flow.sent_at) = (before.sends, before.sent_at);
                    Ok::<_, std::convert::Infallible>(())
                });
                restored.await.map(|_| ())
            }
        };
        undone.map_err(|error| Refusal::from(self.store_failed(caller, &error)))?;
        Err(RefusalCode::Unavailable.into())
    }

    /// The browser's flow for this identifier: the one it has, or a new one.
    async fn flow_for(
        &self,
        caller: &Caller,
        identifier: &Identifier,
        start: &Start,
        purpose: Purpose,
        page: Page,
    ) -> Result<Begun, Refusal> {
        let failed = |error: StoreError| Refusal::from(self.store_failed(caller, &error));
        let now = self.clock.now();
        let current = match &caller.flow {
            Some(token) => self.flows.get(token.hash(), now).await.map_err(failed)?.map(|flow| (token.clone(), flow)),
            None => None,
        };
        let (own, other) = match current {
            Some((token, flow)) if flow.identifier == *identifier => (Some((token, flow)), None),
            Some((token, _)) => (None, Some(token)),
            None => (None, None),
        };
        if let Some((token, flow)) = &own {
            let waits = now < flow.resend_at(&self.policy) || flow.blocked_until(&self.policy, now).is_some();
            if waits {
                self.adopt(token, start, now).await.map_err(failed)?;
                let event =
                    Event::CodeRequested { subject: self.subject(identifier), purpose, decision: Decision::Repeated };
                self.emit(caller, &event);
                return Ok(Begun { token: token.clone(), before: None, unreached: None });
            }
        }
        let wish = self.wish(caller, identifier, purpose).await?;
        let delivery = if matches!(wish, Wish::Send(..)) { Delivery::Possible } else { Delivery::Nothing };
        let (token, before) = match own {
            Some((token, before)) => {
                let renewed = self.flows.update(token.hash(), now, |flow| {
                    flow.count_send(now);
                    flow.purpose = purpose;
                    flow.page = page;
                    flow.delivery = flow.delivery.or(delivery);
                    self.take_along(flow, start);
                    Ok::<_, std::convert::Infallible>(())
                });
                renewed.await.map_err(failed)?;
                (token, Some(before))
            }
            None => {
                let token = Token::new(&self.random);
                let mut flow = Flow {
                    identifier: identifier.clone(),
                    purpose,
                    page,
                    began_at: now,
                    sent_at: now,
                    sends: 1,
                    tries: 0,
                    tries_since: now,
                    refusal: None,
                    stay: false,
                    return_to: None,
                    name: None,
                    created_user: None,
                    delivery,
                    request_id: None,
                };
                self.take_along(&mut flow, start);
                self.flows.create(token.hash(), &flow, now).await.map_err(failed)?;
                (token, None)
            }
        };
        if let Some(other) = other {
            self.flows.take(other.hash(), now).await.map_err(failed)?;
        }
        let unreached = self.fulfil(caller, wish, &token, identifier, purpose, &start.message);
        Ok(Begun { token, before, unreached: Some(unreached) })
    }

    /// Decides whether a code goes out. Nothing that is refused here depends on who the number belongs to.
    pub(super) async fn wish(
        &self,
        caller: &Caller,
        identifier: &Identifier,
        purpose: Purpose,
    ) -> Result<Wish, Refusal> {
        let failed = |error: StoreError| Refusal::from(self.store_failed(caller, &error));
        let unavailable = |cause: &dyn std::fmt::Display| {
            tracing::error!(request_id = caller.origin.request_id, %cause, "no code can be sent");
            Refusal::from(RefusalCode::Unavailable)
        };
        self.transmit.can_try(Operation::OtpSend).map_err(|failure| unavailable(&failure))?;
        self.transmit.prepare().await.map_err(|failure| unavailable(&failure))?;
        let place = self.outbox.place().map_err(|full| unavailable(&full))?;
        let asker = self.asker(caller, identifier).await.map_err(failed)?;
        let admission =
            self.guard.admit_send(&asker, purpose == Purpose::SignUp, self.clock.now()).await.map_err(failed)?;
        match admission {
            Admission::Granted(granted) => Ok(Wish::Send(place, granted)),
            Admission::Withheld { limit } => Ok(Wish::Withhold(limit)),
            Admission::Refused { limit, retry_at } => Err(self.slow_down(caller, &limit, retry_at)),
        }
    }

    /// Hands the send over, or lets it look so.
    pub(super) fn fulfil(
        &self,
        caller: &Caller,
        wish: Wish,
        flow: &Token,
        identifier: &Identifier,
        purpose: Purpose,
        message: &str,
    ) -> oneshot::Receiver<()> {
        let (tell, unreached) = oneshot::channel();
        let subject = self.subject(identifier);
        let decision = match &wish {
            Wish::Send(..) => Decision::Queued,
            Wish::Withhold(limit) => Decision::Withheld { limit: limit_name(limit) },
        };
        self.emit(caller, &Event::CodeRequested { subject: subject.clone(), purpose, decision });
        match wish {
            Wish::Withhold(_) => self.outbox.feign(tell),
            Wish::Send(place, granted) => place.send(Job {
                flow: flow.hash(),
                identifier: identifier.clone(),
                purpose,
                message: self.message(message),
                sender_id: self.settings.sender_id.clone(),
                user_agent: caller.user_agent.clone(),
                address: caller.address,
                granted,
                origin: caller.origin.clone(),
                subject,
                unreached: tell,
            }),
        }
        unreached
    }

    /// The text to send: the operator's, the person's language, or none for the tenant's own.
    fn message(&self, translated: &str) -> Option<String> {
        match self.settings.message.as_deref() {
            Some("off") => None,
            Some(message) => Some(message.to_owned()),
            None => Some(translated.to_owned()),
        }
    }

    async fn adopt(
        &self,
        token: &Token,
        start: &Start,
        now: crate::server::clock::Timestamp,
    ) -> Result<(), StoreError> {
        let adopted = self.flows.update(token.hash(), now, |flow| {
            self.take_along(flow, start);
            Ok::<_, std::convert::Infallible>(())
        });
        adopted.await.map(|_| ())
    }

    /// What the latest form says of the way back, staying signed in and the name.
    fn take_along(&self, flow: &mut Flow, start: &Start) {
        flow.stay = start.typed.stay && self.policy.offer_stay;
        flow.return_to = start.typed.return_to.as_deref().and_then(|text| self.ways_back.check(text));
        let name = start.typed.name.as_deref().map(printable).filter(|name| !name.is_empty());
        flow.name = name.or(flow.name.take());
    }
}

impl Delivery {
    /// What two sends of one flow come to: one that may have arrived is enough.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, other) => other,
            (this, _) => this,
        }
    }
}

/// A name without control characters, cut to what upstream takes.
fn printable(name: &str) -> String {
    let kept: String = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_and_cleaned() {
        assert_eq!(printable("  Ada \u{0}\n Lovelace  "), "Ada Lovelace");
        assert_eq!(printable(&"x".repeat(300)).len(), LONGEST_NAME);
    }
}
