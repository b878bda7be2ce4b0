//! `/control/clock`

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::{BadControl, Length, input};
use crate::tenant::Shared;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance: Length,
}

/// `POST {"advance":"10m"}` moves the stand-in's time forward; back only by a reset.
pub async fn advance(
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, BadControl> {
    let Advance { advance } = input(&headers, &body)?;
    if !tenant.clock.advance(advance.duration()?) {
        return Err(BadControl(
            "the clock may be moved by ten years in all".into(),
        ));
    }
    Ok(show(State(tenant)).await)
}

/// `GET` says what time it is.
pub async fn show(State(tenant): State<Shared>) -> Json<Value> {
    Json(json!({ "now": tenant.clock.now().rfc3339() }))
}
