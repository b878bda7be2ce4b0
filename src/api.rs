//! The doors: server functions, one a file, thin: they take the form apart, call a use case, and
//! hand its outcome to [`reply`].
//!
//! The browser never calls their generated stubs: it posts the forms themselves, with or without a
//! script, so that both ways are one. That is why this room exists on the server alone.

use std::sync::Arc;

use leptos::prelude::use_context;

use crate::app::i18n::Text;
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::http::cookies::Cookies;
use crate::server::sign_in::{Caller, SignIn};

pub mod extend_session;
pub mod flash;
pub mod problem;
pub mod reply;
pub mod resend_code;
pub mod revoke_session;
pub mod send_code;
pub mod sign_out;
pub mod sign_up;
pub mod verify_code;

pub use problem::{NextLocation, Problem};

/// What a server function needs; put into its context by the layers.
#[derive(Clone)]
pub struct RequestContext {
    /// The use cases.
    pub sign_in: SignIn,
    /// Who calls.
    pub caller: Caller,
    /// The person's language.
    pub text: &'static Text,
    /// Whether a page is wanted, not JSON.
    pub html: bool,
    /// How cookies are written.
    pub cookies: Cookies,
    /// Seals the flash.
    pub keys: Arc<DerivedKeys>,
    /// Host name that a message binds its code to; none where a browser would not honour it.
    pub message_host: Option<Arc<str>>,
}

impl RequestContext {
    /// The door of the request under way.
    ///
    /// # Errors
    /// When the function is called from outside a request: a fault of ours.
    pub fn of_request() -> Result<Self, Problem> {
        use_context().ok_or_else(Problem::without_request)
    }
}
