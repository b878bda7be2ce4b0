//! `POST /api/resend-code`

use leptos::prelude::*;

use super::{Door, Next, Problem};

/// Sends another code in the browser's flow.
#[server(endpoint = "resend-code")]
pub async fn resend_code() -> Result<Next, Problem> {
    let door = Door::of_request()?;
    let message = door.text.message(door.message_host.as_deref());
    door.reply(door.sign_in.resend(&door.caller, &message).await)
}
