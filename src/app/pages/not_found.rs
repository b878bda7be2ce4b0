//! The page for unknown paths.

use leptos::prelude::*;

use crate::app::i18n::Text;
use crate::app::pages::RenderedPage;

pub fn page(text: &'static Text) -> RenderedPage {
    let body = view! {
        <h1>{text.get("not-found-title")}</h1>
        <p class="lead">{text.get("not-found-lead")}</p>
        <p><a class="button primary" href="/">{text.get("start-button")}</a></p>
    };
    RenderedPage {
        title: text.get("not-found-title"),
        has_error: false,
        is_failure: true,
        expired_title: None,
        has_islands: false,
        body: body.into_any(),
    }
}
