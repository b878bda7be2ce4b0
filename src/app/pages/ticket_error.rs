//! `/.latchkey/enter` on the host of an application, when it leads nowhere: why, and the one link
//! that begins again. Nothing leads on by itself, so nothing goes round for ever.

use leptos::prelude::*;

use crate::app::i18n::Text;
use crate::app::pages::RenderedPage;
use crate::app::view::TicketError;

/// The page.
pub fn page(text: &'static Text, why: TicketError, again: &str, reference: &str) -> RenderedPage {
    let (title, lead, button) = match why {
        TicketError::Spent => (
            "not-entered-spent",
            "not-entered-spent-lead",
            "blocked-button",
        ),
        TicketError::NoCookie => (
            "not-entered-no-cookie",
            "not-entered-no-cookie-lead",
            "blocked-button",
        ),
        TicketError::Ended => (
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
        <p><a class="button primary" href=again.to_owned()>{text.get(button)}</a></p>
        <p class="hint reference">{text.get("failure-reference")} " " <code dir="ltr">{reference.to_owned()}</code></p>
    };
    RenderedPage {
        title: text.get(title),
        refused: false,
        islands: false,
        body: body.into_any(),
    }
}
