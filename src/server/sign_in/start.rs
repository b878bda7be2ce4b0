//! Requests for a code: to sign in, or to sign up.
//!
//! The response and its time are the same whether the number is known, unknown, locked, inactive
//! or limited.

use crate::domain::typed_text::{is_visible, read_phone};
use crate::domain::{Channel, Identifier, Page, Refusal, RefusalCode};
use crate::server::audit::{Event, LimitDecision, Purpose};
use crate::server::crypto::derived_keys::IndexPurpose;
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::{ExhaustedLimit, ExhaustedSendLimits, SendRecord};
use crate::server::identifier_parser::{InvalidIdentifier, international_format};
use crate::server::sign_in::flow::{Flow, page_of};
use crate::server::sign_in::outcome::{BrowserEffect, FormInput, Outcome};
use crate::server::sign_in::send::{CountedSend, SendContext};
use crate::server::sign_in::{Caller, SignIn, SignInDeps, UpdateOutcome};
use crate::server::store::{PutOutcome, StoreError};

/// Longest stored name, in characters: Transmit's limit for a part of a name, twice.
const MAX_NAME_LENGTH: usize = 61;

/// The input of a request for a code.
#[derive(Clone, Debug, Default)]
pub struct StartInput {
    /// The form's fields.
    pub fields: FormInput,
    /// What the form says of a number that was asked back: that number, or `1`.
    pub confirmed: Option<String>,
    /// The number that the browser was asked to confirm a moment ago, in E.164.
    pub asked_number: Option<String>,
    /// The id of the form, so that a form that is submitted twice starts one flow.
    pub form_id: Option<String>,
    /// The text of the message in the person's language.
    pub message: String,
}

impl StartInput {
    /// Whether the person has confirmed that this number is meant.
    fn confirms(&self, identifier: &Identifier) -> bool {
        let is_meant = |number: &str| number == identifier.value();
        let confirmed = self.confirmed.as_deref();
        confirmed
            .is_some_and(|text| text == "1" || read_phone(text).as_deref().is_some_and(is_meant))
            || self.asked_number.as_deref().is_some_and(is_meant)
    }
}

enum StartOutcome {
    /// The browser's flow has sent a code within its cool-down; nothing more is sent.
    Repeated(Token),
    /// The flow has counted a send, which is to be made.
    Counted(Box<CountedSend>),
    /// A limit of the address refuses the send; nothing was written.
    Exhausted(ExhaustedLimit),
}

/// Why a flow does not count a send.
enum CountError {
    OtherIdentifier,
    Exhausted(ExhaustedLimit),
}

struct StartRequest<'a> {
    identifier: &'a Identifier,
    input: &'a StartInput,
    purpose: Purpose,
    /// The limits of its address that refuse a send.
    exhausted: ExhaustedSendLimits,
}

impl SignIn {
    /// Starts a sign-in.
    pub async fn start(&self, caller: &Caller, input: StartInput) -> Outcome {
        self.deps().start(caller, input, Purpose::SignIn).await
    }

    /// Starts a sign-up. The response is the same for a number that already has a user.
    pub async fn sign_up(&self, caller: &Caller, input: StartInput) -> Outcome {
        self.deps().start(caller, input, Purpose::SignUp).await
    }

    /// Makes the browser keep the return URL that a form names. One that is refused leads to the
    /// account.
    pub fn store_return_url(&self, text: &str) -> BrowserEffect {
        let validated = self.deps().return_urls.validate(text);
        validated.map_or(
            BrowserEffect::ForgetReturnUrl,
            BrowserEffect::StoreReturnUrl,
        )
    }
}

impl SignInDeps {
    async fn start(&self, caller: &Caller, input: StartInput, purpose: Purpose) -> Outcome {
        let page = page_of(purpose);
        let (typed, country) = (&input.fields.identifier, input.fields.country.as_deref());
        let identifier = match self.identifier_parser.parse(typed, country) {
            Ok(parsed) if parsed.needs_confirmation && !input.confirms(&parsed.identifier) => {
                return self.ask_back(caller, input.fields, &parsed.identifier, purpose);
            }
            Ok(parsed) => parsed.identifier,
            Err(InvalidIdentifier { code, country }) => {
                self.emit(
                    caller,
                    &Event::InputRefused {
                        purpose,
                        code,
                        country,
                    },
                );
                return Outcome::refused(code, page).with_input(input.fields);
            }
        };
        match self
            .request_code(caller, &identifier, &input, purpose)
            .await
        {
            Ok(token) => {
                Outcome::next(Page::Code.path(), page).with(BrowserEffect::StoreFlow(token))
            }
            Err(refusal) => {
                self.emit_code_refused(caller, &identifier, (purpose, Channel::Sms), refusal.code)
                    .await;
                Outcome::refused(refusal, page).with_input(input.fields)
            }
        }
    }

    /// Asks whether a number is meant. The form comes back with the number in full.
    fn ask_back(
        &self,
        caller: &Caller,
        fields: FormInput,
        identifier: &Identifier,
        purpose: Purpose,
    ) -> Outcome {
        let code = RefusalCode::ConfirmNumber;
        let country = None;
        self.emit(
            caller,
            &Event::InputRefused {
                purpose,
                code,
                country,
            },
        );
        let fields = FormInput {
            identifier: international_format(identifier),
            country: identifier.country().map(str::to_owned),
            asked_number: Some(identifier.value().to_owned()),
            ..fields
        };
        Outcome::refused(code, page_of(purpose)).with_input(fields)
    }

    async fn request_code(
        &self,
        caller: &Caller,
        identifier: &Identifier,
        input: &StartInput,
        purpose: Purpose,
    ) -> Result<Token, Refusal> {
        let store_failed = self.on_store_error(caller);
        let slot = self.prepare_send(caller).await?;
        let destination = self.destination(identifier);
        let exhausted = self
            .guard
            .exhausted_sends(
                caller.address,
                destination.as_ref(),
                Channel::Sms,
                self.clock.now(),
            )
            .await
            .map_err(store_failed)?;
        let request = StartRequest {
            identifier,
            input,
            purpose,
            exhausted,
        };
        match self
            .count_send(caller, &request)
            .await
            .map_err(store_failed)?
        {
            StartOutcome::Exhausted(limit) => Err(self.slow_down(caller, &limit)),
            StartOutcome::Repeated(token) => {
                // The slot is free for other requests while this one waits.
                drop(slot);
                let repeated = Event::CodeRequested {
                    subject: self.audit_subject(identifier).await,
                    purpose,
                    channel: Channel::Sms,
                    decision: LimitDecision::Repeated,
                };
                self.emit(caller, &repeated);
                self.wait_for_neutral_response(caller).await;
                Ok(token)
            }
            StartOutcome::Counted(counted) => {
                let context = SendContext {
                    purpose,
                    message: &input.message,
                    slot,
                };
                let token = self.send(caller, *counted, context).await?;
                self.delete_other_flow(caller, &token)
                    .await
                    .map_err(store_failed)?;
                Ok(token)
            }
        }
    }

    /// Counts the send in the browser's flow for this identifier, or in a new one.
    async fn count_send(
        &self,
        caller: &Caller,
        request: &StartRequest<'_>,
    ) -> Result<StartOutcome, StoreError> {
        let StartRequest {
            identifier,
            input,
            purpose,
            exhausted,
        } = request;
        let form_token = input
            .form_id
            .as_deref()
            .map(|form| self.form_token(form, identifier));
        for token in caller.flow.iter().chain(&form_token) {
            if let Some(outcome) = self.count_in_flow(caller, token, request).await? {
                return Ok(outcome);
            }
        }
        let now = self.clock.now();
        let charges_user = *purpose == Purpose::SignUp;
        if let Some(exhausted) = exhausted.find(charges_user) {
            return Ok(StartOutcome::Exhausted(exhausted.clone()));
        }
        let record = SendRecord::new(now, caller.address, Channel::Sms, &self.random);
        let mut flow = Flow::new(
            (*identifier).clone(),
            *purpose,
            record,
            self.policy.now().terms(Channel::Sms),
        );
        self.apply_form(&mut flow, input, *purpose);
        let counted = |token, flow| {
            let counted = CountedSend {
                token,
                flow,
                before: None,
                record,
                charges_user,
            };
            StartOutcome::Counted(Box::new(counted))
        };
        if let Some(token) = form_token {
            if let PutOutcome::Stored(_) = self.flow_store.create(token.hash(), &flow, now).await? {
                return Ok(counted(token, flow));
            }
            // The same form, submitted twice, has started the flow meanwhile.
            if let Some(outcome) = self.count_in_flow(caller, &token, request).await? {
                return Ok(outcome);
            }
        }
        let token = Token::new(&self.random);
        self.flow_store.create(token.hash(), &flow, now).await?;
        Ok(counted(token, flow))
    }

    /// The token of the flow that a form starts for an identifier. No other identifier has the same
    /// token. So the holder of the token of an ended flow goes on with the same number or none.
    fn form_token(&self, form: &str, identifier: &Identifier) -> Token {
        let value = [self.identifier_key(identifier).as_slice(), form.as_bytes()].concat();
        Token::from(self.keys.index(IndexPurpose::Form, &value))
    }

    /// Counts the send in an existing flow. `None` if there is none for the identifier.
    async fn count_in_flow(
        &self,
        caller: &Caller,
        token: &Token,
        request: &StartRequest<'_>,
    ) -> Result<Option<StartOutcome>, StoreError> {
        let now = self.clock.now();
        let (record, policy) = (
            SendRecord::new(now, caller.address, Channel::Sms, &self.random),
            self.policy.now(),
        );
        let (mut before, mut is_repeated, mut charges_user) = (None, false, false);
        let counted = self.flow_store.update(token.hash(), now, |flow| {
            if flow.identifier != *request.identifier {
                return Err(CountError::OtherIdentifier);
            }
            let former = flow.clone();
            is_repeated =
                now < flow.resend_at(&policy) || flow.blocked_until(&policy, now).is_some();
            self.apply_form(flow, request.input, request.purpose);
            if is_repeated {
                flow.limit_change(&former);
            } else if let Some(exhausted) = request.exhausted.find(flow.charges_user()) {
                return Err(CountError::Exhausted(exhausted.clone()));
            } else {
                charges_user = flow.charges_user();
                flow.count_send(record, policy.terms(record.channel));
            }
            before = Some(former);
            Ok(())
        });
        let token = token.clone();
        Ok(match counted.await? {
            UpdateOutcome::NotFound | UpdateOutcome::Rejected(CountError::OtherIdentifier) => None,
            UpdateOutcome::Rejected(CountError::Exhausted(exhausted)) => {
                Some(StartOutcome::Exhausted(exhausted))
            }
            UpdateOutcome::Updated(_) if is_repeated => Some(StartOutcome::Repeated(token)),
            UpdateOutcome::Updated(flow) => {
                let counted = CountedSend {
                    token,
                    flow,
                    before,
                    record,
                    charges_user,
                };
                Some(StartOutcome::Counted(Box::new(counted)))
            }
        })
    }

    /// Deletes the flow that the browser had for another identifier: it has one flow at a time.
    async fn delete_other_flow(&self, caller: &Caller, token: &Token) -> Result<(), StoreError> {
        if let Some(other) = caller.flow.as_ref().filter(|other| *other != token) {
            self.flow_store.take(other.hash(), self.clock.now()).await?;
        }
        Ok(())
    }

    /// Applies the fields of the latest form. A sign-up flow stays one.
    fn apply_form(&self, flow: &mut Flow, input: &StartInput, purpose: Purpose) {
        if purpose == Purpose::SignUp {
            (flow.purpose, flow.page) = (Purpose::SignUp, Page::SignUp);
        }
        flow.stay = input.fields.stay && self.policy.now().offer_stay;
        // A form without one, such as a repeated one, does not change where the browser goes.
        if let Some(text) = &input.fields.return_to {
            flow.return_to = self.return_urls.validate(text);
        }
        let name = input
            .fields
            .name
            .as_deref()
            .map(clean_name)
            .filter(|name| !name.is_empty());
        flow.name = name.or(flow.name.take());
    }
}

/// Removes control characters from a name and cuts it to the length that upstream accepts. Empty if
/// nothing of it is visible.
fn clean_name(name: &str) -> String {
    let kept: String = name
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_NAME_LENGTH)
        .collect();
    if !is_visible(&kept) {
        return String::new();
    }
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_and_cleaned() {
        assert_eq!(clean_name("  Ada \u{0}\n Lovelace  "), "Ada Lovelace");
        assert_eq!(clean_name(&"x".repeat(300)).len(), MAX_NAME_LENGTH);
        assert_eq!(clean_name(" \u{200b}\u{3164} \u{2800}\u{feff}"), "");
    }
}
