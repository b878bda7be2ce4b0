//! The JSON bodies of replies: `{"next": …}` and problem documents (RFC 9457).

use leptos::prelude::FromServerFnError;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::ServerFnErrorErr;
use serde::{Deserialize, Serialize};

use crate::app::i18n::Text;
use crate::domain::{Refusal, RefusalCode};

/// The body of a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextLocation {
    /// A path of this service, or a URL of an allowed origin.
    pub next: String,
}

/// A problem document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The reason, for programs.
    pub code: RefusalCode,
    /// The sentence to show, in the request's language.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Seconds until another attempt can succeed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Attempts that the flow has left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u32>,
}

impl Problem {
    /// The media type of problem documents.
    pub const CONTENT_TYPE: &'static str = "application/problem+json";

    /// The document of a refusal, in a language.
    pub fn new(refusal: &Refusal, text: &'static Text) -> Self {
        Self {
            code: refusal.code,
            title: text.refusal(refusal),
            status: refusal.code.status(),
            retry_after: refusal.retry_after,
            tries_left: refusal.tries_left,
        }
    }

    /// The document that asks whether a number is the one that was meant.
    pub fn confirm_number(number: &str, text: &'static Text) -> Self {
        Self {
            title: text.confirm_number(number),
            ..Self::new(&RefusalCode::ConfirmNumber.into(), text)
        }
    }

    pub(super) fn without_request() -> Self {
        Self::untitled(RefusalCode::Unavailable)
    }

    /// A document without a sentence: the HTTP layer knows the language and replaces it.
    fn untitled(code: RefusalCode) -> Self {
        Self {
            code,
            title: String::new(),
            status: code.status(),
            retry_after: None,
            tries_left: None,
        }
    }
}

impl FromServerFnError for Problem {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self::untitled(match error {
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => RefusalCode::Malformed,
            _ => RefusalCode::Unavailable,
        })
    }
}
