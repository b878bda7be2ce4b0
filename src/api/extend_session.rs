//! `POST /api/extend-session`

use leptos::prelude::*;

use super::{Door, Next, Problem};

/// Gives the browser's session its full idle timeout again.
#[server(endpoint = "extend-session")]
pub async fn extend_session() -> Result<Next, Problem> {
    let door = Door::of_request()?;
    door.reply(door.sign_in.extend(&door.caller).await)
}
