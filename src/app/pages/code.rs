//! `/code`: asks for the code. It depends on the flow and the clock alone. The result of the send
//! is not shown, because it would disclose whether the user exists.

mod entry;
mod help;

use leptos::either::{Either, EitherOf3};
use leptos::prelude::*;

use crate::app::components::countdown::Countdown;
use crate::app::components::form::{
    FailureSentences, FormNotice, Notice, PostForm, StatusRegion, SubmitButton,
};
use crate::app::components::masked::masked_identifier;
use crate::app::i18n::Text;
use crate::app::islands::CodeIsland;
use crate::app::pages::RenderedPage;
use crate::app::view::{CodeForm, PageFrame};
use crate::domain::timestamp::Timestamp;
use crate::domain::{Channel, Endpoint, IdentifierType, Refusal, RefusalCode};

/// The page in one of its three states: blocked, expired or open.
pub fn page(frame: &PageFrame, text: &'static Text, form: &CodeForm) -> RenderedPage {
    let (stale, form) = take_stale(form);
    let (form, stale) = (&form, stale.map(|refusal| text.refusal(&refusal)));
    let is_stale = stale.is_some();
    let blocked = form.blocked_until.filter(|until| *until > form.now);
    let expired = form.deadline <= form.now;
    let body = match blocked {
        Some(until) => EitherOf3::A(blocked_state(text, form, until)),
        None if expired => EitherOf3::B(expired_state(text, form)),
        None => EitherOf3::C(open_state(text, form)),
    };
    let body = view! {
        {stale.map(|sentence| view! {
            <Notice icon="alert" kind="warning"><p>{sentence}</p></Notice>
        })}
        <CodeIsland>{body}<FailureSentences text/><StatusRegion/></CodeIsland>
        {help::panel(frame, text, form)}
    };
    // The other two states explain the error themselves.
    let has_error = is_stale || form.refusal.is_some() && blocked.is_none() && !expired;
    let title = match blocked {
        Some(_) => "blocked-heading",
        None if expired => "expired-heading",
        None => "code-title",
    };
    RenderedPage {
        title: text.get(title),
        has_error,
        is_failure: false,
        expired_title: (blocked.is_none() && !expired).then(|| text.get("expired-heading")),
        has_islands: true,
        body: body.into_any(),
    }
}

/// Separates the refusal that concerns another flow from those of this one.
fn take_stale(form: &CodeForm) -> (Option<Refusal>, CodeForm) {
    let is_stale = |refusal: &Refusal| refusal.code == RefusalCode::StaleFlow;
    let others = CodeForm {
        refusal: form.refusal.filter(|refusal| !is_stale(refusal)),
        ..form.clone()
    };
    (form.refusal.filter(is_stale), others)
}

fn open_state(text: &'static Text, form: &CodeForm) -> impl IntoView + use<> {
    let field_error = form.refusal.filter(|refusal| !refusal.code.is_temporary());
    let resend_error = form
        .refusal
        .filter(|refusal| refusal.code.is_temporary())
        .map(|refusal| text.refusal(&refusal));
    let resent = text.get(resent_text(form));
    view! {
        <div class="when-open">
            <h1>{text.get("code-heading")}</h1>
            {open_lead(text, form)}
            {form.resent.then(|| view! {
                <Notice icon="check" announced=true id=Some(entry::RESENT)>
                    <p>{resent}</p>
                </Notice>
            })}
            {entry::form(text, form, field_error)}
        </div>
        <div class="when-expired" hidden>
            <h1 tabindex="-1">{text.get("expired-heading")}</h1>
            {expired_lead(text, form)}
        </div>
        {resend_form(text, form, "secondary", resend_error)}
        {email_form(text, form)}
        {restart_link(text, form)}
    }
}

fn expired_state(text: &'static Text, form: &CodeForm) -> impl IntoView + use<> {
    // What was wrong with the code matters no longer.
    let refusal = form.refusal.filter(|refusal| refusal.code.is_temporary());
    view! {
        <h1>{text.get("expired-heading")}</h1>
        {expired_lead(text, form)}
        {resend_form(text, form, "primary", refusal.map(|refusal| text.refusal(&refusal)))}
        {email_form(text, form)}
        {restart_link(text, form)}
    }
}

fn blocked_state(text: &'static Text, form: &CodeForm, until: Timestamp) -> impl IntoView + use<> {
    view! {
        <h1>{text.get("blocked-heading")}</h1>
        <p class="lead">
            <Countdown text id="blocked-lead" now=form.now deadline=until then="reload"/>
        </p>
        <p><a class="button secondary" href="/code">{text.get("blocked-button")}</a></p>
        {restart_link(text, form)}
    }
}

fn open_lead(text: &'static Text, form: &CodeForm) -> impl IntoView + use<> {
    let message = match form.identifier {
        IdentifierType::PhoneNumber => "code-lead",
        _ => "code-lead-other",
    };
    match form.channel {
        Channel::Sms => Either::Left(recipient(text, message, "code-lead", form)),
        // Nothing of an address is shown: whether there is one would be disclosed.
        Channel::Email => {
            let lead = text.format("code-lead-email", &[("length", form.length.into())]);
            Either::Right(view! { <p class="lead" id="code-lead">{lead}</p> })
        }
    }
}

fn resent_text(form: &CodeForm) -> &'static str {
    match form.channel {
        Channel::Sms => "resent",
        Channel::Email => "resent-email",
    }
}

fn expired_lead(text: &'static Text, form: &CodeForm) -> impl IntoView + use<> {
    let message = match form.identifier {
        IdentifierType::PhoneNumber => "expired-lead",
        _ => "expired-lead-other",
    };
    recipient(text, message, "expired-lead", form)
}

/// A message with the masked recipient, which has its own text direction.
fn recipient(
    text: &'static Text,
    message: &'static str,
    id: &'static str,
    form: &CodeForm,
) -> impl IntoView + use<> {
    let (before, after) = text.split_at(message, "to", &[("length", form.length.into())]);
    let masked = masked_identifier(text, &form.masked);
    view! { <p class="lead" id=id>{before}{masked}{after}</p> }
}

/// The form that requests another code. It can be submitted at any time; if it is too early, the
/// server responds with an error.
fn resend_form(
    text: &'static Text,
    form: &CodeForm,
    kind: &'static str,
    refusal: Option<String>,
) -> impl IntoView + use<> {
    let (now, resend_at, tag) = (form.now, form.resend_at, form.flow_tag.clone());
    let label = match form.channel {
        Channel::Sms => "resend-button",
        Channel::Email => "resend-button-sms",
    };
    view! {
        <PostForm action=Endpoint::ResendCode.path() class="form resend">
            <input r#type="hidden" name="flow" value=tag/>
            {(kind == "secondary").then(|| view! {
                <p class="when-open">{text.get("resend-question")}</p>
            })}
            <FormNotice message=refusal/>
            <SubmitButton label=text.get(label) pending=text.get("sending") kind/>
            <p
                class="hint"
                id="resend-wait"
                data-announced=text.get("resend-ready")
                hidden=resend_at <= now
            >
                <Countdown text id="resend-wait" now deadline=resend_at then="resend"/>
            </p>
        </PostForm>
    }
}

/// The form that requests the code by e-mail, where that is offered. It appears after the first
/// wait, the same for everybody.
fn email_form(text: &'static Text, form: &CodeForm) -> Option<impl IntoView + use<>> {
    let (hidden, tag) = (
        !form.resent && form.now < form.resend_at,
        form.flow_tag.clone(),
    );
    form.offers_email.then(|| {
        view! {
            <PostForm action=Endpoint::ResendCode.path() class="form resend" hidden=hidden>
                <input r#type="hidden" name="flow" value=tag/>
                <input r#type="hidden" name="channel" value=Channel::Email.name()/>
                <FormNotice message=None/>
                <SubmitButton
                    label=text.get("email-button")
                    pending=text.get("sending")
                    kind="secondary"
                />
            </PostForm>
        }
    })
}

fn restart_link(text: &'static Text, form: &CodeForm) -> impl IntoView + use<> {
    let label = match form.identifier {
        IdentifierType::PhoneNumber => "other-number",
        _ => "other-identifier",
    };
    view! { <p class="aside"><a href=form.back.path()>{text.get(label)}</a></p> }
}
