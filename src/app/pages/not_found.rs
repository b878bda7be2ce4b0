//! Any other path.

use leptos::prelude::*;

use super::Page;
use crate::app::text::Text;

/// The page.
pub fn page(text: &'static Text) -> Page {
    let body = view! {
        <h1>{text.get("not-found-title")}</h1>
        <p class="lead">{text.get("not-found-lead")}</p>
        <p><a class="button primary" href="/">{text.get("start-button")}</a></p>
    };
    Page { title: text.get("not-found-title"), refused: false, islands: false, body: body.into_any() }
}
