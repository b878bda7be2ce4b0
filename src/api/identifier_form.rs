//! The form that asks for a code, which `send-code` and `sign-up` share.

use serde::{Deserialize, Deserializer, Serialize};

use crate::api::RequestContext;
use crate::domain::{Page, RefusalCode};
use crate::server::sign_in::{FormInput, Outcome, StartInput};

/// The fields of the form. `phone` or `identifier` is required. With both, the one counts that is
/// named for what the service asks for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct IdentifierFields {
    /// The phone number, national or international.
    #[serde(default, deserialize_with = "present")]
    phone: Option<String>,
    /// The identifier, where it is no phone number.
    #[serde(default, deserialize_with = "present")]
    identifier: Option<String>,
    /// Country of a national number: ISO 3166 alpha-2, or its name.
    #[serde(default, deserialize_with = "present")]
    country: Option<String>,
    /// The person's name; `sign-up` alone uses it.
    #[serde(default, deserialize_with = "present")]
    name: Option<String>,
    /// `1` to stay signed in after the browser closes.
    #[serde(default, deserialize_with = "present")]
    stay: Option<String>,
    /// The return URL: a path of this service or a URL of an allowed origin.
    #[serde(default, deserialize_with = "present")]
    return_to: Option<String>,
    /// A random name of the rendered form, so that a double submit starts one flow.
    #[serde(default, deserialize_with = "present")]
    form: Option<String>,
    /// Confirms a number that was asked back: that number, or `1`.
    #[serde(default, deserialize_with = "present")]
    confirmed: Option<String>,
    /// Says that the form came with a cookie, which the browser must have kept.
    #[serde(default, deserialize_with = "present")]
    probe: Option<String>,
}

/// Reads an empty field as one that is missing: browsers send every field of a form.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty()))
}

/// The code of a country that was chosen by its name. What names no country is kept: the parser of
/// numbers refuses it.
fn to_country_code(context: &RequestContext, typed: String) -> String {
    let code = context.text.country_code(&typed).map(str::to_owned);
    code.unwrap_or(typed)
}

impl IdentifierFields {
    /// Requests a code for the form of this page.
    pub async fn request_code(self, context: &RequestContext, page: Page) -> Outcome {
        if self.probe.is_some() && !context.has_cookies {
            // The code that is sent could not be used: the flow is in a cookie.
            let typed = FormInput {
                return_to: self.return_to,
                ..FormInput::default()
            };
            return Outcome::refused(RefusalCode::CookiesBlocked, page).with_input(typed);
        }
        let sign_in = &context.sign_in;
        let return_url = self.return_to.as_deref();
        let effect = return_url.map(|text| sign_in.store_return_url(text));
        let input = self.into_start(context, page);
        let outcome = if input.fields.identifier.is_empty() {
            Outcome::refused(RefusalCode::Malformed, page).with_input(input.fields)
        } else if page == Page::SignUp {
            sign_in.sign_up(&context.caller, input).await
        } else {
            sign_in.start(&context.caller, input).await
        };
        effect.into_iter().fold(outcome, Outcome::with)
    }

    /// The input of the use case. The identifier is empty if it is missing.
    fn into_start(self, context: &RequestContext, page: Page) -> StartInput {
        let kind = context.sign_in.deps().identifier_parser.kind();
        let identifier = if kind.is_phone_number() {
            self.phone.or(self.identifier)
        } else {
            self.identifier.or(self.phone)
        };
        StartInput {
            fields: FormInput {
                identifier: identifier.unwrap_or_default(),
                country: self.country.map(|typed| to_country_code(context, typed)),
                name: self.name.filter(|_| page == Page::SignUp),
                stay: self.stay.as_deref() == Some("1"),
                return_to: self.return_to.or_else(|| context.kept_return_url.clone()),
                asked_number: None,
            },
            confirmed: self.confirmed,
            asked_number: context.asked_number.clone(),
            form_id: self.form,
            message: context.message(),
        }
    }
}
