//! Restricts the login to an application to navigations by a person.
//!
//! A `HEAD`, a prefetch, a script or an image is refused, so that it cannot use a ticket up.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, REFERRER_POLICY};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

/// Headers by which browsers mark a prefetch: the Fetch Standard's, and two older ones.
const PREFETCH_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-moz"),
];
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// The middleware. Other sites never see the URLs as referrer, because they carry tickets.
pub async fn require_navigation<F: Future<Output = Response>>(
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let mut response = if *request.method() == Method::HEAD {
        ([(ALLOW, "GET")], StatusCode::METHOD_NOT_ALLOWED).into_response()
    } else if is_navigation(request.headers()) {
        next(request).await
    } else {
        StatusCode::FORBIDDEN.into_response()
    };
    response
        .headers_mut()
        .insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Clients without Fetch Metadata pass.
fn is_navigation(headers: &HeaderMap) -> bool {
    headers
        .get_all(SEC_FETCH_MODE)
        .iter()
        .all(|mode| mode.as_bytes() == b"navigate")
        && !PREFETCH_HEADERS
            .iter()
            .any(|name| headers.contains_key(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_navigations_pass() {
        for (headers, passes) in [
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
            assert_eq!(is_navigation(&headers), passes, "{headers:?}");
        }
        let mut twice = HeaderMap::new();
        twice.append(SEC_FETCH_MODE, HeaderValue::from_static("navigate"));
        twice.append(SEC_FETCH_MODE, HeaderValue::from_static("cors"));
        assert!(!is_navigation(&twice));
    }
}
