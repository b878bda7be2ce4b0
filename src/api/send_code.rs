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
    let outcome = match fields.into_start(&context, Page::SignIn) {
        Ok(start) => context.sign_in.start(&context.caller, start).await,
        Err(refused) => refused,
    };
    context.reply(outcome)
}
