//! Reads the body of a request, bounded in size and time.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::Request;
use http::header::CONTENT_LENGTH;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::server::system::clock::Clock;

/// A body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestBodyError {
    /// It is longer than allowed.
    TooLarge,
    /// It did not come in time.
    TimedOut,
    /// The connection broke, or how the body was sent is invalid.
    Broken,
}

/// Reads a body of at most `limit` bytes within `wait`. One that says that it is longer is refused
/// before it comes.
///
/// # Errors
/// [`RequestBodyError`].
pub async fn read_request_body(
    request: Request,
    limit: usize,
    wait: Duration,
    clock: &Clock,
) -> Result<Bytes, RequestBodyError> {
    let said = request.headers().get(CONTENT_LENGTH);
    let said = said.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|length| length > limit) {
        return Err(RequestBodyError::TooLarge);
    }
    let reading = Limited::new(request.into_body(), limit).collect();
    match clock.timeout(wait, reading).await {
        Err(_) => Err(RequestBodyError::TimedOut),
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(RequestBodyError::TooLarge),
        Ok(Err(_)) => Err(RequestBodyError::Broken),
    }
}
