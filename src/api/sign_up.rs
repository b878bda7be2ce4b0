//! `POST /api/sign-up`

use leptos::prelude::*;

use crate::api::{NextLocation, Problem, RequestContext};
use crate::domain::{Page, RefusalCode};
use crate::server::sign_in::{FormInput, Outcome, Start};

/// Sends a code to somebody who wants to become a user. `phone` or `identifier` is needed; `stay`
/// is `1` or absent.
#[server(endpoint = "sign-up")]
pub async fn sign_up(
    /// The phone number, national or international.
    phone: Option<String>,
    /// The identifier, where it is no phone number.
    identifier: Option<String>,
    /// Home of a national number, ISO 3166 alpha-2.
    country: Option<String>,
    /// The person's name; optional.
    name: Option<String>,
    /// `1` to stay signed in.
    stay: Option<String>,
    /// The way back: a path of ours or a URL of an allowed origin.
    return_to: Option<String>,
    /// What names the form, so that sending it twice begins one flow.
    form: Option<String>,
) -> Result<NextLocation, Problem> {
    let door = RequestContext::of_request()?;
    let Some(identifier) = phone.or(identifier) else {
        return door.reply(Outcome::refused(RefusalCode::Malformed, Page::SignUp));
    };
    let typed = FormInput {
        identifier,
        country,
        name,
        stay: stay.as_deref() == Some("1"),
        return_to,
    };
    let start = Start {
        typed,
        form,
        message: door.text.message(door.message_host.as_deref()),
    };
    door.reply(door.sign_in.sign_up(&door.caller, start).await)
}
