//! `/sign-out`: a form, because a GET must not end the session. It also works without a session.

use leptos::prelude::*;

use crate::app::components::form::{PostForm, SubmitButton};
use crate::app::i18n::Text;
use crate::app::pages::RenderedPage;
use crate::domain::Endpoint;

pub fn page(text: &'static Text, signed_in: bool) -> RenderedPage {
    let (title, heading, lead, button) = if signed_in {
        (
            "sign-out-title",
            "sign-out-heading",
            "sign-out-lead",
            "sign-out-button",
        )
    } else {
        (
            "signed-out-title",
            "signed-out-heading",
            "signed-out-lead",
            "signed-out-button",
        )
    };
    let body = view! {
        <h1>{text.get(heading)}</h1>
        <p class="lead">{text.get(lead)}</p>
        <PostForm action=Endpoint::SignOut.path()>
            <SubmitButton label=text.get(button) pending=text.get(button)/>
        </PostForm>
        {signed_in.then(|| view! {
            <p class="aside"><a href="/account">{text.get("sign-out-back")}</a></p>
        })}
    };
    RenderedPage {
        title: text.get(title),
        has_error: false,
        is_failure: false,
        expired_title: None,
        has_islands: false,
        body: body.into_any(),
    }
}
