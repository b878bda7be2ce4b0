//! The routes of the operations listener, which is never on the public port: `/livez`, `/readyz`,
//! `/metrics`, `/console`, and the admin API if it has a token.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::get;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue, StatusCode};

use crate::server::admin::access::{require_bearer_token, require_known_host};
use crate::server::admin::admin_api;
use crate::server::admin::commands::AdminServices;
use crate::server::admin::dashboard::dashboard;
use crate::server::admin::health::{livez, readyz};
use crate::server::admin::metrics::metrics;
use crate::server::admin::state::OperationsState;
use crate::server::settings::Secret;

/// Headers of every response, also of refusals. The dashboard sets a policy of its own.
const FIXED_HEADERS: [(HeaderName, &str); 7] = [
    (CACHE_CONTROL, "no-store"),
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    // Pages of other sites cannot load the figures as a script or an image.
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// The operations listener. `admin`: the token of the admin API, and what its commands act on.
pub fn router(state: Arc<OperationsState>, admin: Option<(Secret, AdminServices)>) -> Router {
    // A load balancer or the kubelet has no token, and names the address of the machine.
    let probes = Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz));
    let mut private = Router::new()
        .route("/metrics", get(metrics))
        .route("/console", get(dashboard))
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(from_fn_with_state(state.clone(), require_bearer_token));
    private = private.layer(from_fn_with_state(state.clone(), require_known_host));
    // It refuses in its own form.
    if let Some((token, services)) = admin {
        let api = admin_api::router(token, services, state.clone());
        private = private.nest_service("/admin/v1", api);
    }
    private
        .merge(probes)
        .layer(map_response(add_fixed_headers))
        .with_state(state)
}

async fn add_fixed_headers(mut response: Response) -> Response {
    for (name, value) in FIXED_HEADERS {
        response
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}
