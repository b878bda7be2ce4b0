//! Native forms, which post and get a page back. The islands read their texts from `data-*`
//! attributes.

use leptos::prelude::*;

use crate::app::components::icon::Icon;
use crate::app::i18n::Text;

/// The error message of a field or a form. The element is always rendered, so that the browser can
/// fill it. It is hidden if there is no error.
#[component]
pub fn ErrorMessage(
    /// The id that `aria-describedby` of the field refers to.
    id: &'static str,
    /// The message.
    message: Option<String>,
) -> impl IntoView {
    let hidden = message.is_none();
    view! {
        <p class="error" id=id data-error tabindex="-1" hidden=hidden>
            <Icon name="alert"/>
            <span>{message}</span>
        </p>
    }
}

/// What a form could not do through no fault of any field: a wait, an outage. The element is always
/// rendered, so that the browser can fill it.
#[component]
pub fn FormNotice(
    /// The message.
    message: Option<String>,
) -> impl IntoView {
    let hidden = message.is_none();
    view! {
        <p class="warning notice" data-notice hidden=hidden>
            <Icon name="alert"/>
            <span>{message}</span>
        </p>
    }
}

/// What the islands say when the reply to a form is not one of ours, or does not come.
#[component]
pub fn FailureSentences(
    /// The texts of the language.
    text: &'static Text,
) -> impl IntoView {
    view! {
        <p
            hidden
            data-network=text.get("refusal-network")
            data-timeout=text.get("refusal-timeout")
            data-too-many=text.get("refusal-slow-down-plain")
            data-unavailable=text.get("refusal-unavailable-plain")
        ></p>
    }
}

/// Where the islands announce to screen readers what happens, politely: that a form is being sent,
/// the last minute of a code, and the end of a wait.
#[component]
pub fn StatusRegion() -> impl IntoView {
    view! { <p class="visually-hidden" role="status" data-status></p> }
}

/// The submit button of a form.
#[component]
pub fn SubmitButton(
    /// The label.
    label: &'static str,
    /// The label while the form is being sent.
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
    /// The path of the server function.
    action: &'static str,
    /// The CSS class.
    #[prop(default = "form")]
    class: &'static str,
    /// Whether it is not shown yet.
    #[prop(default = false)]
    hidden: bool,
    /// Fields and button.
    children: Children,
) -> impl IntoView {
    view! {
        <form class=class method="post" action=action novalidate hidden=hidden>
            {children()}
        </form>
    }
}

/// A notice on a page.
#[component]
pub fn Notice(
    /// The name of the icon.
    icon: &'static str,
    /// `info` or `warning`.
    #[prop(default = "info")]
    kind: &'static str,
    /// Whether screen readers announce it: it says that something was done.
    #[prop(default = false)]
    announced: bool,
    /// The id by which a field refers to it.
    #[prop(default = None)]
    id: Option<&'static str>,
    /// The content.
    children: Children,
) -> impl IntoView {
    view! {
        <div class=format!("notice {kind}") id=id role=announced.then_some("status")>
            <Icon name=icon/>
            <div>{children()}</div>
        </div>
    }
}
