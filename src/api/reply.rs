//! The reply of a server function: a JSON body, and the outcome for the HTTP layer.
//!
//! The HTTP layer adds what only it knows: the status, the redirect, cookies and headers.

use std::sync::{Arc, Mutex};

use crate::api::{NextLocation, Problem, RequestContext};
use crate::domain::RefusalCode;
use crate::server::sign_in::Outcome;
use crate::server::system::mutex::lock;

/// Carries the outcome of a request's use case to the HTTP layer.
#[derive(Clone, Debug, Default)]
pub struct OutcomeSlot(Arc<Mutex<Option<Outcome>>>);

impl OutcomeSlot {
    /// Takes the outcome; none if no use case ran.
    pub fn take(&self) -> Option<Outcome> {
        lock(&self.0).take()
    }
}

impl RequestContext {
    /// Replies with an outcome.
    ///
    /// # Errors
    /// The problem document of a refusal.
    pub fn reply(&self, outcome: Outcome) -> Result<NextLocation, Problem> {
        let body = match &outcome.result {
            Ok(next) => Ok(NextLocation { next: next.clone() }),
            Err(refusal) => Err(match &outcome.typed {
                Some(typed) if refusal.code == RefusalCode::ConfirmNumber => {
                    Problem::confirm_number(&typed.identifier, self.text)
                }
                _ => Problem::new(refusal, self.text),
            }),
        };
        *lock(&self.outcome.0) = Some(outcome);
        body
    }
}
