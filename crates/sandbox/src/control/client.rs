//! `/control/client`

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::{BadControl, input};
use crate::jose::{member, number};
use crate::tenant::Shared;
use crate::world::client::Client;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    jwks: Option<Jwks>,
    secret_allowed: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Jwks {
    keys: Vec<Value>,
}

/// `PUT {"jwks":{"keys":[…]}?,"secret_allowed":bool?}` registers public keys for client assertions,
/// in place of those before, and says whether the secret still counts. A reset clears both.
pub async fn set(
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, BadControl> {
    let Change {
        jwks,
        secret_allowed,
    } = input(&headers, &body)?;
    if let Some(jwks) = &jwks {
        jwks.keys.iter().try_for_each(check)?;
    }
    let mut world = tenant.world();
    let client = &mut world.client;
    client.keys = jwks.map_or_else(|| std::mem::take(&mut client.keys), |jwks| jwks.keys);
    client.secret_allowed = secret_allowed.unwrap_or(client.secret_allowed);
    Ok(Json(to_json(client)))
}

/// `GET` says what holds.
pub async fn show(State(tenant): State<Shared>) -> Json<Value> {
    Json(to_json(&tenant.world().client))
}

fn check(key: &Value) -> Result<(), BadControl> {
    let has = |names: &[&str]| names.iter().all(|name| number(key, name).is_some());
    let is_sound = match member(key, "kty") {
        Some("RSA") => has(&["n", "e"]),
        Some("EC") => member(key, "crv") == Some("P-256") && has(&["x", "y"]),
        _ => false,
    };
    if key.get("d").is_some() {
        return Err(BadControl(
            "a private key was sent; register its public half".into(),
        ));
    }
    if is_sound {
        Ok(())
    } else {
        Err(BadControl("keys: RSA (n, e) or EC on P-256 (x, y)".into()))
    }
}

fn to_json(client: &Client) -> Value {
    json!({ "jwks": { "keys": client.keys }, "secret_allowed": client.secret_allowed })
}
