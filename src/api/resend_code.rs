//! `POST /api/resend-code`

use leptos::prelude::*;

use crate::api::{NextLocation, Problem, RequestContext};

/// Sends another code in the browser's flow.
#[server(endpoint = "resend-code")]
pub async fn resend_code() -> Result<NextLocation, Problem> {
    let door = RequestContext::of_request()?;
    let message = door.text.message(door.message_host.as_deref());
    door.reply(door.sign_in.resend(&door.caller, &message).await)
}
