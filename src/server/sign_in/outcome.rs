//! What a use case gives: one type, which one place (`api::reply`) turns into a redirect or JSON.

use serde::{Deserialize, Serialize};

use crate::domain::{Page, Refusal, RefusalCode};
use crate::server::http::cookies::{Change, Name};

/// What a use case gives.
#[derive(Clone, Debug)]
#[must_use]
pub struct Outcome {
    /// Where to go next, or why not.
    pub result: Result<String, Refusal>,
    /// The page that shows a refusal.
    pub page: Page,
    /// Changes to cookies.
    pub cookies: Vec<Change>,
    /// What was typed, for the form to show again; only where there is no flow to remember the
    /// refusal.
    pub typed: Option<FormInput>,
    /// Whether the browser is to drop what it has cached and stored of us.
    pub clear_site_data: bool,
}

/// What was typed and could not be used. Travels sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormInput {
    /// The identifier field.
    pub identifier: String,
    /// The country field.
    pub country: Option<String>,
    /// The name field.
    pub name: Option<String>,
    /// Whether to stay signed in.
    pub stay: bool,
    /// The way back.
    pub return_to: Option<String>,
}

impl Outcome {
    /// On to a page.
    pub fn next(to: impl Into<String>, page: Page) -> Self {
        Self {
            result: Ok(to.into()),
            page,
            cookies: Vec::new(),
            typed: None,
            clear_site_data: false,
        }
    }

    /// A refusal, shown on `page`.
    pub fn refused(refusal: impl Into<Refusal>, page: Page) -> Self {
        Self {
            result: Err(refusal.into()),
            page,
            cookies: Vec::new(),
            typed: None,
            clear_site_data: false,
        }
    }

    /// No flow: the browser starts anew.
    pub fn no_flow() -> Self {
        Self::refused(RefusalCode::NoFlow, Page::SignIn).with(Change::Clear(Name::Flow))
    }

    /// No session: the browser signs in.
    pub fn not_signed_in() -> Self {
        Self::refused(RefusalCode::NotSignedIn, Page::SignIn).with(Change::Clear(Name::Session))
    }

    /// With a change to a cookie.
    pub fn with(mut self, change: Change) -> Self {
        self.cookies.push(change);
        self
    }

    /// With what was typed.
    pub fn typed(mut self, typed: FormInput) -> Self {
        self.typed = Some(typed);
        self
    }
}
