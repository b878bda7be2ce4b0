//! `POST /api/sign-up`

use leptos::prelude::*;

use super::{Door, Next, Problem};
use crate::domain::{Page, RefusalCode};
use crate::server::sign_in::{Outcome, Start, Typed};

/// Sends a code to somebody who wants to become a user. `phone` or `identifier` is needed; `stay` is `1` or absent.
#[server(endpoint = "sign-up")]
pub async fn sign_up(
    phone: Option<String>,
    identifier: Option<String>,
    country: Option<String>,
    name: Option<String>,
    stay: Option<String>,
    return_to: Option<String>,
) -> Result<Next, Problem> {
    let door = Door::of_request()?;
    let Some(identifier) = phone.or(identifier) else {
        return door.reply(Outcome::refused(RefusalCode::Malformed, Page::SignUp));
    };
    let typed = Typed { identifier, country, name, stay: stay.as_deref() == Some("1"), return_to };
    let start = Start { typed, message: door.text.message(door.message_host.as_deref()) };
    door.reply(door.sign_in.sign_up(&door.caller, start).await)
}
