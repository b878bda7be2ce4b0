//! `POST /api/extend-session`

use leptos::prelude::*;

use crate::api::{NextLocation, Problem, RequestContext};

/// Gives the browser's session its full idle timeout again.
#[server(endpoint = "extend-session")]
pub async fn extend_session() -> Result<NextLocation, Problem> {
    let door = RequestContext::of_request()?;
    door.reply(door.sign_in.extend(&door.caller).await)
}
