//! `POST /control/keys/rotate`

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::json;

use super::{BadControl, input};
use crate::sandbox::{keys, tenant::Shared};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotate {
    #[serde(default)]
    forget_old: bool,
}

/// Signs with a new key from now on. The old one is served on, unless `forget_old`: then what it signed is void, client
/// tokens too.
pub async fn rotate(State(tenant): State<Shared>, headers: HeaderMap, body: Bytes) -> Result<Response, BadControl> {
    let Rotate { forget_old } = input(&headers, &body)?;
    let Ok(key) = keys::generate().await else { return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()) };
    let kid = tenant.keys.rotate(key, forget_old);
    Ok(Json(json!({ "kid": kid })).into_response())
}
