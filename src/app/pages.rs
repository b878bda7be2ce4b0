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

/// A page without the HTML document around it.
pub struct RenderedPage {
    /// The title, without the brand.
    pub title: &'static str,
    /// The title once what the page asks for has expired.
    pub expired_title: Option<&'static str>,
    /// Whether the page shows an error. The title then says so (WCAG 3.3.1).
    pub has_error: bool,
    /// Whether the page exists only to tell an error.
    pub is_failure: bool,
    /// Whether the page has islands.
    pub has_islands: bool,
    /// The content of `<main>`.
    pub body: AnyView,
}

/// Renders the page of a view.
pub fn render_page(frame: &PageFrame, text: &'static Text, view: &View) -> RenderedPage {
    match view {
        View::SignIn(form) => sign_in::page(frame, text, form),
        View::SignUp(form) => sign_up::page(text, form),
        View::Code(form) => code::page(frame, text, form),
        View::Account(account) => account::page(text, account),
        View::SignOut { signed_in } => sign_out::page(text, *signed_in),
        View::NotFound => not_found::page(text),
        View::Failure { refusal } => error::page(frame, text, refusal),
        View::TicketError { error, retry_url } => ticket_error::page(text, *error, retry_url),
    }
}

/// A path with the return URL in its query.
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
