//! Forms: native ones, which post and get a page back. The islands read their sentences from
//! `data-*` attributes here.

use leptos::prelude::*;

use crate::app::components::icon::Icon;
use crate::app::i18n::Text;

/// Where an error is said: under the label of the field that it belongs to, or above the form.
/// Always there, so that the browser can fill it; empty and hidden when there is nothing to say.
#[component]
pub fn ErrorSlot(
    /// What `aria-describedby` of the field names.
    id: &'static str,
    /// The sentence.
    sentence: Option<String>,
) -> impl IntoView {
    let hidden = sentence.is_none();
    view! {
        <p class="error" id=id data-error tabindex="-1" hidden=hidden>
            <Icon name="alert"/>
            <span>{sentence}</span>
        </p>
    }
}

/// The one button of a form, with what it says while the form is on its way.
#[component]
pub fn Submit(
    /// What it does.
    label: &'static str,
    /// What it says meanwhile.
    pending: &'static str,
    /// `primary`, `secondary` or `link`.
    #[prop(default = "primary")]
    kind: &'static str,
) -> impl IntoView {
    view! {
        <button class=format!("button {kind}") data-pending=pending>
            <span>{label}</span>
        </button>
    }
}

/// A native form that posts to a server function.
#[component]
pub fn PostForm(
    /// Path of the server function.
    action: &'static str,
    /// For the sentence that is shown when the network fails.
    text: &'static Text,
    /// Class, for its place on the page.
    #[prop(default = "form")]
    class: &'static str,
    /// Fields and button.
    children: Children,
) -> impl IntoView {
    view! {
        <form class=class method="post" action=action novalidate data-offline=text.get("refusal-network")>
            {children()}
        </form>
    }
}

/// A note about something that happened or that one should know.
#[component]
pub fn Notice(
    /// Name of its icon.
    icon: &'static str,
    /// `info` or `warning`.
    #[prop(default = "info")]
    kind: &'static str,
    /// What it says.
    children: Children,
) -> impl IntoView {
    view! {
        <div class=format!("notice {kind}")>
            <Icon name=icon/>
            <div>{children()}</div>
        </div>
    }
}
