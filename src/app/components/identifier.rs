//! The form fields for the identifier of a person.

use std::borrow::Cow;

use leptos::either::Either;
use leptos::prelude::*;

use crate::app::components::countdown::PLACEHOLDER;
use crate::app::components::form::{ErrorMessage, Notice};
use crate::app::i18n::Text;
use crate::app::view::{CountryOption, IdentifierForm, SignedOutReason};
use crate::domain::IdentifierType;

/// Label, hint, error and input for the kind of identifier that the form asks for.
pub fn identifier_field(text: &'static Text, form: &IdentifierForm) -> impl IntoView + use<> {
    let refusal = form
        .refusal
        .map(|refusal| text.refusal_for(&refusal, form.identifier));
    match form.identifier {
        IdentifierType::PhoneNumber => Either::Left(phone_field(text, form, refusal)),
        other => Either::Right(text_field(text, other, form.typed.clone(), refusal)),
    }
}

/// Why the browser is no longer signed in, or must prove again that it is the person's.
pub fn signed_out_notice(text: &'static Text, form: &IdentifierForm) -> impl IntoView + use<> {
    let id = form.signed_out_reason.map(|reason| match reason {
        SignedOutReason::Expired => "signed-out-expired",
        SignedOutReason::TooManySessions => "signed-out-too-many-sessions",
        SignedOutReason::Revoked => "signed-out-revoked",
        SignedOutReason::Operator => "signed-out-by-operator",
        SignedOutReason::CodeTooOld => "code-too-old",
        SignedOutReason::Other => "signed-out-other",
    });
    id.map(|id| view! { <Notice icon="info"><p>{text.get(id)}</p></Notice> })
}

fn phone_field(
    text: &'static Text,
    form: &IdentifierForm,
    refusal: Option<String>,
) -> impl IntoView + use<> {
    let countries = sort_by_name(text, &form.countries);
    let selected = countries
        .iter()
        .find(|(_, country)| Some(&country.code) == form.country.as_ref());
    // Browsers show the first option if none is selected.
    let shown = selected.or(countries.first()).map(|(_, country)| *country);
    let hint = shown.map_or_else(
        || text.get("phone-hint-plain").to_owned(),
        |country| {
            text.format(
                "phone-hint",
                &[("example", isolate(&country.example).into())],
            )
        },
    );
    let template = text.format("phone-hint", &[("example", isolate(PLACEHOLDER).into())]);
    let refused = refusal.is_some();
    view! {
        <div class="field">
            <label for="phone">{text.get("phone-label")}</label>
            <p class="hint" id="phone-hint" data-template=template>{hint}</p>
            <ErrorMessage id="phone-error" message=refusal/>
            <div class="phone" dir="ltr">
                <select
                    name="country"
                    aria-label=text.get("country-label")
                    autocomplete="tel-country-code"
                >
                    {country_options(&countries, selected.map(|(_, country)| *country))}
                </select>
                <input
                    id="phone"
                    name="phone"
                    r#type="tel"
                    inputmode="tel"
                    autocomplete="tel"
                    maxlength="40"
                    required
                    value=form.typed.clone()
                    aria-describedby="phone-hint phone-error"
                    aria-invalid=refused.then_some("true")
                    autofocus=refused
                />
            </div>
        </div>
    }
}

/// The countries with their names, in the alphabetical order of the language.
fn sort_by_name<'c>(
    text: &'static Text,
    countries: &'c [CountryOption],
) -> Vec<(Cow<'c, str>, &'c CountryOption)> {
    let mut named: Vec<_> = countries
        .iter()
        .map(|country| (text.country(&country.code), country))
        .collect();
    named.sort_by_key(|((place, _), _)| *place);
    named
        .into_iter()
        .map(|((_, name), country)| (name, country))
        .collect()
}

/// The calling code comes first and is padded: the closed select shows the code only, and the open
/// one shows two columns.
fn country_options(
    countries: &[(Cow<'_, str>, &CountryOption)],
    selected: Option<&CountryOption>,
) -> impl IntoView + use<> {
    let selected = selected.map(|country| country.code.clone());
    countries
        .iter()
        .map(|(name, country)| {
            let code = country.calling_code.to_string();
            let padding = "\u{2007}".repeat(3_usize.saturating_sub(code.len()));
            view! {
                <option
                    value=country.code.clone()
                    selected=selected.as_ref() == Some(&country.code)
                    data-example=country.example.clone()
                >
                    {format!("+{code}{padding}\u{2003}\u{2003}{name}")}
                </option>
            }
        })
        .collect_view()
}

fn text_field(
    text: &'static Text,
    identifier: IdentifierType,
    typed: Option<String>,
    refusal: Option<String>,
) -> impl IntoView + use<> {
    let (label, input_type, autocomplete) = match identifier {
        IdentifierType::Email => ("email-label", "email", "email"),
        IdentifierType::UserId => ("user-id-label", "text", "username"),
        IdentifierType::PhoneNumber | IdentifierType::Username => {
            ("username-label", "text", "username")
        }
    };
    let refused = refusal.is_some();
    view! {
        <div class="field">
            <label for="identifier">{text.get(label)}</label>
            <ErrorMessage id="identifier-error" message=refusal/>
            <input
                class="input"
                id="identifier"
                name="identifier"
                r#type=input_type
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                dir="ltr"
                maxlength="254"
                required
                value=typed
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
        <input r#type="hidden" name="form" value=form.form.clone()/>
    }
}

/// Isolates a number, so that it is left-to-right in a text of any direction.
fn isolate(number: &str) -> String {
    format!("\u{2066}{number}\u{2069}")
}
