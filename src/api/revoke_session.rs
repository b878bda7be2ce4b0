//! `POST /api/revoke-session`

use leptos::prelude::*;

use crate::api::{NextLocation, Problem, RequestContext};
use crate::domain::{Page, RefusalCode};
use crate::server::sign_in::Outcome;

/// Ends one session of the person's list, or all others.
#[server(endpoint = "revoke-session")]
pub async fn revoke_session(
    /// Public id of a session, or `others`.
    id: Option<String>,
) -> Result<NextLocation, Problem> {
    let context = RequestContext::current()?;
    let outcome = match id {
        Some(id) => context.sign_in.revoke(&context.caller, &id).await,
        None => Outcome::refused(RefusalCode::Malformed, Page::Account),
    };
    context.reply(outcome)
}
