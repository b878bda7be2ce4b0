//! `GET` and `DELETE /cis/v1/auth/users/{user_id}/sessions`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::http::api_error::ApiError;
use crate::http::client_token::ClientToken;
use crate::state::TenantState;
use crate::state::user_directory::Identifier;
use crate::tenant::SharedTenant;
use crate::users;

/// The user's active sessions, oldest first. Times are RFC 3339.
pub async fn list(
    _: ClientToken,
    State(tenant): State<SharedTenant>,
    Path(user_id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let now = tenant.clock.now();
    let state = tenant.state();
    check_user_exists(&state, &user_id)?;
    let sessions = state.sessions.of_user(&user_id, now).map(|session| {
        json!({
            "session_id": session.id,
            "start_time": session.started_at.to_rfc3339(),
            "expiration_time": session.expires_at.to_rfc3339(),
        })
    });
    Ok(Json(sessions.collect()))
}

/// Ends all sessions of the user.
pub async fn revoke(
    _: ClientToken,
    State(tenant): State<SharedTenant>,
    Path(user_id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let mut state = tenant.state();
    check_user_exists(&state, &user_id)?;
    state.sessions.remove_all_of_user(&user_id);
    Ok(StatusCode::NO_CONTENT)
}

fn check_user_exists(state: &TenantState, user_id: &str) -> Result<(), ApiError> {
    let user = state.users.find(&Identifier::UserId(user_id.to_owned()));
    user.filter(|user| user.in_app)
        .map(|_| ())
        .ok_or_else(users::user_not_found)
}
