//! The client access token that every `/cis/v1` call must bring.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde_json::Value;

use crate::CLIENT_ID;
use crate::http::refusal::Refusal;
use crate::tenant::{Shared, Tenant};

/// Proof that the request carries a client token of ours that is alive. A user's token is none.
#[derive(Debug)]
pub struct ClientToken;

impl FromRequestParts<Shared> for ClientToken {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, tenant: &Shared) -> Result<Self, Refusal> {
        let refused = || Refusal::classic(StatusCode::UNAUTHORIZED, "Unauthorized");
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .ok_or_else(refused)?;
        let (scheme, token) = header.split_once(' ').ok_or_else(refused)?;
        let claims =
            living_claims(tenant, token.trim()).filter(|_| scheme.eq_ignore_ascii_case("bearer"));
        claims
            .filter(|claims| claims.get("sub").is_some_and(|sub| sub == CLIENT_ID))
            .map(|_| Self)
            .ok_or_else(refused)
    }
}

/// The claims of an access token that we signed, that has not expired and was not revoked.
pub fn living_claims(tenant: &Tenant, token: &str) -> Option<Value> {
    let claims = tenant.keys.open(token)?;
    let expires = claims.get("exp")?.as_i64()?;
    let (issued, jti) = (claims.get("iat")?.as_i64()?, claims.get("jti")?.as_str()?);
    let living = tenant.clock.now().seconds() < expires && !tenant.world().is_revoked(issued, jti);
    living.then_some(claims)
}
