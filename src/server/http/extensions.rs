//! Values that middleware and handlers attach to requests and responses.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;

use crate::domain::timestamp::Timestamp;
use crate::server::applications::Application;

/// Request: its id and its time of arrival.
#[derive(Clone, Debug)]
pub struct RequestInfo {
    /// 64 random bits in hexadecimal; the response carries them too.
    pub id: Arc<str>,
    /// Time of arrival.
    pub received_at: Timestamp,
}

/// Request: the nonce of the response's Content-Security-Policy.
#[derive(Clone, Debug)]
pub struct PageNonce(pub Arc<str>);

/// Request: which of the known hosts it was sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostKind {
    /// The host of the public URL.
    Own,
    /// The host of an application.
    Application(Arc<Application>),
    /// Any other name, such as one that a proxy uses internally.
    Other,
}

/// Request: the origin of the application that the flow of the page returns to.
#[derive(Clone, Debug)]
pub struct BrandOrigin(pub Arc<str>);

/// Response: the origin that the page's form may lead to. Browsers check every redirect of a form
/// post against `form-action`.
#[derive(Clone, Debug)]
pub struct FormAction(pub String);

/// Response: a browser may receive it under the host of an application. HSTS is then up to the
/// application.
#[derive(Clone, Copy, Debug)]
pub struct OnApplicationHost;

/// Extracts the application whose host was called; 404 on any other host.
#[derive(Clone, Debug)]
pub struct AtApplication(pub Arc<Application>);

/// Requires this service's own host; 404 on any other.
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
