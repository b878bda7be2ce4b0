//! `POST /cis/v1/auth/session/logout`

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::http::api_error::ApiError;
use crate::http::client_token::ClientToken;
use crate::http::request_body;
use crate::operation::ResponseCase;
use crate::session::session_not_found;
use crate::tenant::SharedTenant;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogoutInput {
    session_id: String,
}

/// Ends a session and its refresh token.
pub async fn logout(
    _: ClientToken,
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let input: LogoutInput =
        request_body::parse_json(&headers, &body).map_err(ApiError::bad_request)?;
    let now = tenant.clock.now();
    let mut state = tenant.state();
    let is_active = state.sessions.find(&input.session_id, now).is_some();
    if state.sessions.remove(&input.session_id) && is_active {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(session_not_found(ResponseCase::Unknown))
    }
}
