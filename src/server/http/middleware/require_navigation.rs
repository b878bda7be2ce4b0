//! Restricts the login to an application to navigations by a person.
//!
//! A `HEAD`, a prefetch, a script or an image is refused, so that it cannot use a ticket up.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, REFERRER_POLICY};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::server::http::fetch_metadata;

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
    fetch_metadata::is_navigation(headers).unwrap_or(true) && !fetch_metadata::is_prefetch(headers)
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

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
            (&[("x-purpose", "preview")], false),
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
        twice.append(fetch_metadata::MODE, HeaderValue::from_static("navigate"));
        twice.append(fetch_metadata::MODE, HeaderValue::from_static("cors"));
        assert!(!is_navigation(&twice));
    }
}
