//! `POST /api/resend-code`

use leptos::prelude::*;

use crate::api::{NextLocation, Problem, RequestContext};
use crate::domain::{Channel, Page, RefusalCode};
use crate::server::sign_in::Outcome;

/// Sends another code in the browser's flow.
#[server(endpoint = "resend-code")]
pub async fn resend_code(
    /// Tag of the flow whose page the form is on.
    flow: Option<String>,
    /// How the code is to come: `sms`, which is the default, or `email` where that is offered.
    channel: Option<String>,
) -> Result<NextLocation, Problem> {
    let context = RequestContext::current()?;
    let tag = flow.as_deref().filter(|tag| !tag.is_empty());
    let channel = match channel.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => Channel::from_name(name),
        None => Some(Channel::Sms),
    };
    let outcome = match channel {
        Some(channel) => {
            let message = context.message();
            let (sign_in, caller) = (&context.sign_in, &context.caller);
            sign_in.resend(caller, channel, &message, tag).await
        }
        None => Outcome::refused(RefusalCode::Malformed, Page::Code),
    };
    context.reply(outcome)
}
