//! Fetch Metadata (W3C Fetch Metadata Request Headers §2): what a browser says about a request.
//!
//! No page can set or remove these headers. Old browsers do not send them, no browser does over
//! plain http to another machine, and not every engine sends each of them. So a missing header
//! decides nothing by itself.

use http::{HeaderMap, HeaderName};

/// Where the request comes from: `same-origin`, `same-site`, `cross-site`, or `none`.
pub const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// How it is made: `navigate`, `cors`, `no-cors`, `same-origin`, `websocket`.
pub const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
/// What it is for: `document`, `iframe`, `image`, `empty`.
pub const DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
/// `?1` if a person caused a navigation.
pub const USER: HeaderName = HeaderName::from_static("sec-fetch-user");

/// Headers by which browsers mark a page that nobody has asked for yet: the Fetch Standard's
/// (§3.8), those of older browsers, and that of Safari's previews.
const PREFETCH_HEADERS: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-moz"),
    HeaderName::from_static("x-purpose"),
];

/// The value of a header; none if it is missing, and empty if it occurs several times, which no
/// browser does.
pub fn value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.as_bytes();
    Some(values.next().map_or(first, |_| b""))
}

/// Whether the request loads a document into a window or a frame; none if the browser does not say.
pub fn is_navigation(headers: &HeaderMap) -> Option<bool> {
    value(headers, &MODE).map(|mode| mode == b"navigate")
}

/// Whether the browser fetches a page ahead.
pub fn is_prefetch(headers: &HeaderMap) -> bool {
    PREFETCH_HEADERS
        .iter()
        .any(|name| headers.contains_key(name))
}
