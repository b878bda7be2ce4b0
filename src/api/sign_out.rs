//! `POST /api/sign-out`

use leptos::prelude::*;

use super::{Door, Next, Problem};

/// Ends the browser's session, here and upstream.
#[server(endpoint = "sign-out")]
pub async fn sign_out() -> Result<Next, Problem> {
    let door = Door::of_request()?;
    door.reply(door.sign_in.sign_out(&door.caller).await)
}
