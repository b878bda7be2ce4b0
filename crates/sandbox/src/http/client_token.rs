//! Checks the client access token, which every `/cis/v1` call must carry.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde_json::Value;

use crate::http::api_error::ApiError;
use crate::options::CLIENT_ID;
use crate::tenant::{SharedTenant, Tenant};

/// Extractor: the request carries an active client access token. A user's token is refused.
#[derive(Debug)]
pub struct ClientToken;

impl FromRequestParts<SharedTenant> for ClientToken {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        tenant: &SharedTenant,
    ) -> Result<Self, ApiError> {
        let unauthorized = || ApiError::classic(StatusCode::UNAUTHORIZED, "Unauthorized");
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .ok_or_else(unauthorized)?;
        let (scheme, token) = header.split_once(' ').ok_or_else(unauthorized)?;
        active_claims(tenant, token.trim())
            .filter(|_| scheme.eq_ignore_ascii_case("bearer"))
            .filter(|claims| claims.get("sub").is_some_and(|sub| sub == CLIENT_ID))
            .map(|_| Self)
            .ok_or_else(unauthorized)
    }
}

/// The claims of an access token that a key of the ring signed, unless it is expired or revoked.
pub fn active_claims(tenant: &Tenant, token: &str) -> Option<Value> {
    let claims = tenant.keys.verified_claims(token)?;
    let expires_at = claims.get("exp")?.as_i64()?;
    let issued_at = claims.get("iat")?.as_i64()?;
    let jti = claims.get("jti")?.as_str()?;
    let is_active =
        tenant.clock.now().as_seconds() < expires_at && !tenant.state().is_revoked(issued_at, jti);
    is_active.then_some(claims)
}
