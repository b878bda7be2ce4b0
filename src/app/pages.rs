//! The pages, one file each.

mod account;
mod code;
mod error;
mod not_found;
mod sign_in;
mod sign_out;
mod sign_up;
mod ticket_error;

use leptos::prelude::AnyView;

use crate::app::i18n::Text;
use crate::app::view::{PageFrame, View};

/// A page before it is put into its document.
pub struct RenderedPage {
    /// For the window, without the brand.
    pub title: &'static str,
    /// Whether the page shows an error; its title says so then (WCAG 3.3.1).
    pub refused: bool,
    /// Whether anything on it runs in the browser.
    pub islands: bool,
    /// What is in `<main>`.
    pub body: AnyView,
}

/// Chooses the page for a view.
pub fn page(frame: &PageFrame, text: &'static Text, view: &View) -> RenderedPage {
    match view {
        View::SignIn(form) => sign_in::page(frame, text, form),
        View::SignUp(form) => sign_up::page(text, form),
        View::Code(form) => code::page(frame, text, form),
        View::Account(account) => account::page(text, account),
        View::SignOut { signed_in } => sign_out::page(text, *signed_in),
        View::NotFound => not_found::page(text),
        View::Failure { refusal, reference } => error::page(frame, text, refusal, reference),
        View::NotEntered {
            why,
            again,
            reference,
        } => ticket_error::page(text, *why, again, reference),
    }
}

/// A path of ours with the way back in its query.
fn with_return_to(path: &str, return_to: Option<&str>) -> String {
    match return_to {
        Some(to) => {
            let query: String = form_urlencoded::Serializer::new(String::new())
                .append_pair("return_to", to)
                .finish();
            format!("{path}?{query}")
        }
        None => path.to_owned(),
    }
}
