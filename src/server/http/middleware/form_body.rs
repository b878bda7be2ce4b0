//! Reads and validates the body of a form post: small, form-encoded, UTF-8 (requirement H9).

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, Limited};

use crate::domain::RefusalCode;
use crate::server::http::error_response::HttpError;
use crate::server::http::state::AppState;
use crate::server::sign_in::Caller;

/// Largest body: a return URL, a name and an identifier, percent-encoded, fit.
pub const MAX_BYTES: usize = 8 * 1024;

/// Longest wait for a body.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The middleware.
pub async fn form_body<F: Future<Output = Response>>(
    state: &AppState,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = state
        .clock
        .timeout(TIMEOUT, read_body(&parts.headers, body))
        .await
    else {
        return ([(CONNECTION, "close")], StatusCode::REQUEST_TIMEOUT).into_response();
    };
    match body {
        Ok(bytes) => {
            // Fixed response times count from here, so that a slow body does not use them up.
            if let Some(caller) = parts.extensions.get_mut::<Caller>() {
                caller.received_at = state.clock.now();
            }
            next(Request::from_parts(parts, Body::from(bytes))).await
        }
        Err(code) => HttpError::from(code).into_response(),
    }
}

async fn read_body(headers: &HeaderMap, body: Body) -> Result<bytes::Bytes, RefusalCode> {
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > MAX_BYTES) {
        return Err(RefusalCode::TooLarge);
    }
    let media_type = headers.get(CONTENT_TYPE).map(|value| {
        value
            .to_str()
            .unwrap_or("")
            .split(';')
            .next()
            .unwrap_or("")
            .trim()
    });
    if media_type
        .is_some_and(|name| !name.eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    {
        return Err(RefusalCode::UnsupportedMediaType);
    }
    let bytes = Limited::new(body, MAX_BYTES)
        .collect()
        .await
        .map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                RefusalCode::TooLarge
            } else {
                RefusalCode::MalformedBody
            }
        })?;
    let bytes = bytes.to_bytes();
    if media_type.is_none() && !bytes.is_empty() {
        return Err(RefusalCode::UnsupportedMediaType);
    }
    if percent_encoding::percent_decode(&bytes)
        .decode_utf8()
        .is_err()
    {
        return Err(RefusalCode::MalformedBody);
    }
    Ok(bytes)
}
