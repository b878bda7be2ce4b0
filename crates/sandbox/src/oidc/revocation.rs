//! `POST /cis/oidc/token/revocation` (RFC 7009).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::http::body;
use crate::http::refusal::Refusal;
use crate::oidc::client;
use crate::tenant::Shared;

/// Revokes an access or refresh token; a token that is none is no error.
pub async fn revoke(
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let fields = body::form(&headers, &body).map_err(Refusal::bad_request)?;
    client::by_form_or_basic(&tenant, &fields, &headers)?;
    let token = fields.get("token").filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| {
        Refusal::oauth(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "token is required",
        )
    })?;
    let claims = tenant.keys.open(token);
    let mut world = tenant.world();
    world.sessions.revoke_refresh_token(token);
    let issued = claims
        .as_ref()
        .and_then(|claims| claims.get("iat"))
        .and_then(Value::as_i64);
    let jti = claims
        .as_ref()
        .and_then(|claims| claims.get("jti"))
        .and_then(Value::as_str);
    if let (Some(issued), Some(jti)) = (issued, jti) {
        world.revoke(issued, jti);
    }
    Ok(StatusCode::OK)
}
