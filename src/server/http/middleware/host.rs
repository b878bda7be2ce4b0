//! Selects what is served by the host that a request names.
//!
//! On the host of an application only [`ON_APPLICATION_HOSTS`] is served: no page and no file.
//! Another loopback name of this service (`localhost` for `127.0.0.1`) is redirected to the public
//! URL, because cookies do not cross hosts. Any other name is served, because proxies may use
//! internal names.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::HOST;
use http::{Extensions, HeaderMap, HeaderName, StatusCode};
use url::Url;

use crate::domain::RefusalCode;
use crate::server::http::client_address::peer_address;
use crate::server::http::error_response::HttpError;
use crate::server::http::extensions::{HostKind, OnApplicationHost};
use crate::server::http::origin_parser::parse_origin;
use crate::server::http::route_paths::ON_APPLICATION_HOSTS;
use crate::server::http::state::AppState;
use crate::server::settings::server::is_loopback_host;

const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The middleware: attaches a [`HostKind`] to the request.
pub async fn host<F: Future<Output = Response>>(
    state: &AppState,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let requested = requested_host(state, request.extensions(), request.headers());
    let kind = host_kind(state, &requested);
    if matches!(kind, HostKind::Application(_)) {
        let is_served = ON_APPLICATION_HOSTS.contains(&request.uri().path());
        request.extensions_mut().insert(kind);
        let mut response = if is_served {
            next(request).await
        } else {
            StatusCode::NOT_FOUND.into_response()
        };
        let extensions = response.extensions_mut();
        extensions.insert(OnApplicationHost);
        if let Some(error) = extensions.remove::<HttpError>() {
            extensions.insert(error.on_application_host());
        }
        return response;
    }
    if kind == HostKind::Own || !is_other_loopback_name(requested.host, &state.site.url) {
        request.extensions_mut().insert(kind);
        return next(request).await;
    }
    if !request.method().is_safe() {
        return HttpError::from(RefusalCode::CrossOrigin).into_response();
    }
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |text| text.as_str());
    // `OPTIONS *` names no path, and the host would go on with the star.
    if !path.starts_with('/') {
        return StatusCode::NOT_FOUND.into_response();
    }
    // Joined as text, so that a path of `//elsewhere` does not become a host.
    Redirect::temporary(&format!("{}{path}", state.site.origin)).into_response()
}

/// The host that a request names, and the scheme where it is known.
struct RequestedHost<'a> {
    scheme: Option<&'a str>,
    host: &'a str,
}

/// Reads `Host`, or the forwarded headers of a trusted proxy (requirement S8). A header that occurs
/// twice is ignored.
fn requested_host<'a>(
    state: &AppState,
    extensions: &Extensions,
    headers: &'a HeaderMap,
) -> RequestedHost<'a> {
    let host = single(headers, &HOST).unwrap_or_default();
    if !state
        .site
        .client_address
        .is_trusted(peer_address(extensions))
    {
        return RequestedHost { scheme: None, host };
    }
    RequestedHost {
        scheme: single(headers, &X_FORWARDED_PROTO),
        host: single(headers, &X_FORWARDED_HOST).unwrap_or(host),
    }
}

fn host_kind(state: &AppState, requested: &RequestedHost<'_>) -> HostKind {
    let site = &state.site;
    if requested.host == site.authority
        || parse_origin(site.url.scheme(), requested.host).as_ref() == Ok(&site.origin)
    {
        return HostKind::Own;
    }
    // An application is reached by one scheme. Where the scheme is unknown, the host decides.
    let schemes = ["https", "http"].into_iter().filter(|scheme| {
        requested
            .scheme
            .is_none_or(|requested| requested == *scheme)
    });
    let mut origins = schemes.filter_map(|scheme| parse_origin(scheme, requested.host).ok());
    let applications = &state.services.applications;
    let application = origins.find_map(|origin| applications.find(&origin).cloned());
    application.map_or(HostKind::Other, |application| {
        HostKind::Application(Arc::new(application))
    })
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    (values.next().is_none() && !first.contains(',')).then_some(first)
}

/// Whether a host is this machine by another loopback name than the public URL's.
fn is_other_loopback_name(host: &str, public: &Url) -> bool {
    if !is_loopback_host(public.host()) {
        return false;
    }
    let Ok(requested) = Url::parse(&format!("{}://{host}/", public.scheme())) else {
        return false;
    };
    is_loopback_host(requested.host()) && requested.origin() != public.origin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_loopback_names_are_recognised() {
        for (public, host, other) in [
            ("http://127.0.0.1:3000", "127.0.0.1:3000", false),
            ("http://127.0.0.1:3000", "localhost:3000", true),
            ("http://127.0.0.1:3000", "auth.localhost:3000", true),
            ("http://127.0.0.1:3000", "[::1]:3000", true),
            ("http://127.0.0.1:3000", "evil.example:3000", false),
            ("http://auth.localhost:3000", "127.0.0.1:3000", true),
            ("http://auth.localhost:3000", "AUTH.LOCALHOST:3000", false),
            ("http://127.0.0.1", "127.0.0.1:80", false),
            ("https://id.example.com", "127.0.0.1:3000", false),
            ("http://127.0.0.1:3000", "", false),
        ] {
            assert_eq!(
                is_other_loopback_name(host, &public.parse().unwrap()),
                other,
                "{public} {host}"
            );
        }
    }
}
