//! The JWKS and the discovery document.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::keys::SigningAlgorithm;
use crate::tenant::SharedTenant;

/// `GET /cis/oidc/jwks` (RFC 7517).
pub async fn jwks(State(tenant): State<SharedTenant>) -> Json<Value> {
    Json(tenant.keys.jwks())
}

/// `GET /cis/oidc/.well-known/openid-configuration` (OpenID Connect Discovery §3). It names only
/// what the sandbox implements.
pub async fn discovery(State(tenant): State<SharedTenant>) -> Json<Value> {
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
        "id_token_signing_alg_values_supported": SigningAlgorithm::NAMES,
        "grant_types_supported": ["client_credentials", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256"],
        "claims_parameter_supported": true,
    }))
}
