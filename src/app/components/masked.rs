//! A masked identifier, drawn with dots and read aloud in words.

use leptos::prelude::*;

use crate::app::i18n::Text;
use crate::domain::identifier_mask::MaskParts;

/// A masked phone number is drawn as `+44 ••• ••• 56`, and read aloud as "number ending in 56".
/// Others are drawn as `a•••@example.com`, `a•••` or `•••9f`, and read aloud with "hidden
/// characters" for the dots, which screen readers spell out or leave out.
pub fn masked_identifier(text: &'static Text, masked: &str) -> impl IntoView + use<> {
    let drawn = masked.to_owned();
    let parts = MaskParts::of(masked);
    let aloud = match parts {
        MaskParts::PhoneNumber { ending } => {
            text.format("number-ending", &[("digits", ending.into())])
        }
        MaskParts::Other { start, end } => {
            let parts = [start, text.get("mask-hidden"), end];
            let seen: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            seen.join(", ")
        }
    };
    // A name may be of a script that is written from right to left.
    let direction = match parts {
        MaskParts::Other { end: "", .. } => "auto",
        _ => "ltr",
    };
    view! {
        <bdi class="recipient" dir=direction aria-hidden="true">{drawn}</bdi>
        <span class="visually-hidden">{aloud}</span>
    }
}
