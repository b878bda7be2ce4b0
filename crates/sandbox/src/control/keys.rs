//! `POST /control/keys/rotate`

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;

use crate::control::request::{ControlError, parse_body};
use crate::keys::{self, SigningAlgorithm};
use crate::tenant::SharedTenant;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RotationInput {
    algorithm: SigningAlgorithm,
    keep_old: bool,
    publish: bool,
}

impl Default for RotationInput {
    fn default() -> Self {
        Self {
            algorithm: SigningAlgorithm::default(),
            keep_old: true,
            publish: true,
        }
    }
}

/// `POST /control/keys/rotate {"algorithm"?:"RS256, PS256","keep_old"?,"publish"?}`
///
/// Makes a new signing key and responds with its `kid`. With `"keep_old":false` the old keys leave
/// the JWKS, and client tokens that they signed are refused. With `"publish":false` the JWKS does
/// not contain the new key.
pub async fn rotate(
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ControlError> {
    let input: RotationInput = parse_body(&headers, &body)?;
    let Ok(key) = keys::generate_key(input.algorithm).await else {
        return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    let kid = tenant.keys.rotate(key, input.keep_old, input.publish);
    Ok(Json(json!({ "kid": kid })).into_response())
}
