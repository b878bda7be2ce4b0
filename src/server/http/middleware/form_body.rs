//! The bodies that the doors take: a small form in UTF-8 (requirement H9).

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, Limited};

use crate::domain::RefusalCode;
use crate::server::http::AppState;
use crate::server::http::error_response::refuse;
use crate::server::sign_in::Caller;

/// Largest form: a way back, a name and an identifier, percent-encoded, fit.
pub const LARGEST: usize = 8 * 1024;

/// Longest wait for a body.
const PATIENCE: Duration = Duration::from_secs(10);

/// The layer.
pub async fn form_body(
    State(site): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(read) = site
        .clock
        .timeout(PATIENCE, read(&parts.headers, body))
        .await
    else {
        return ([(CONNECTION, "close")], StatusCode::REQUEST_TIMEOUT).into_response();
    };
    match read {
        Ok(bytes) => {
            // Fixed moments count from here: a body that is sent late would leave nothing to wait
            // for.
            if let Some(caller) = parts.extensions.get_mut::<Caller>() {
                caller.received_at = site.clock.now();
            }
            next.run(Request::from_parts(parts, Body::from(bytes)))
                .await
        }
        Err(code) => refuse(&site, &parts.extensions, &parts.headers, &code.into()),
    }
}

async fn read(headers: &HeaderMap, body: Body) -> Result<bytes::Bytes, RefusalCode> {
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > LARGEST) {
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
    let bytes = Limited::new(body, LARGEST)
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
