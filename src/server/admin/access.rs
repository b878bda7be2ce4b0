//! Access control of the operations listener: the `Host` must be known, and the bearer token
//! valid. The admin API has a token of its own.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HOST, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use url::{Host, Url};

use crate::server::admin::state::OperationsState;
use crate::server::crypto::hash::constant_time_eq;
use crate::server::settings::operations::comparable_host;
use crate::server::settings::server::is_loopback_host;

/// What the sender of a request to another host is told.
pub(super) const UNKNOWN_HOST: &str = "unknown host; see operations.hosts";

/// Middleware: checks `Host` against DNS rebinding.
pub async fn require_known_host(
    State(state): State<Arc<OperationsState>>,
    request: Request,
    next: Next,
) -> Response {
    if !is_known_host(request.headers(), &state.known_hosts) {
        return (StatusCode::MISDIRECTED_REQUEST, format!("{UNKNOWN_HOST}\n")).into_response();
    }
    next.run(request).await
}

/// Middleware: checks the bearer token, if one is set.
pub async fn require_bearer_token(
    State(state): State<Arc<OperationsState>>,
    request: Request,
    next: Next,
) -> Response {
    if let Some(token) = &state.bearer_token {
        let presented = presented_token(request.headers()).unwrap_or_default();
        if !constant_time_eq(&presented, token.expose().as_bytes()) {
            let challenge = [(
                WWW_AUTHENTICATE,
                "Basic realm=\"Latchkey operations\", charset=\"UTF-8\"",
            )];
            return (
                StatusCode::UNAUTHORIZED,
                challenge,
                "a bearer token is needed\n",
            )
                .into_response();
        }
    }
    next.run(request).await
}

/// Whether a request names loopback or one of `hosts`.
pub(super) fn is_known_host(headers: &HeaderMap, hosts: &[Host<String>]) -> bool {
    let host = headers.get(HOST).and_then(|value| value.to_str().ok());
    Url::parse(&format!("http://{}/", host.unwrap_or(""))).is_ok_and(|url| {
        is_loopback_host(url.host())
            || url
                .host()
                .is_some_and(|host| hosts.contains(&comparable_host(host)))
    })
}

/// The bearer token of a request (RFC 6750).
pub(super) fn bearer_token(headers: &HeaderMap) -> Option<&[u8]> {
    credentials(headers, "bearer").map(str::as_bytes)
}

/// What a request authenticates with by this scheme.
fn credentials<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (presented, credentials) = value.split_once(' ')?;
    let is_of_scheme = presented.eq_ignore_ascii_case(scheme);
    is_of_scheme.then_some(credentials.trim())
}

/// The token of a request: a bearer token, or the password of any user name, which is what browsers
/// can send (RFC 7617).
fn presented_token(headers: &HeaderMap) -> Option<Vec<u8>> {
    if let Some(token) = bearer_token(headers) {
        return Some(token.to_vec());
    }
    let pair = STANDARD.decode(credentials(headers, "basic")?).ok()?;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    pair.get(colon + 1..).map(<[u8]>::to_vec)
}
