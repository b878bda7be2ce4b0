//! `/control/clock`: moves the sandbox's clock.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::request::{ControlError, DurationInput, parse_body};
use crate::tenant::SharedTenant;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    advance: DurationInput,
}

/// `POST {"advance":"10m"}` moves the clock forward. Only a reset moves it back.
pub async fn advance(
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let ClockChange { advance } = parse_body(&headers, &body)?;
    if !tenant.clock.advance(advance.to_duration()?) {
        return Err(ControlError(
            "the clock may be moved by ten years in all".into(),
        ));
    }
    Ok(show(State(tenant)).await)
}

/// `GET`
pub async fn show(State(tenant): State<SharedTenant>) -> Json<Value> {
    Json(json!({ "now": tenant.clock.now().to_rfc3339() }))
}
