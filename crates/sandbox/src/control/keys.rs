//! `POST /control/keys/rotate`

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;

use crate::control::{BadControl, input};
use crate::keys::{self, Algorithm};
use crate::tenant::Shared;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rotate {
    algorithm: Algorithm,
    keep_old: bool,
    publish: bool,
}

impl Default for Rotate {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::default(),
            keep_old: true,
            publish: true,
        }
    }
}

/// `POST /control/keys/rotate {"algorithm"?:"RS256, PS256","keep_old"?,"publish"?}`: signs with a
/// new key from now on, and answers with its `kid`.
///
/// The old keys are served on, unless `"keep_old":false`: then what they signed is void, client
/// tokens too. With `"publish":false` the JWKS does not show the new one.
pub async fn rotate(
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, BadControl> {
    let Rotate {
        algorithm,
        keep_old,
        publish,
    } = input(&headers, &body)?;
    let Ok(key) = keys::generate(algorithm).await else {
        return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    let kid = tenant.keys.rotate(key, keep_old, publish);
    Ok(Json(json!({ "kid": kid })).into_response())
}
