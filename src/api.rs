//! Server functions, one a file: each parses its form, calls a use case and replies with its
//! outcome.
//!
//! Browsers post the HTML forms themselves, with and without scripts, and never call the stubs
//! that Leptos generates. So this module exists on the server alone.

use std::sync::Arc;

use leptos::prelude::use_context;

use crate::app::i18n::Text;
use crate::server::sign_in::{Caller, SignIn};

pub mod extend_session;
pub mod problem;
pub mod reply;
pub mod resend_code;
pub mod revoke_session;
pub mod send_code;
pub mod sign_out;
pub mod sign_up;
pub mod verify_code;

mod identifier_form;

pub use problem::{NextLocation, Problem};
pub use reply::OutcomeSlot;

/// What a server function needs of its request.
#[derive(Clone)]
pub struct RequestContext {
    /// The use cases.
    pub sign_in: SignIn,
    /// The client.
    pub caller: Caller,
    /// The person's language.
    pub text: &'static Text,
    /// The return URL that the browser's cookie keeps.
    pub kept_return_url: Option<String>,
    /// Host name that a message binds its code to; none where browsers would ignore it.
    pub message_host: Option<Arc<str>>,
    /// The number that the browser was asked to confirm a moment ago.
    pub asked_number: Option<String>,
    /// Whether the browser sent any cookie of this service.
    pub has_cookies: bool,
    /// Where the outcome is left for the HTTP layer.
    pub outcome: OutcomeSlot,
}

impl RequestContext {
    /// The context of the current request.
    ///
    /// # Errors
    /// If no request is being handled, which is a programming error.
    pub fn current() -> Result<Self, Problem> {
        use_context().ok_or_else(Problem::without_request)
    }

    /// The text message for a code, in the person's language.
    fn message(&self) -> String {
        self.text.message(self.message_host.as_deref())
    }
}
