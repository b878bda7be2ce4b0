//! The form that asks for a code, which `send-code` and `sign-up` share.

use serde::{Deserialize, Deserializer, Serialize};

use crate::api::RequestContext;
use crate::domain::{Page, RefusalCode};
use crate::server::sign_in::{FormInput, Outcome, StartInput};

/// The fields of the form. `phone` or `identifier` is required.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct IdentifierFields {
    /// The phone number, national or international.
    #[serde(default, deserialize_with = "present")]
    phone: Option<String>,
    /// The identifier, where it is no phone number.
    #[serde(default, deserialize_with = "present")]
    identifier: Option<String>,
    /// Country of a national number, ISO 3166 alpha-2.
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
}

/// Reads an empty field as one that is missing: browsers send every field of a form.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty()))
}

impl IdentifierFields {
    /// The input of the use case; an outcome if a required field is missing.
    #[expect(
        clippy::result_large_err,
        reason = "the outcome is the response and is made once for each request"
    )]
    pub fn into_start(self, context: &RequestContext, page: Page) -> Result<StartInput, Outcome> {
        let Some(identifier) = self.phone.or(self.identifier) else {
            return Err(Outcome::refused(RefusalCode::Malformed, page));
        };
        Ok(StartInput {
            fields: FormInput {
                identifier,
                country: self.country,
                name: self.name.filter(|_| page == Page::SignUp),
                stay: self.stay.as_deref() == Some("1"),
                return_to: self.return_to,
            },
            form_id: self.form,
            message: context.message(),
        })
    }
}
