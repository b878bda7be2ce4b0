//! `POST /api/sign-up`

use leptos::prelude::*;

use crate::api::identifier_form::IdentifierFields;
use crate::api::{NextLocation, Problem, RequestContext};
use crate::domain::Page;

/// Creates a user and sends a code.
#[server(endpoint = "sign-up")]
pub async fn sign_up(
    /// The form.
    #[server(flatten)]
    fields: IdentifierFields,
) -> Result<NextLocation, Problem> {
    let context = RequestContext::current()?;
    let outcome = fields.request_code(&context, Page::SignUp).await;
    context.reply(outcome)
}
