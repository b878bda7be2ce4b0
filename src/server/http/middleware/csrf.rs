//! Protects against cross-site request forgery: refuses unsafe requests of other origins
//! (requirements H1, H2).
//!
//! An unsafe request must carry `Sec-Fetch-Site: same-origin` or `none`, or an `Origin` equal to
//! the origin of the public URL. On the host of an application, `Origin` must equal that host's.
//! If one header allows the request and the other does not, it is refused.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::ORIGIN;

use crate::domain::RefusalCode;
use crate::server::audit::{Event, EventSource};
use crate::server::http::error_response::HttpError;
use crate::server::http::extensions::{HostKind, RequestInfo};
use crate::server::http::fetch_metadata;
use crate::server::http::state::AppState;

/// The middleware.
pub async fn csrf<F: Future<Output = Response>>(
    state: &AppState,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let own_origin = match request.extensions().get() {
        Some(HostKind::Application(application)) => &*application.origin,
        Some(HostKind::Own | HostKind::Other) | None => state.site.origin.as_str(),
    };
    if request.method().is_safe() || is_same_origin(own_origin, request.headers()) {
        return next(request).await;
    }
    let request_id = request
        .extensions()
        .get::<RequestInfo>()
        .map(|info| info.id.to_string());
    let event = Event::CrossOrigin {
        path: request.uri().path().to_owned(),
    };
    state.audit.emit(
        &EventSource {
            request_id,
            ..EventSource::default()
        },
        &event,
    );
    HttpError::from(RefusalCode::CrossOrigin).into_response()
}

fn is_same_origin(own_origin: &str, headers: &HeaderMap) -> bool {
    let is_same_site = headers
        .get(fetch_metadata::SITE)
        .map(|value| matches!(value.as_bytes(), b"same-origin" | b"none"));
    let is_own = headers
        .get(ORIGIN)
        .map(|value| value.as_bytes() == own_origin.as_bytes());
    let are_single = headers.get_all(fetch_metadata::SITE).iter().count() <= 1
        && headers.get_all(ORIGIN).iter().count() <= 1;
    are_single
        && is_same_site != Some(false)
        && is_own != Some(false)
        && (is_same_site.is_some() || is_own.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h1_unsafe_requests_must_prove_the_same_origin() {
        const OWN: &str = "https://id.example.com";
        for (site, origin, passes) in [
            (None, None, false),
            (Some("same-origin"), None, true),
            (Some("none"), None, true),
            (Some("same-site"), None, false),
            (Some("cross-site"), None, false),
            (Some("Same-Origin"), None, false),
            (Some(""), None, false),
            (None, Some(OWN), true),
            (None, Some("null"), false),
            (None, Some("https://evil.example"), false),
            (None, Some("https://id.example.com.evil.example"), false),
            (None, Some("https://id.example.com:444"), false),
            (None, Some("http://id.example.com"), false),
            (None, Some("https://id.example.com/"), false),
            (Some("same-origin"), Some(OWN), true),
            (Some("none"), Some(OWN), true),
            (Some("same-origin"), Some("https://evil.example"), false),
            (Some("same-origin"), Some("null"), false),
            (Some("cross-site"), Some(OWN), false),
            (Some("same-site"), Some(OWN), false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [(fetch_metadata::SITE, site), (ORIGIN, origin)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            assert_eq!(is_same_origin(OWN, &headers), passes, "{site:?} {origin:?}");
        }
        let mut twice = HeaderMap::new();
        twice.append(ORIGIN, OWN.parse().unwrap());
        twice.append(ORIGIN, "https://evil.example".parse().unwrap());
        assert!(!is_same_origin(OWN, &twice));
    }
}
