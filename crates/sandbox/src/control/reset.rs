//! `POST /control/reset`

use axum::{extract::State, http::StatusCode};

use crate::tenant::Shared;

/// As at start; keys stay.
pub async fn reset(State(tenant): State<Shared>) -> StatusCode {
    tenant.reset();
    StatusCode::NO_CONTENT
}
