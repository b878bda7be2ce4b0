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
) -> Result<NextLocation, Problem> {
    let context = RequestContext::current()?;
    let outcome = match code {
        Some(code) => context.sign_in.verify(&context.caller, &code).await,
        None => Outcome::refused(RefusalCode::Malformed, Page::Code),
    };
    context.reply(outcome)
}
