//! `POST /api/revoke-session`

use leptos::prelude::*;

use crate::api::{NextLocation, Problem, RequestContext};
use crate::domain::{Page, RefusalCode};
use crate::server::sign_in::Outcome;

/// Ends one session of the person's list by its `id`, or all `others`.
#[server(endpoint = "revoke-session")]
pub async fn revoke_session(
    /// Public id of a session, or `others`.
    id: Option<String>,
) -> Result<NextLocation, Problem> {
    let door = RequestContext::of_request()?;
    let Some(id) = id else {
        return door.reply(Outcome::refused(RefusalCode::Malformed, Page::Account));
    };
    door.reply(door.sign_in.revoke(&door.caller, &id).await)
}
