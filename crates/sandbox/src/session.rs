//! `/cis/v1/auth/session/…`, `/token/refresh` and `/users/{id}/sessions`: backend sessions.

mod authenticate;
mod list;
mod logout;
pub mod refresh;

use axum::{Router, routing::MethodFilter};

use crate::http::api_error::ApiError;
use crate::http::endpoint::endpoint;
use crate::operation::{Operation, ResponseCase};
use crate::tenant::SharedTenant;

pub fn router(tenant: &SharedTenant) -> Router<SharedTenant> {
    let (get, post, delete) = (MethodFilter::GET, MethodFilter::POST, MethodFilter::DELETE);
    let list = endpoint(tenant, Operation::SessionsList, get, list::list);
    let revoke = endpoint(tenant, Operation::SessionsRevoke, delete, list::revoke);
    let logout = endpoint(tenant, Operation::SessionLogout, post, logout::logout);
    let refresh = endpoint(tenant, Operation::TokenRefresh, post, refresh::by_json);
    let authenticate = endpoint(
        tenant,
        Operation::SessionAuthenticate,
        post,
        authenticate::authenticate,
    );
    Router::new()
        .route("/cis/v1/auth/session/authenticate", authenticate)
        .route("/cis/v1/auth/session/logout", logout)
        .route("/cis/v1/auth/token/refresh", refresh)
        .route("/cis/v1/auth/users/{user_id}/sessions", list.merge(revoke))
}

/// The same response for a session that is ended, unknown, or of a user who may not sign in.
fn session_not_found(case: ResponseCase) -> ApiError {
    ApiError::bad_request("Session not found").with_case(case)
}
