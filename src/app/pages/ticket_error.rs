//! `/.latchkey/enter` on the host of an application, when the ticket is not accepted: the reason,
//! and a link that starts again. There is no automatic redirect, so no redirect loop is possible.

use leptos::prelude::*;

use crate::app::i18n::Text;
use crate::app::pages::RenderedPage;
use crate::app::view::TicketError;

pub fn page(text: &'static Text, error: TicketError, retry_url: &str) -> RenderedPage {
    let (title, lead, button) = match error {
        TicketError::Used => (
            "ticket-error-used",
            "ticket-error-used-lead",
            "blocked-button",
        ),
        TicketError::NoCookie => (
            "ticket-error-no-cookie",
            "ticket-error-no-cookie-lead",
            "blocked-button",
        ),
        TicketError::SessionEnded => (
            "signed-out-heading",
            "refusal-not-signed-in",
            "sign-in-title",
        ),
        TicketError::Unavailable => (
            "failure-unavailable",
            "refusal-unavailable-plain",
            "blocked-button",
        ),
    };
    let body = view! {
        <h1>{text.get(title)}</h1>
        <p class="lead">{text.get(lead)}</p>
        <p><a class="button primary" href=retry_url.to_owned()>{text.get(button)}</a></p>
    };
    RenderedPage {
        title: text.get(title),
        has_error: false,
        is_failure: true,
        expired_title: None,
        has_islands: false,
        body: body.into_any(),
    }
}
