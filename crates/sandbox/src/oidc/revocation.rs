//! `POST /cis/oidc/token/revocation` (RFC 7009).

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::http::api_error::ApiError;
use crate::oidc::client_authentication::authenticated_token;
use crate::tenant::SharedTenant;

/// Revokes an access or refresh token. An invalid token is not an error.
pub async fn revoke(
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let token = authenticated_token(&tenant, &headers, &body)?;
    let claims = tenant.keys.verified_claims(&token).unwrap_or_default();
    let mut state = tenant.state();
    state.sessions.revoke_refresh_token(&token);
    let issued_at = claims.get("iat").and_then(Value::as_i64);
    let jti = claims.get("jti").and_then(Value::as_str);
    if let (Some(issued_at), Some(jti)) = (issued_at, jti) {
        state.revoke_token(issued_at, jti);
    }
    Ok(StatusCode::OK)
}
