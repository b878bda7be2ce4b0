//! `POST /cis/v1/auth/session/logout`

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::http::bearer::ClientToken;
use crate::http::body;
use crate::http::operation::Case;
use crate::http::refusal::Refusal;
use crate::session::not_found;
use crate::tenant::Shared;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    session_id: String,
}

/// Ends a session and, with it, its refresh token.
pub async fn logout(
    _: ClientToken,
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let input: Input = body::json(&headers, &body).map_err(Refusal::bad_request)?;
    let now = tenant.clock.now();
    let mut world = tenant.world();
    let living = world.sessions.find(&input.session_id, now).is_some();
    if world.sessions.end(&input.session_id) && living {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(not_found(Case::Unknown))
    }
}
