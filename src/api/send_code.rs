//! `POST /api/send-code`

use leptos::prelude::*;

use crate::api::identifier_form::IdentifierFields;
use crate::api::{NextLocation, Problem, RequestContext};
use crate::domain::Page;

/// Sends a code to a user who signs in.
#[server(endpoint = "send-code")]
pub async fn send_code(
    /// The form.
    #[server(flatten)]
    fields: IdentifierFields,
) -> Result<NextLocation, Problem> {
    let context = RequestContext::current()?;
    let outcome = fields.request_code(&context, Page::SignIn).await;
    context.reply(outcome)
}
