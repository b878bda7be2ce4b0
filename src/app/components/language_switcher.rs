//! The choice of another language.
//!
//! It is a form that asks for the same page with `?lang=`, so it needs no script. One form with a
//! button for each language keeps the return URL once; links would each repeat it. Unlike the
//! options of a select, a button is read aloud in its own language.

use leptos::prelude::*;

use crate::app::i18n::{LANGUAGES, Language, Text};

/// The name of the page's language, which unfolds the others.
#[component]
pub fn LanguageSwitcher(
    /// The texts of the page's language.
    text: &'static Text,
    /// The page to ask for; none: the document's own URL.
    action: Option<&'static str>,
    /// The return URL to keep.
    return_to: Option<String>,
) -> impl IntoView {
    let current = text.language();
    let button = |language: &'static Language| {
        let is_current = std::ptr::eq(language, current);
        view! {
            <button
                name="lang"
                value=language.tag
                lang=language.tag
                dir=language.direction()
                aria-current=is_current.then_some("true")
            >
                {language.name}
            </button>
        }
    };
    view! {
        <details class="languages">
            <summary>{text.get("language-label")} " " {current.name}</summary>
            <form action=action>
                {return_to.map(|to| view! {
                    <input r#type="hidden" name="return_to" value=to/>
                })}
                {LANGUAGES.iter().map(button).collect_view()}
            </form>
        </details>
    }
}
