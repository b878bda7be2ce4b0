//! We failed, or a request had to be refused before any page could take it.

use leptos::prelude::*;

use super::Page;
use crate::app::text::Text;
use crate::app::view::Frame;
use crate::domain::{Refusal, RefusalCode};

/// The page.
pub fn page(frame: &Frame, text: &'static Text, refusal: &Refusal, reference: &str) -> Page {
    let title = text.get(heading(refusal.code));
    let body = view! {
        <h1>{title}</h1>
        <p class="lead">{text.refusal(refusal)}</p>
        <p><a class="button primary" href=frame.start()>{text.get("start-button")}</a></p>
        <p class="hint reference">{text.get("failure-reference")} " " <code dir="ltr">{reference.to_owned()}</code></p>
    };
    Page { title, refused: false, islands: false, body: body.into_any() }
}

fn heading(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::CrossOrigin | RefusalCode::Forbidden => "failure-refused",
        RefusalCode::MalformedBody
        | RefusalCode::TooLarge
        | RefusalCode::UnsupportedMediaType
        | RefusalCode::Malformed => "failure-unreadable",
        RefusalCode::SlowDown => "failure-wait",
        RefusalCode::Unavailable => "failure-unavailable",
        RefusalCode::InvalidPhone
        | RefusalCode::CountryNotServed
        | RefusalCode::InvalidCodeFormat
        | RefusalCode::CodeRefused
        | RefusalCode::NotSignedIn
        | RefusalCode::FlowExpired
        | RefusalCode::NoFlow => "failure-title",
    }
}
