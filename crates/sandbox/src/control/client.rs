//! `/control/client`: how the client authenticates.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::request::{ControlError, parse_body};
use crate::jose::{integer_member, string_member};
use crate::state::client_registration::ClientRegistration;
use crate::tenant::SharedTenant;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientChange {
    jwks: Option<JwksInput>,
    secret_allowed: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct JwksInput {
    keys: Vec<Value>,
}

/// `PUT {"jwks":{"keys":[…]}?,"secret_allowed":bool?}`
///
/// `jwks` replaces the public keys for client assertions. `secret_allowed` says whether the client
/// secret is accepted. A reset undoes both.
pub async fn set(
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let change: ClientChange = parse_body(&headers, &body)?;
    if let Some(jwks) = &change.jwks {
        jwks.keys.iter().try_for_each(check_key)?;
    }
    let mut state = tenant.state();
    let client = &mut state.client;
    if let Some(jwks) = change.jwks {
        client.keys = jwks.keys;
    }
    client.secret_allowed = change.secret_allowed.unwrap_or(client.secret_allowed);
    Ok(Json(to_json(client)))
}

/// `GET`
pub async fn show(State(tenant): State<SharedTenant>) -> Json<Value> {
    Json(to_json(&tenant.state().client))
}

fn check_key(key: &Value) -> Result<(), ControlError> {
    let has = |names: &[&str]| names.iter().all(|name| integer_member(key, name).is_some());
    let is_supported = match string_member(key, "kty") {
        Some("RSA") => has(&["n", "e"]),
        Some("EC") => string_member(key, "crv") == Some("P-256") && has(&["x", "y"]),
        _ => false,
    };
    if key.get("d").is_some() {
        return Err(ControlError(
            "a private key was sent; register its public half".into(),
        ));
    }
    if is_supported {
        Ok(())
    } else {
        Err(ControlError(
            "keys: RSA (n, e) or EC on P-256 (x, y)".into(),
        ))
    }
}

fn to_json(client: &ClientRegistration) -> Value {
    json!({ "jwks": { "keys": client.keys }, "secret_allowed": client.secret_allowed })
}
