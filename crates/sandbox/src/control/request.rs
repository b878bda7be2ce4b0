//! Request bodies and errors of `/control/…`.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::{Span, SpanRelativeTo};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::clock::Clock;
use crate::http::request_body;

/// 400 with a sentence that says what is wrong.
#[derive(Debug)]
pub struct ControlError(pub String);

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({ "message": self.0 }))).into_response()
    }
}

/// Parses a JSON body. No body means an empty object.
///
/// # Errors
/// The body is not what the endpoint expects.
pub fn parse_body<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<T, ControlError> {
    if body.is_empty() {
        return serde_json::from_str("{}").map_err(|error| ControlError(error.to_string()));
    }
    request_body::parse_json(headers, body).map_err(ControlError)
}

/// A duration: `"5m"`, `"1h 30m"`, `"500ms"`, or a number of seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum DurationInput {
    /// A number of seconds.
    Seconds(u64),
    /// A number with a unit, or several.
    Text(String),
}

impl DurationInput {
    /// # Errors
    /// Not a duration, negative, or more than ten years.
    pub fn to_duration(&self) -> Result<Duration, ControlError> {
        let duration = match self {
            Self::Seconds(seconds) => Some(Duration::from_secs(*seconds)),
            Self::Text(text) => text
                .parse::<Span>()
                .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()))
                .ok()
                .and_then(|duration| Duration::try_from(duration).ok()),
        };
        duration
            .filter(|duration| *duration <= Clock::MAX_OFFSET)
            .ok_or_else(|| {
                ControlError("a duration must look like \"10m\", \"1h 30m\" or \"500ms\"".into())
            })
    }
}
