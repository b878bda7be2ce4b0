//! `/.latchkey/enter` on the host of an application, when it leads nowhere: why, and the one link that begins again. Nothing leads
//! on by itself, so nothing goes round for ever.

use leptos::prelude::*;

use super::Page;
use crate::app::text::Text;
use crate::app::view::NotEntered;

/// The page.
pub fn page(text: &'static Text, why: NotEntered, again: &str, reference: &str) -> Page {
    let (title, lead, button) = match why {
        NotEntered::Spent => ("not-entered-spent", "not-entered-spent-lead", "blocked-button"),
        NotEntered::NoCookie => ("not-entered-no-cookie", "not-entered-no-cookie-lead", "blocked-button"),
        NotEntered::Ended => ("signed-out-heading", "refusal-not-signed-in", "sign-in-title"),
        NotEntered::Unavailable => ("failure-unavailable", "refusal-unavailable-plain", "blocked-button"),
    };
    let body = view! {
        <h1>{text.get(title)}</h1>
        <p class="lead">{text.get(lead)}</p>
        <p><a class="button primary" href=again.to_owned()>{text.get(button)}</a></p>
        <p class="hint reference">{text.get("failure-reference")} " " <code dir="ltr">{reference.to_owned()}</code></p>
    };
    Page { title: text.get(title), refused: false, islands: false, body: body.into_any() }
}
