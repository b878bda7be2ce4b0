//! `/cis/oidc/…`: the OIDC endpoints.

mod client_assertion;
mod client_authentication;
mod introspection;
mod metadata;
mod revocation;
mod token;

use axum::{Router, routing::MethodFilter};

use crate::http::endpoint::endpoint;
use crate::operation::Operation;
use crate::tenant::SharedTenant;

/// The vendor's guides also show the token endpoint without `/cis`.
pub fn router(tenant: &SharedTenant) -> Router<SharedTenant> {
    let (get, post) = (MethodFilter::GET, MethodFilter::POST);
    let token = endpoint(tenant, Operation::Token, post, token::token);
    let jwks = endpoint(tenant, Operation::Jwks, get, metadata::jwks);
    let discovery = endpoint(tenant, Operation::Discovery, get, metadata::discovery);
    let revocation = endpoint(tenant, Operation::Revocation, post, revocation::revoke);
    let introspection = endpoint(
        tenant,
        Operation::Introspection,
        post,
        introspection::introspect,
    );
    Router::new()
        .route("/oidc/token", token.clone())
        .route("/cis/oidc/token", token)
        .route("/cis/oidc/jwks", jwks)
        .route("/cis/oidc/.well-known/openid-configuration", discovery)
        .route("/cis/oidc/token/introspection", introspection)
        .route("/cis/oidc/token/revocation", revocation)
}
