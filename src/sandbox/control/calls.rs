//! `GET /control/calls`

use std::collections::BTreeMap;

use axum::{Json, extract::State};

use crate::sandbox::http::operation::Operation;
use crate::sandbox::tenant::Shared;

/// Calls since start or reset, by operation; counted when they arrive, spoiled and refused ones too.
pub async fn show(State(tenant): State<Shared>) -> Json<BTreeMap<Operation, u64>> {
    Json(tenant.controls().calls())
}
