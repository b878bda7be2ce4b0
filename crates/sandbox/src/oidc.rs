//! `/cis/oidc/…`, and the token endpoint that guides show without `/cis`.

mod assertion;
mod client;
mod introspection;
mod metadata;
mod revocation;
mod token;

use axum::{Router, routing::MethodFilter};

use crate::http::operation::{Operation, door};
use crate::tenant::Shared;

/// The doors of this room.
pub fn router(tenant: &Shared) -> Router<Shared> {
    let (get, post) = (MethodFilter::GET, MethodFilter::POST);
    let token = door(tenant, Operation::Token, post, token::token);
    Router::new()
        .route("/oidc/token", token.clone())
        .route("/cis/oidc/token", token)
        .route(
            "/cis/oidc/jwks",
            door(tenant, Operation::Jwks, get, metadata::jwks),
        )
        .route(
            "/cis/oidc/.well-known/openid-configuration",
            door(tenant, Operation::Discovery, get, metadata::discovery),
        )
        .route(
            "/cis/oidc/token/introspection",
            door(
                tenant,
                Operation::Introspection,
                post,
                introspection::introspect,
            ),
        )
        .route(
            "/cis/oidc/token/revocation",
            door(tenant, Operation::Revocation, post, revocation::revoke),
        )
}
