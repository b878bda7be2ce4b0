//! Bounds of path and headers (requirement H9). Bodies have a bound of their own, at the doors.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// Longest path and query: a way back of 2048 characters, percent-encoded, fits.
const LONGEST_URI: usize = 8 * 1024;
/// Most bytes of header fields: browsers send at most a few KiB of cookies to one host.
const LARGEST_HEADERS: usize = 32 * 1024;

/// The layer.
pub async fn request_limits<F: Future<Output = Response>>(
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let uri = request
        .uri()
        .path_and_query()
        .map_or(0, |text| text.as_str().len());
    if uri > LONGEST_URI {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    let headers: usize = request
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if headers > LARGEST_HEADERS {
        return StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response();
    }
    next(request).await
}
