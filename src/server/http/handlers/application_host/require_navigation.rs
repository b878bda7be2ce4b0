//! The way in is for a person who goes there. Whatever else asks gets nothing, and takes no ticket:
//! a `HEAD`, a page that is fetched ahead, a script, an image.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, REFERRER_POLICY};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

/// Headers in which browsers say that nobody has gone there yet: the Fetch Standard's, and two that
/// came before it.
const PREFETCH: [HeaderName; 3] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-moz"),
];
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// The layer. Addresses of the way in are told to nobody.
pub async fn navigation(request: Request, next: Next) -> Response {
    let mut response = if *request.method() == Method::HEAD {
        ([(ALLOW, "GET")], StatusCode::METHOD_NOT_ALLOWED).into_response()
    } else if is_navigation(request.headers()) {
        next.run(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    };
    response
        .headers_mut()
        .insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Clients without Fetch Metadata are believed.
fn is_navigation(headers: &HeaderMap) -> bool {
    headers
        .get_all(SEC_FETCH_MODE)
        .iter()
        .all(|mode| mode.as_bytes() == b"navigate")
        && !PREFETCH.iter().any(|name| headers.contains_key(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_person_goes_there() {
        for (headers, goes) in [
            (&[][..], true),
            (&[("sec-fetch-mode", "navigate")], true),
            (
                &[("sec-fetch-mode", "navigate"), ("sec-fetch-user", "?1")],
                true,
            ),
            (&[("sec-fetch-mode", "no-cors")], false),
            (&[("sec-fetch-mode", "cors")], false),
            (
                &[("sec-fetch-mode", "navigate"), ("sec-purpose", "prefetch")],
                false,
            ),
            (
                &[
                    ("sec-fetch-mode", "navigate"),
                    ("sec-purpose", "prefetch;prerender"),
                ],
                false,
            ),
            (&[("purpose", "prefetch")], false),
            (&[("x-moz", "prefetch")], false),
        ] {
            let headers: HeaderMap = headers
                .iter()
                .map(|(name, value)| {
                    (
                        HeaderName::from_static(name),
                        HeaderValue::from_static(value),
                    )
                })
                .collect();
            assert_eq!(is_navigation(&headers), goes, "{headers:?}");
        }
        let mut twice = HeaderMap::new();
        twice.append(SEC_FETCH_MODE, HeaderValue::from_static("navigate"));
        twice.append(SEC_FETCH_MODE, HeaderValue::from_static("cors"));
        assert!(!is_navigation(&twice));
    }
}
