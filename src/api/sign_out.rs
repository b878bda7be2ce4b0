//! `POST /api/sign-out`

use leptos::prelude::*;

use crate::api::{NextLocation, Problem, RequestContext};

/// Ends the browser's session, here and upstream.
#[server(endpoint = "sign-out")]
pub async fn sign_out() -> Result<NextLocation, Problem> {
    let context = RequestContext::current()?;
    context.reply(context.sign_in.sign_out(&context.caller).await)
}
