//! `POST /api/resend-code`

use leptos::prelude::*;

use crate::api::{NextLocation, Problem, RequestContext};

/// Sends another code in the browser's flow.
#[server(endpoint = "resend-code")]
pub async fn resend_code(
    /// Tag of the flow whose page the form is on.
    flow: Option<String>,
) -> Result<NextLocation, Problem> {
    let context = RequestContext::current()?;
    let message = context.message();
    let tag = flow.as_deref().filter(|tag| !tag.is_empty());
    let outcome = context.sign_in.resend(&context.caller, &message, tag).await;
    context.reply(outcome)
}
