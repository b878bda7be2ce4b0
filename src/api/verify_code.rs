//! `POST /api/verify-code`

use leptos::prelude::*;

use crate::api::{NextLocation, Problem, RequestContext};
use crate::domain::{Page, RefusalCode};
use crate::server::sign_in::Outcome;

/// Verifies the passcode of the browser's flow.
#[server(endpoint = "verify-code")]
pub async fn verify_code(
    /// The passcode as it was typed.
    code: Option<String>,
    /// Tag of the flow whose page the form is on.
    flow: Option<String>,
) -> Result<NextLocation, Problem> {
    let context = RequestContext::current()?;
    let tag = flow.as_deref().filter(|tag| !tag.is_empty());
    let outcome = match code {
        Some(code) => context.sign_in.verify(&context.caller, &code, tag).await,
        None => Outcome::refused(RefusalCode::Malformed, Page::Code),
    };
    context.reply(outcome)
}
