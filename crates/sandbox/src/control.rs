//! `/control/…`: changes and shows the sandbox's state, for tests.
//!
//! These endpoints need no token. Requests from pages of other sites are refused.

mod calls;
mod client;
mod clock;
mod faults;
mod keys;
pub mod policy;
pub mod request;
mod reset;
mod sms_gateway;
mod tokens;
pub mod user;

use axum::routing::{get, post, put};
use axum::{Router, middleware};

use crate::http::origin_check;
use crate::tenant::SharedTenant;

/// The routes below `/control`.
pub fn router() -> Router<SharedTenant> {
    Router::new()
        .route("/reset", post(reset::reset))
        .route("/policy", put(policy::set).get(policy::show))
        .route("/latency", put(faults::set_latency))
        .route("/fault", put(faults::set_fault))
        .route("/users/{phone}", put(user::set))
        .route(
            "/gateway",
            put(sms_gateway::register).delete(sms_gateway::remove),
        )
        .route("/keys/rotate", post(keys::rotate))
        .route("/tokens", put(tokens::set_tampering))
        .route("/clock", post(clock::advance).get(clock::show))
        .route("/calls", get(calls::show))
        .route("/client", put(client::set).get(client::show))
        .layer(middleware::from_fn(origin_check::require_same_origin))
}
