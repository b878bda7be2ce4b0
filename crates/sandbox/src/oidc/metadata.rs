//! Keys and discovery: what a client needs to validate tokens.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::keys::Algorithm;
use crate::tenant::Shared;

/// `GET /cis/oidc/jwks` (RFC 7517).
pub async fn jwks(State(tenant): State<Shared>) -> Json<Value> {
    Json(tenant.keys.jwks())
}

/// `GET /cis/oidc/.well-known/openid-configuration` (OpenID Connect Discovery §3); names only what
/// is stood in for.
pub async fn discovery(State(tenant): State<Shared>) -> Json<Value> {
    let issuer = &tenant.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/cis/oidc/auth"),
        "token_endpoint": format!("{issuer}/cis/oidc/token"),
        "jwks_uri": format!("{issuer}/cis/oidc/jwks"),
        "introspection_endpoint": format!("{issuer}/cis/oidc/token/introspection"),
        "revocation_endpoint": format!("{issuer}/cis/oidc/token/revocation"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": Algorithm::NAMES,
        "grant_types_supported": ["client_credentials", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256"],
        "claims_parameter_supported": true,
    }))
}
