//! Refuses unsafe requests that do not come from our own pages (requirements H1, H2).
//!
//! An unsafe request must carry `Sec-Fetch-Site: same-origin` or `none`, or an `Origin` equal to
//! the public URL; on the host of an application, equal to that application's. What either header
//! says against that counts more than what the other says for it.

use axum::extract::Request;
use axum::response::Response;
use http::HeaderMap;
use http::header::{HeaderName, ORIGIN};

use crate::domain::RefusalCode;
use crate::server::audit::{Event, EventSource};
use crate::server::http::AppState;
use crate::server::http::error_response::refuse;
use crate::server::http::middleware::host::HostKind;
use crate::server::http::middleware::request_id::RequestInfo;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The layer.
pub async fn csrf<F: Future<Output = Response>>(
    site: &AppState,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let own = match request.extensions().get() {
        Some(HostKind::Application(application)) => &*application.origin,
        Some(HostKind::Own | HostKind::Other) | None => site.origin.as_str(),
    };
    if request.method().is_safe() || comes_from(own, request.headers()) {
        return next(request).await;
    }
    let request_id = request
        .extensions()
        .get::<RequestInfo>()
        .map(|arrival| arrival.id.to_string());
    let event = Event::CrossOrigin {
        path: request.uri().path().to_owned(),
    };
    site.audit.emit(
        &EventSource {
            request_id,
            address: None,
        },
        &event,
    );
    refuse(
        site,
        request.extensions(),
        request.headers(),
        &RefusalCode::CrossOrigin.into(),
    )
}

fn comes_from(own: &str, headers: &HeaderMap) -> bool {
    let site = headers
        .get(SEC_FETCH_SITE)
        .map(|value| matches!(value.as_bytes(), b"same-origin" | b"none"));
    let origin = headers
        .get(ORIGIN)
        .map(|value| value.as_bytes() == own.as_bytes());
    let single = headers.get_all(SEC_FETCH_SITE).iter().count() <= 1
        && headers.get_all(ORIGIN).iter().count() <= 1;
    single && site != Some(false) && origin != Some(false) && (site.is_some() || origin.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h1_matrix() {
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
            for (name, value) in [(SEC_FETCH_SITE, site), (ORIGIN, origin)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            assert_eq!(comes_from(OWN, &headers), passes, "{site:?} {origin:?}");
        }
        let mut doubled = HeaderMap::new();
        doubled.append(ORIGIN, OWN.parse().unwrap());
        doubled.append(ORIGIN, "https://evil.example".parse().unwrap());
        assert!(!comes_from(OWN, &doubled));
    }
}
