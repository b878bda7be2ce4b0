//! A masked identifier, drawn with dots and read aloud in words.

use leptos::either::Either;
use leptos::prelude::*;

use crate::app::i18n::Text;

/// A masked phone number is drawn as `+44 ••• ••• 56`, and read aloud as "number ending in 56".
/// Other identifiers are read as they are drawn.
pub fn masked_identifier(text: &'static Text, masked: &str) -> impl IntoView + use<> {
    let drawn = masked.to_owned();
    let digits = masked.starts_with('+').then(|| {
        let digits = masked.rsplit(' ').next().unwrap_or_default();
        digits.to_owned()
    });
    match digits {
        Some(digits) => {
            let aloud = text.format("number-ending", &[("digits", digits.into())]);
            Either::Left(view! {
                <bdi class="recipient" dir="ltr" aria-hidden="true">{drawn}</bdi>
                <span class="visually-hidden">{aloud}</span>
            })
        }
        None => Either::Right(view! { <bdi class="recipient" dir="ltr">{drawn}</bdi> }),
    }
}
