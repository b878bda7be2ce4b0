//! `GET /control/calls`

use std::collections::BTreeMap;

use axum::{Json, extract::State};

use crate::http::operation::Operation;
use crate::tenant::Shared;

/// Calls since start or reset, by operation; counted when they arrive, spoiled and refused ones
/// too.
pub async fn show(State(tenant): State<Shared>) -> Json<BTreeMap<Operation, u64>> {
    Json(tenant.controls().calls())
}
