//! `POST /api/extend-session`

use leptos::prelude::*;

use crate::api::{NextLocation, Problem, RequestContext};

/// Restarts the idle timeout of the browser's session.
#[server(endpoint = "extend-session")]
pub async fn extend_session() -> Result<NextLocation, Problem> {
    let context = RequestContext::current()?;
    context.reply(context.sign_in.extend(&context.caller).await)
}
