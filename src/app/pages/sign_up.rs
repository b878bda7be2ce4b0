//! `/sign-up`: asks a new user for the identifier and an optional name.

use leptos::prelude::*;

use crate::app::components::form::{
    FailureSentences, FormNotice, PostForm, StatusRegion, SubmitButton,
};
use crate::app::components::identifier;
use crate::app::i18n::Text;
use crate::app::islands::FormIsland;
use crate::app::pages::RenderedPage;
use crate::app::view::IdentifierForm;
use crate::domain::Endpoint;

pub fn page(text: &'static Text, form: &IdentifierForm) -> RenderedPage {
    let notice = identifier::form_refusal(text, form);
    let fields = (
        identifier::identifier_field(text, form),
        name_field(text, form),
        identifier::other_fields(text, form),
    )
        .into_any();
    let sign_in = crate::app::pages::with_return_to("/sign-in", form.return_to.as_deref());
    let body = view! {
        <h1>{text.get("sign-up-heading")}</h1>
        <p class="lead">{text.get("sign-up-lead")}</p>
        {identifier::notices(text, form)}
        <FormIsland>
            <PostForm action=Endpoint::SignUp.path()>
                <FormNotice message=notice/>
                {fields}
                <SubmitButton label=text.get("send-button") pending=text.get("sending")/>
            </PostForm>
            <FailureSentences text/>
            <StatusRegion/>
        </FormIsland>
        <p class="aside">
            {text.get("sign-up-have")} " " <a href=sign_in>{text.get("sign-up-have-link")}</a>
        </p>
    };
    RenderedPage {
        title: text.get("sign-up-title"),
        has_error: identifier::has_error(form),
        is_failure: false,
        expired_title: None,
        has_islands: true,
        body: body.into_any(),
    }
}

fn name_field(text: &'static Text, form: &IdentifierForm) -> impl IntoView + use<> {
    view! {
        <div class="field">
            <label for="name">{text.get("name-label")}</label>
            <input
                class="input"
                id="name"
                name="name"
                autocomplete="name"
                maxlength="100"
                dir="auto"
                value=form.name.clone()
            />
        </div>
    }
}
