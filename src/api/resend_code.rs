//! `POST /api/resend-code`

use leptos::prelude::*;

use crate::api::{NextLocation, Problem, RequestContext};

/// Sends another code in the browser's flow.
#[server(endpoint = "resend-code")]
pub async fn resend_code() -> Result<NextLocation, Problem> {
    let context = RequestContext::current()?;
    let message = context.message();
    context.reply(context.sign_in.resend(&context.caller, &message).await)
}
