//! Limits the size of path and headers (requirement H9). `form_body` limits bodies.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// Longest path and query in bytes: a percent-encoded return URL of 2048 characters fits.
const MAX_URI_BYTES: usize = 8 * 1024;
/// Largest sum of header names and values: browsers send a few KiB of cookies to one host.
const MAX_HEADER_BYTES: usize = 32 * 1024;

/// The middleware.
pub async fn request_limits<F: Future<Output = Response>>(
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let uri = request
        .uri()
        .path_and_query()
        .map_or(0, |text| text.as_str().len());
    if uri > MAX_URI_BYTES {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    let headers: usize = request
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if headers > MAX_HEADER_BYTES {
        return StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response();
    }
    next(request).await
}
