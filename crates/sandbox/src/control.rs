//! `/control/…`: what tests turn. No token is asked for; other sites' pages are refused.

mod calls;
mod client;
mod clock;
mod faults;
mod gateway;
mod keys;
mod policy;
mod reset;
mod tokens;
mod user;

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router, middleware};
use jiff::{Span, SpanRelativeTo};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::http::{body, guard};
use crate::tenant::Shared;

/// The doors of this room, below `/control`.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/reset", post(reset::reset))
        .route("/policy", put(policy::set).get(policy::show))
        .route("/latency", put(faults::set_latency))
        .route("/fault", put(faults::set_fault))
        .route("/users/{phone}", put(user::set))
        .route("/gateway", put(gateway::register).delete(gateway::remove))
        .route("/keys/rotate", post(keys::rotate))
        .route("/tokens", put(tokens::lie))
        .route("/clock", post(clock::advance).get(clock::show))
        .route("/calls", get(calls::show))
        .route("/client", put(client::set).get(client::show))
        .layer(middleware::from_fn(guard::same_site))
}

/// 400, and what is wrong.
#[derive(Debug)]
struct BadControl(String);

impl IntoResponse for BadControl {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({ "message": self.0 }))).into_response()
    }
}

/// A JSON body; none at all is an empty object.
fn input<T: DeserializeOwned>(headers: &HeaderMap, bytes: &Bytes) -> Result<T, BadControl> {
    if bytes.is_empty() {
        return serde_json::from_str("{}").map_err(|error| BadControl(error.to_string()));
    }
    body::json(headers, bytes).map_err(BadControl)
}

/// `"5m"`, `"1h 30m"`, `"500ms"`; or a number of seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Length {
    Seconds(u64),
    Words(String),
}

impl Length {
    /// # Errors
    /// Not a duration, negative, or more than ten years.
    fn duration(&self) -> Result<Duration, BadControl> {
        let duration = match self {
            Self::Seconds(seconds) => Some(Duration::from_secs(*seconds)),
            Self::Words(words) => words
                .parse::<Span>()
                .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()))
                .ok()
                .and_then(|duration| Duration::try_from(duration).ok()),
        };
        let duration = duration.filter(|duration| *duration <= crate::clock::Clock::MAX_OFFSET);
        duration.ok_or_else(|| {
            BadControl("a duration must look like \"10m\", \"1h 30m\" or \"500ms\"".into())
        })
    }
}
