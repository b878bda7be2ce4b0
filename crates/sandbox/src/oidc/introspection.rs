//! `POST /cis/oidc/token/introspection` (RFC 7662).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::http::api_error::ApiError;
use crate::http::client_token;
use crate::oidc::client_authentication::authenticated_token;
use crate::options::{CLIENT_ID, TENANT_ID};
use crate::tenant::{SharedTenant, Tenant};

/// Introspects an access or refresh token.
pub async fn introspect(
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    let token = authenticated_token(&tenant, &headers, &body)?;
    let claims =
        access_token_claims(&tenant, &token).or_else(|| refresh_token_claims(&tenant, &token));
    Ok(Json(claims.unwrap_or_else(|| json!({ "active": false }))))
}

fn access_token_claims(tenant: &Tenant, token: &str) -> Option<Value> {
    let mut claims = client_token::active_claims(tenant, token)?;
    let fields = claims.as_object_mut()?;
    fields.insert("active".into(), true.into());
    fields.insert("token_type".into(), "Bearer".into());
    Some(claims)
}

fn refresh_token_claims(tenant: &Tenant, token: &str) -> Option<Value> {
    let state = tenant.state();
    let session = state
        .sessions
        .find_by_refresh_token(token, tenant.clock.now())?;
    Some(json!({
        "active": true,
        "sub": session.user_id,
        "tid": TENANT_ID,
        "iss": tenant.issuer,
        "client_id": CLIENT_ID,
        "scope": "offline_access",
        "exp": session.expires_at.as_seconds(),
    }))
}
