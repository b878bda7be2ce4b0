//! `POST /control/reset`

use axum::{extract::State, http::StatusCode};

use crate::tenant::SharedTenant;

/// Restores the state at start, except for the signing keys.
pub async fn reset(State(tenant): State<SharedTenant>) -> StatusCode {
    tenant.reset();
    StatusCode::NO_CONTENT
}
