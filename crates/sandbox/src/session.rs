//! `/cis/v1/auth/session/…`, `/token/refresh` and `/users/{id}/sessions`: backend sessions.

mod authenticate;
mod list;
mod logout;
pub mod refresh;

use axum::{Router, routing::MethodFilter};

use crate::http::operation::{Case, Operation, door};
use crate::http::refusal::Refusal;
use crate::tenant::Shared;

/// The doors of this room.
pub fn router(tenant: &Shared) -> Router<Shared> {
    let (get, post, delete) = (MethodFilter::GET, MethodFilter::POST, MethodFilter::DELETE);
    let sessions = door(tenant, Operation::SessionsList, get, list::list);
    let sessions = sessions.merge(door(
        tenant,
        Operation::SessionsRevoke,
        delete,
        list::revoke,
    ));
    let authenticate = door(
        tenant,
        Operation::SessionAuthenticate,
        post,
        authenticate::authenticate,
    );
    Router::new()
        .route("/cis/v1/auth/session/authenticate", authenticate)
        .route(
            "/cis/v1/auth/session/logout",
            door(tenant, Operation::SessionLogout, post, logout::logout),
        )
        .route(
            "/cis/v1/auth/token/refresh",
            door(tenant, Operation::TokenRefresh, post, refresh::by_json),
        )
        .route("/cis/v1/auth/users/{user_id}/sessions", sessions)
}

/// The one answer to a session that is dead, unknown, or of a user who may not sign in.
fn not_found(case: Case) -> Refusal {
    Refusal::bad_request("Session not found").in_case(case)
}
