//! `/sign-in`: asks an existing user for the identifier.

use leptos::prelude::*;

use crate::app::components::form::{
    FailureSentences, FormNotice, PostForm, StatusRegion, SubmitButton,
};
use crate::app::components::identifier;
use crate::app::i18n::Text;
use crate::app::islands::FormIsland;
use crate::app::pages::RenderedPage;
use crate::app::view::{IdentifierForm, PageFrame};
use crate::domain::{Endpoint, IdentifierType};

pub fn page(frame: &PageFrame, text: &'static Text, form: &IdentifierForm) -> RenderedPage {
    let (heading, lead) = match form.identifier {
        IdentifierType::PhoneNumber => ("sign-in-heading", "sign-in-lead"),
        IdentifierType::Email => ("sign-in-heading-email", "identifier-lead"),
        IdentifierType::UserId => ("sign-in-heading-user-id", "identifier-lead"),
        IdentifierType::Username => ("sign-in-heading-username", "identifier-lead"),
        IdentifierType::Custom(_) => ("sign-in-title", "identifier-lead"),
    };
    let notice = identifier::form_refusal(text, form);
    let fields = (
        identifier::identifier_field(text, form),
        identifier::other_fields(text, form),
    )
        .into_any();
    let question = text.format(
        "sign-in-new",
        &[("brand", frame.brand.name.as_ref().into())],
    );
    let sign_up = frame
        .sign_up_open
        .then(|| crate::app::pages::with_return_to("/sign-up", form.return_to.as_deref()));
    let body = view! {
        <h1>{text.get(heading)}</h1>
        <p class="lead">{text.get(lead)}</p>
        {identifier::notices(text, form)}
        <FormIsland>
            <PostForm action=Endpoint::SendCode.path()>
                <FormNotice message=notice/>
                {fields}
                <SubmitButton label=text.get("send-button") pending=text.get("sending")/>
            </PostForm>
            <FailureSentences text/>
            <StatusRegion/>
        </FormIsland>
        {sign_up.map(|href| view! {
            <p class="aside">{question} " " <a href=href>{text.get("sign-in-new-link")}</a></p>
        })}
    };
    RenderedPage {
        title: text.get("sign-in-title"),
        has_error: identifier::has_error(form),
        is_failure: false,
        expired_title: None,
        has_islands: true,
        body: body.into_any(),
    }
}
