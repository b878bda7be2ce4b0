//! Under whose name a request came.
//!
//! On the host of an application nothing of ours is served but what
//! [`crate::server::http::handlers::application_host`] has for it: no page of ours, no file. For
//! other names of ours on loopback (`localhost` for `127.0.0.1`) there is a redirect: a page there
//! would have cookies that do not come back here. Any further name is nobody's business: a proxy
//! may call us what it likes.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::HOST;
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderName, StatusCode};
use url::Url;

use crate::domain::RefusalCode;
use crate::server::applications::Application;
use crate::server::http::AppState;
use crate::server::http::error_response::refuse;
use crate::server::http::handlers::application_host::ON_APPLICATION_HOSTS;
use crate::server::http::handlers::forward_auth::forwarded_request::origin;
use crate::server::http::middleware::client_address::peer;
use crate::server::http::middleware::security_headers::OnApplicationHost;
use crate::server::settings::server::is_loopback_host;

const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Under whose name a request came; every request carries one behind this layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostKind {
    /// That of our public URL.
    Own,
    /// That of an application.
    Application(Arc<Application>),
    /// Another.
    Other,
}

/// The layer.
pub async fn host(State(site): State<Arc<AppState>>, mut request: Request, next: Next) -> Response {
    let asked = asked(&site, request.extensions(), request.headers());
    let called = called(&site, &asked);
    if matches!(called, HostKind::Application(_)) {
        let is_served = ON_APPLICATION_HOSTS.contains(&request.uri().path());
        request.extensions_mut().insert(called);
        let mut response = if is_served {
            next.run(request).await
        } else {
            StatusCode::NOT_FOUND.into_response()
        };
        response.extensions_mut().insert(OnApplicationHost);
        return response;
    }
    if called == HostKind::Own || !is_other_name(asked.host, &site.public_url) {
        request.extensions_mut().insert(called);
        return next.run(request).await;
    }
    if !request.method().is_safe() {
        return refuse(
            &site,
            request.extensions(),
            request.headers(),
            &RefusalCode::CrossOrigin.into(),
        );
    }
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |text| text.as_str());
    // Joined as text: a path of `//elsewhere` must not become a host.
    Redirect::temporary(&format!("{}{path}", site.origin)).into_response()
}

/// The host, and the scheme where it is known.
struct RequestedHost<'a> {
    scheme: Option<&'a str>,
    host: &'a str,
}

/// What a browser asked for: its `Host`, or what a trusted proxy says in its stead (requirement
/// S8), each believed only where it is there once.
fn asked<'a>(
    site: &AppState,
    extensions: &Extensions,
    headers: &'a HeaderMap,
) -> RequestedHost<'a> {
    let own = one(headers, &HOST).unwrap_or_default();
    if !site.client_address.is_trusted(peer(extensions)) {
        return RequestedHost {
            scheme: None,
            host: own,
        };
    }
    RequestedHost {
        scheme: one(headers, &X_FORWARDED_PROTO),
        host: one(headers, &X_FORWARDED_HOST).unwrap_or(own),
    }
}

fn called(site: &AppState, asked: &RequestedHost<'_>) -> HostKind {
    if asked.host == site.authority
        || origin(site.public_url.scheme(), asked.host).as_ref() == Ok(&site.origin)
    {
        return HostKind::Own;
    }
    // An application is reached by one scheme. Where nobody says by which a request came, its host
    // suffices.
    let schemes = ["https", "http"]
        .into_iter()
        .filter(|scheme| asked.scheme.is_none_or(|asked| asked == *scheme));
    let mut origins = schemes.filter_map(|scheme| origin(scheme, asked.host).ok());
    let application = origins.find_map(|origin| site.applications.find(&origin).cloned());
    application.map_or(HostKind::Other, |application| {
        HostKind::Application(Arc::new(application))
    })
}

fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    (values.next().is_none() && !first.contains(',')).then_some(first)
}

/// Whether a host is this machine by another loopback name than the public URL's.
fn is_other_name(host: &str, public: &Url) -> bool {
    if !is_loopback_host(public.host()) {
        return false;
    }
    let Ok(asked) = Url::parse(&format!("{}://{host}/", public.scheme())) else {
        return false;
    };
    is_loopback_host(asked.host()) && asked.origin() != public.origin()
}

/// What a handler takes that is served on the hosts of applications alone: the application.
#[derive(Clone, Debug)]
pub struct AtApplication(pub Arc<Application>);

/// What a handler takes that is served on our own host alone.
#[derive(Clone, Copy, Debug)]
pub struct AtOwnHost;

impl<S: Sync> FromRequestParts<S> for AtApplication {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        match parts.extensions.get() {
            Some(HostKind::Application(application)) => Ok(Self(application.clone())),
            _ => Err(StatusCode::NOT_FOUND),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for AtOwnHost {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        match parts.extensions.get() {
            Some(HostKind::Own) => Ok(Self),
            _ => Err(StatusCode::NOT_FOUND),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_other_names_from_its_own() {
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
                is_other_name(host, &public.parse().unwrap()),
                other,
                "{public} {host}"
            );
        }
    }
}
