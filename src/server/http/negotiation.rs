//! Content negotiation: the language of a response, and whether it is a page or JSON.

use http::header::{ACCEPT, ACCEPT_LANGUAGE};
use http::{HeaderMap, HeaderValue};

use crate::app::Text;

/// The texts in the person's language.
pub fn text(headers: &HeaderMap) -> &'static Text {
    text_for(headers.get(ACCEPT_LANGUAGE))
}

/// The texts in the language of an `Accept-Language` header.
pub fn text_for(accept_language: Option<&HeaderValue>) -> &'static Text {
    Text::negotiate(accept_language.and_then(|value| value.to_str().ok()))
}

/// Whether the client accepts HTML. Any other client gets JSON.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .any(|value| value.to_str().is_ok_and(|text| text.contains("text/html")))
}
