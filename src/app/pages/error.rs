//! The error page: the service failed, or a request was refused before a page handled it.

use leptos::prelude::*;

use crate::app::i18n::Text;
use crate::app::pages::RenderedPage;
use crate::app::view::PageFrame;
use crate::domain::{Refusal, RefusalCode};

pub fn page(frame: &PageFrame, text: &'static Text, refusal: &Refusal) -> RenderedPage {
    let title = text.get(heading_id(refusal.code));
    let body = view! {
        <h1>{title}</h1>
        <p class="lead">{text.refusal(refusal)}</p>
        <p><a class="button primary" href=frame.start_url()>{text.get("start-button")}</a></p>
    };
    RenderedPage {
        title,
        has_error: false,
        is_failure: true,
        expired_title: None,
        has_islands: false,
        body: body.into_any(),
    }
}

fn heading_id(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::CookiesBlocked | RefusalCode::CrossOrigin | RefusalCode::Forbidden => {
            "failure-refused"
        }
        RefusalCode::MalformedBody
        | RefusalCode::TooLarge
        | RefusalCode::UnsupportedMediaType
        | RefusalCode::Malformed => "failure-unreadable",
        RefusalCode::SlowDown => "failure-wait",
        RefusalCode::Unavailable => "failure-unavailable",
        RefusalCode::InvalidPhone
        | RefusalCode::InvalidEmail
        | RefusalCode::InvalidIdentifier
        | RefusalCode::ConfirmNumber
        | RefusalCode::CountryNotServed
        | RefusalCode::ChannelNotOffered
        | RefusalCode::InvalidCodeFormat
        | RefusalCode::CodeRefused
        | RefusalCode::NotSignedIn
        | RefusalCode::FlowExpired
        | RefusalCode::NoFlow
        | RefusalCode::StaleFlow => "failure-title",
    }
}
