//! "Send me a code": to sign in, or to sign up.
//!
//! Whether the number is known, unknown, locked, inactive or limited, the answer is the same and
//! leaves at the same moment.

use crate::domain::{Identifier, Page, Refusal};
use crate::server::audit::{Event, LimitDecision, Purpose};
use crate::server::crypto::derived_keys::IndexPurpose;
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::{ExhaustedLimit, ExhaustedSendLimits, SendRecord};
use crate::server::sign_in::flow::Flow;
use crate::server::sign_in::identifier_parser::InvalidIdentifier;
use crate::server::sign_in::outcome::{BrowserEffect, FormInput, Outcome};
use crate::server::sign_in::send::{CountedSend, Send};
use crate::server::sign_in::{Caller, SignIn, SignInDeps};
use crate::server::store::{PutOutcome, StoreError};

/// Longest name that is kept, in characters: Transmit's limit for a part of a name, twice.
const LONGEST_NAME: usize = 61;

/// What was typed, and the text for the phone.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// What was typed.
    pub typed: FormInput,
    /// What names the form that it was typed into: a form that is sent twice begins one flow.
    pub form: Option<String>,
    /// The text of the message in the person's language.
    pub message: String,
}

/// What a form came to.
enum StartOutcome {
    /// The browser has a code under way.
    Repeated(Token),
    /// A send is to be made.
    Counted(Box<CountedSend>),
    /// The address has spent what stands before a send; nothing was written.
    Spent(ExhaustedLimit),
}

/// What a form asks for.
struct StartRequest<'a> {
    identifier: &'a Identifier,
    start: &'a Start,
    purpose: Purpose,
    /// What its address has spent.
    spent: ExhaustedSendLimits,
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

impl SignInDeps {
    async fn begin(&self, caller: &Caller, start: Start, purpose: Purpose) -> Outcome {
        let page = if purpose == Purpose::SignUp {
            Page::SignUp
        } else {
            Page::SignIn
        };
        let identifier = match self
            .identify
            .read(&start.typed.identifier, start.typed.country.as_deref())
        {
            Ok(identifier) => identifier,
            Err(InvalidIdentifier { code, country }) => {
                self.emit(
                    caller,
                    &Event::InputRefused {
                        purpose,
                        code,
                        country,
                    },
                );
                return Outcome::refused(code, page).with_input(start.typed);
            }
        };
        match self.begun(caller, &identifier, &start, purpose).await {
            Ok(token) => {
                Outcome::next(Page::Code.path(), page).with(BrowserEffect::StoreFlow(token))
            }
            Err(refusal) => {
                let decision = LimitDecision::Refused { code: refusal.code };
                self.emit(
                    caller,
                    &Event::CodeRequested {
                        subject: self.subject(&identifier),
                        purpose,
                        decision,
                    },
                );
                Outcome::refused(refusal, page).with_input(start.typed)
            }
        }
    }

    async fn begun(
        &self,
        caller: &Caller,
        identifier: &Identifier,
        start: &Start,
        purpose: Purpose,
    ) -> Result<Token, Refusal> {
        let failed = |error: StoreError| Refusal::from(self.store_failed(caller, &error));
        let place = self.ready_to_send(caller).await?;
        let region = self.region(identifier);
        let spent = self
            .guard
            .sends_spent(caller.address, region.as_ref(), self.clock.now())
            .await
            .map_err(failed)?;
        match self
            .count(
                caller,
                &StartRequest {
                    identifier,
                    start,
                    purpose,
                    spent,
                },
            )
            .await
            .map_err(failed)?
        {
            StartOutcome::Spent(spent) => Err(self.slow_down(caller, &spent)),
            StartOutcome::Repeated(token) => {
                // Nobody else waits for a place that is not used.
                drop(place);
                let subject = self.subject(identifier);
                self.emit(
                    caller,
                    &Event::CodeRequested {
                        subject,
                        purpose,
                        decision: LimitDecision::Repeated,
                    },
                );
                self.neutral_moment(caller).await;
                Ok(token)
            }
            StartOutcome::Counted(counted) => {
                let token = self
                    .send(
                        caller,
                        *counted,
                        Send {
                            purpose,
                            message: &start.message,
                            place,
                        },
                    )
                    .await?;
                self.forget_other(caller, &token).await.map_err(failed)?;
                Ok(token)
            }
        }
    }

    /// Counts the send in the browser's flow for this identifier: the one it has, or a new one.
    async fn count(
        &self,
        caller: &Caller,
        asked: &StartRequest<'_>,
    ) -> Result<StartOutcome, StoreError> {
        let StartRequest {
            identifier,
            start,
            purpose,
            spent,
        } = asked;
        let of_form = start
            .form
            .as_deref()
            .map(|form| self.token_of(form, identifier));
        for token in caller.flow.iter().chain(&of_form) {
            if let Some(step) = self.count_again(caller, token, asked).await? {
                return Ok(step);
            }
        }
        let now = self.clock.now();
        let charges_user = *purpose == Purpose::SignUp;
        if let Some(spent) = spent.of(charges_user) {
            return Ok(StartOutcome::Spent(spent.clone()));
        }
        let sent = SendRecord::new(now, caller.address, &self.random);
        let mut flow = Flow::new((*identifier).clone(), *purpose, sent);
        self.take_along(&mut flow, start, *purpose);
        let counted = |token, flow| {
            StartOutcome::Counted(Box::new(CountedSend {
                token,
                flow,
                before: None,
                sent,
                charges_user,
            }))
        };
        if let Some(token) = of_form {
            if let PutOutcome::Stored(_) = self.flows.create(token.hash(), &flow, now).await? {
                return Ok(counted(token, flow));
            }
            // The other of two taps was quicker.
            if let Some(step) = self.count_again(caller, &token, asked).await? {
                return Ok(step);
            }
        }
        let token = Token::new(&self.random);
        self.flows.create(token.hash(), &flow, now).await?;
        Ok(counted(token, flow))
    }

    /// The token of the flow that a form begins for an identifier. A flow for somebody else never
    /// has it: whoever holds a token while its flow ends and the form comes again goes on with the
    /// same number, or with none.
    fn token_of(&self, form: &str, identifier: &Identifier) -> Token {
        let value = [self.identifier_key(identifier).as_slice(), form.as_bytes()].concat();
        Token::from(self.keys.index(IndexPurpose::Form, &value))
    }

    /// Counts the send in a flow that may be there; nothing if it is not, or is about somebody
    /// else.
    async fn count_again(
        &self,
        caller: &Caller,
        token: &Token,
        asked: &StartRequest<'_>,
    ) -> Result<Option<StartOutcome>, StoreError> {
        let now = self.clock.now();
        let sent = SendRecord::new(now, caller.address, &self.random);
        let (mut before, mut waits, mut charges_user) = (None, false, false);
        let counted = self.flows.update(token.hash(), now, |flow| {
            if flow.identifier != *asked.identifier {
                return Err(None);
            }
            let former = flow.clone();
            waits = now < flow.resend_at(&self.policy)
                || flow.blocked_until(&self.policy, now).is_some();
            self.take_along(flow, asked.start, asked.purpose);
            if waits {
                flow.note(&former);
            } else if let Some(spent) = asked.spent.of(flow.charges_user()) {
                return Err(Some(StartOutcome::Spent(spent.clone())));
            } else {
                charges_user = flow.charges_user();
                flow.count_send(sent);
            }
            before = Some(former);
            Ok(())
        });
        let token = token.clone();
        Ok(match counted.await? {
            None => None,
            Some(Err(instead)) => instead,
            Some(Ok(_)) if waits => Some(StartOutcome::Repeated(token)),
            Some(Ok(flow)) => Some(StartOutcome::Counted(Box::new(CountedSend {
                token,
                flow,
                before,
                sent,
                charges_user,
            }))),
        })
    }

    /// A browser has one flow: the one about somebody else dies.
    async fn forget_other(&self, caller: &Caller, token: &Token) -> Result<(), StoreError> {
        match &caller.flow {
            Some(other) if other != token => self
                .flows
                .take(other.hash(), self.clock.now())
                .await
                .map(|_| ()),
            _ => Ok(()),
        }
    }

    /// What the latest form says. Whoever wanted to sign up in this flow still does.
    fn take_along(&self, flow: &mut Flow, start: &Start, purpose: Purpose) {
        if purpose == Purpose::SignUp {
            (flow.purpose, flow.page) = (Purpose::SignUp, Page::SignUp);
        }
        flow.stay = start.typed.stay && self.policy.offer_stay;
        flow.return_to = start
            .typed
            .return_to
            .as_deref()
            .and_then(|text| self.ways_back.check(text));
        let name = start
            .typed
            .name
            .as_deref()
            .map(printable)
            .filter(|name| !name.is_empty());
        flow.name = name.or(flow.name.take());
    }
}

/// A name without control characters, cut to what upstream takes.
fn printable(name: &str) -> String {
    let kept: String = name
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_NAME)
        .collect();
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
