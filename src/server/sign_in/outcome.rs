//! The result of a use case: where the browser goes next or why not, and what it must store or
//! forget.
//!
//! Use cases know nothing of HTTP. `api::reply` makes a JSON body of an outcome, and
//! `http::handlers::server_functions` makes the status, the redirect and the cookies.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::{Page, Refusal, RefusalCode};
use crate::server::crypto::opaque_token::Token;

/// The result of a use case.
#[derive(Clone, Debug)]
#[must_use]
pub struct Outcome {
    /// The path or URL to go to next, or the refusal.
    pub result: Result<String, Refusal>,
    /// The page that shows a refusal.
    pub page: Page,
    /// What the browser must store or forget, in this order.
    pub effects: Vec<BrowserEffect>,
    /// The form's fields, which the next page shows again. Set only where no flow stores the
    /// refusal.
    pub typed: Option<FormInput>,
}

/// Something that the browser must store or forget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrowserEffect {
    /// Store the token of a sign-in flow until the browser closes.
    StoreFlow(Token),
    /// Forget the flow.
    ForgetFlow,
    /// Store a validated return URL until the browser signs in.
    StoreReturnUrl(String),
    /// Forget the return URL.
    ForgetReturnUrl,
    /// Say on the next page that the person has signed out.
    ConfirmSignOut,
    /// Forget what showed that the browser keeps cookies.
    ForgetProbe,
    /// Store the token of a session; without a lifetime until the browser closes.
    StoreSession(Token, Option<Duration>),
    /// Forget the session.
    ForgetSession,
    /// Store the token of a recognised device.
    StoreDevice(Token, Duration),
    /// Forget cached responses and stored data of this site, but no cookies.
    ForgetCachedData,
}

/// The fields of the identifier form. They travel encrypted from a refusal to the next page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormInput {
    /// The identifier field.
    pub identifier: String,
    /// The country field.
    pub country: Option<String>,
    /// The name field.
    pub name: Option<String>,
    /// Whether the person stays signed in after the browser closes.
    pub stay: bool,
    /// The return URL.
    pub return_to: Option<String>,
    /// The number that the refusal asks to confirm, in E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_number: Option<String>,
}

impl Outcome {
    /// Success: the browser goes to `to`.
    pub fn next(to: impl Into<String>, page: Page) -> Self {
        Self {
            result: Ok(to.into()),
            page,
            effects: Vec::new(),
            typed: None,
        }
    }

    /// A refusal, shown on `page`.
    pub fn refused(refusal: impl Into<Refusal>, page: Page) -> Self {
        Self {
            result: Err(refusal.into()),
            page,
            effects: Vec::new(),
            typed: None,
        }
    }

    /// There is no flow: the sign-in starts again.
    pub fn no_flow() -> Self {
        Self::refused(RefusalCode::NoFlow, Page::SignIn).with(BrowserEffect::ForgetFlow)
    }

    /// There is no session: the person signs in first.
    pub fn not_signed_in() -> Self {
        Self::refused(RefusalCode::NotSignedIn, Page::SignIn).with(BrowserEffect::ForgetSession)
    }

    /// Adds an effect.
    pub fn with(mut self, effect: BrowserEffect) -> Self {
        self.effects.push(effect);
        self
    }

    /// Adds the form's fields.
    pub fn with_input(mut self, typed: FormInput) -> Self {
        self.typed = Some(typed);
        self
    }
}
