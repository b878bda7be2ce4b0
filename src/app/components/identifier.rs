//! The form fields for the identifier of a person.

use leptos::either::Either;
use leptos::prelude::*;

use crate::app::components::countdown::PLACEHOLDER;
use crate::app::components::country::{self, isolate};
use crate::app::components::form::{ErrorMessage, Notice};
use crate::app::i18n::Text;
use crate::app::view::{IdentifierForm, SignedOutReason};
use crate::domain::typed_text::{MAX_IDENTIFIER_TEXT, MAX_PHONE_TEXT};
use crate::domain::{IdentifierType, Refusal, RefusalCode};

/// Label, hint, error and input for the kind of identifier that the form asks for.
pub fn identifier_field(text: &'static Text, form: &IdentifierForm) -> impl IntoView + use<> {
    let refusal = form
        .refusal
        .filter(|refusal| refusal.code.concerns_input() && !is_question(refusal))
        .map(|refusal| text.refusal(&refusal));
    match form.identifier {
        IdentifierType::PhoneNumber => Either::Left(phone_field(text, form, refusal)),
        _ => Either::Right(text_field(text, form, refusal)),
    }
}

/// Whether a refusal asks something, and nothing was wrong.
fn is_question(refusal: &Refusal) -> bool {
    refusal.code == RefusalCode::ConfirmNumber
}

/// Whether the form was refused because something was wrong.
pub fn has_error(form: &IdentifierForm) -> bool {
    form.refusal.is_some_and(|refusal| !is_question(&refusal))
}

/// A refusal that is no fault of the field. That cookies are blocked is told by [`notices`].
pub fn form_refusal(text: &'static Text, form: &IdentifierForm) -> Option<String> {
    form.refusal
        .filter(|refusal| !refusal.code.concerns_input())
        .filter(|refusal| refusal.code != RefusalCode::CookiesBlocked)
        .map(|refusal| text.refusal(&refusal))
}

/// What concerns the whole form and no field: that cookies are blocked, and why the browser is no
/// longer signed in, or must prove again that it is the person's.
pub fn notices(text: &'static Text, form: &IdentifierForm) -> impl IntoView + use<> {
    let blocked = form
        .refusal
        .filter(|refusal| refusal.code == RefusalCode::CookiesBlocked);
    let id = form.signed_out_reason.map(|reason| match reason {
        SignedOutReason::Expired => "signed-out-expired",
        SignedOutReason::TooManySessions => "signed-out-too-many-sessions",
        SignedOutReason::Revoked => "signed-out-revoked",
        SignedOutReason::Operator => "signed-out-by-operator",
        SignedOutReason::CodeTooOld => "code-too-old",
        SignedOutReason::CodeNotBySms => "code-not-by-sms",
        SignedOutReason::Requested => "signed-out-heading",
        SignedOutReason::Other => "signed-out-other",
    });
    let icon = if form.signed_out_reason == Some(SignedOutReason::Requested) {
        "check"
    } else {
        "info"
    };
    view! {
        {blocked.map(|refusal| view! {
            <Notice icon="alert" kind="warning">
                <p><strong>{text.get("ticket-error-no-cookie")}</strong></p>
                <p>{text.refusal(&refusal)}</p>
            </Notice>
        })}
        {id.map(|id| view! {
            <Notice icon announced=true><p>{text.get(id)}</p></Notice>
        })}
    }
}

fn phone_field(
    text: &'static Text,
    form: &IdentifierForm,
    refusal: Option<String>,
) -> impl IntoView + use<> {
    let countries = country::sort_by_name(text, &form.countries);
    let selected = countries
        .iter()
        .find(|(_, country)| Some(&country.code) == form.country.as_ref());
    let selected = selected.map(|(_, country)| *country);
    let hint = selected.map_or_else(
        || text.get("phone-hint-plain").to_owned(),
        |country| {
            text.format(
                "phone-hint",
                &[("example", isolate(&country.example).into())],
            )
        },
    );
    let template = text.format("phone-hint", &[("example", isolate(PLACEHOLDER).into())]);
    let question = form.refusal.filter(is_question).map(|refusal| {
        let typed = form.typed.as_ref();
        typed.map_or_else(
            || text.refusal(&refusal),
            |number| text.confirm_number(number),
        )
    });
    let (refused, is_asked) = (refusal.is_some(), question.is_some());
    let described_by = if is_asked {
        "phone-question phone-hint phone-error"
    } else {
        "phone-hint phone-error"
    };
    view! {
        <div class="field">
            <label for="phone">{text.get("phone-label")}</label>
            <p class="hint" id="phone-hint" data-template=template>{hint}</p>
            {question.map(|question| view! {
                <Notice icon="info" id=Some("phone-question")><p>{question}</p></Notice>
            })}
            <ErrorMessage id="phone-error" message=refusal/>
            <div class="phone">
                {country::country_field(text, &countries, selected)}
                <input
                    id="phone"
                    name="phone"
                    r#type="tel"
                    inputmode="tel"
                    autocomplete="tel"
                    dir="ltr"
                    maxlength=MAX_PHONE_TEXT.to_string()
                    required
                    value=form.typed.clone()
                    aria-describedby=described_by
                    aria-invalid=refused.then_some("true")
                    autofocus=refused || is_asked
                />
            </div>
        </div>
    }
}

/// The field for an identifier that is no phone number. The browser does not validate it: what
/// counts as an address is decided in one place, on the server.
fn text_field(
    text: &'static Text,
    form: &IdentifierForm,
    refusal: Option<String>,
) -> impl IntoView + use<> {
    let is_email = form.identifier == IdentifierType::Email;
    let label = match form.identifier {
        IdentifierType::Email => "email-label",
        IdentifierType::UserId => "user-id-label",
        IdentifierType::PhoneNumber | IdentifierType::Username => "username-label",
        IdentifierType::Custom(_) => "identifier-label",
    };
    let own = form.labels.of(text.lang());
    let label = own.unwrap_or_else(|| text.get(label)).to_owned();
    // Names may be written from right to left. Addresses and ids are not.
    let direction = match form.identifier {
        IdentifierType::Email | IdentifierType::UserId => "ltr",
        _ => "auto",
    };
    let refused = refusal.is_some();
    view! {
        <div class="field">
            <label for="identifier">{label}</label>
            <ErrorMessage id="identifier-error" message=refusal/>
            <input
                class="input"
                id="identifier"
                name="identifier"
                r#type=if is_email { "email" } else { "text" }
                inputmode=if is_email { "email" } else { "text" }
                autocomplete=if is_email { "email" } else { "username" }
                autocapitalize="none"
                spellcheck="false"
                dir=direction
                maxlength=MAX_IDENTIFIER_TEXT.to_string()
                required
                value=form.typed.clone()
                aria-describedby="identifier-error"
                aria-invalid=refused.then_some("true")
                autofocus=refused
            />
        </div>
    }
}

/// The checkbox "stay signed in", if it is offered, and the hidden fields.
pub fn other_fields(text: &'static Text, form: &IdentifierForm) -> impl IntoView + use<> {
    let stay = form.stay;
    view! {
        {form.offer_stay.then(|| view! {
            <div class="check">
                <input
                    r#type="checkbox"
                    id="stay"
                    name="stay"
                    value="1"
                    checked=stay
                    aria-describedby="stay-hint"
                />
                <label for="stay">{text.get("stay-label")}</label>
                <p class="hint" id="stay-hint">{text.get("stay-hint")}</p>
            </div>
        })}
        {form.return_to.clone().map(|to| view! {
            <input r#type="hidden" name="return_to" value=to/>
        })}
        {form.asked_number.clone().map(|number| view! {
            <input r#type="hidden" name="confirmed" value=number/>
        })}
        <input r#type="hidden" name="form" value=form.form.clone()/>
        // The form comes with a cookie. A post without any says that cookies are blocked.
        <input r#type="hidden" name="probe" value="1"/>
    }
}
