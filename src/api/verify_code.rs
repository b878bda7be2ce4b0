//! `POST /api/verify-code`

use leptos::prelude::*;

use crate::api::{NextLocation, Problem, RequestContext};
use crate::domain::{Page, RefusalCode};
use crate::server::sign_in::Outcome;

/// Tries a passcode in the browser's flow.
#[server(endpoint = "verify-code")]
pub async fn verify_code(
    /// What was typed.
    code: Option<String>,
) -> Result<NextLocation, Problem> {
    let door = RequestContext::of_request()?;
    let Some(code) = code else {
        return door.reply(Outcome::refused(RefusalCode::Malformed, Page::Code));
    };
    door.reply(door.sign_in.verify(&door.caller, &code).await)
}
