//! `POST /cis/oidc/token/introspection` (RFC 7662).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::http::refusal::Refusal;
use crate::http::{bearer, body};
use crate::oidc::client;
use crate::tenant::{Shared, Tenant};
use crate::{CLIENT_ID, TENANT_ID};

/// Says whether an access or refresh token lives, and what it carries.
pub async fn introspect(
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
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
    let claims = access_token(&tenant, token).or_else(|| refresh_token(&tenant, token));
    Ok(Json(claims.unwrap_or_else(|| json!({ "active": false }))))
}

fn access_token(tenant: &Tenant, token: &str) -> Option<Value> {
    let mut claims = bearer::living_claims(tenant, token)?;
    let fields = claims.as_object_mut()?;
    fields.insert("active".into(), true.into());
    fields.insert("token_type".into(), "Bearer".into());
    Some(claims)
}

fn refresh_token(tenant: &Tenant, token: &str) -> Option<Value> {
    let world = tenant.world();
    let session = world
        .sessions
        .find_by_refresh_token(token, tenant.clock.now())?;
    Some(json!({
        "active": true,
        "sub": session.user_id,
        "tid": TENANT_ID,
        "iss": tenant.issuer,
        "client_id": CLIENT_ID,
        "scope": "offline_access",
        "exp": session.expires_at.seconds(),
    }))
}
