//! `GET /control/calls`

use std::collections::BTreeMap;

use axum::{Json, extract::State};

use crate::operation::Operation;
use crate::tenant::SharedTenant;

/// The number of calls since start or reset, by operation. Calls are counted on arrival, so calls
/// with faults and refused calls are included.
pub async fn show(State(tenant): State<SharedTenant>) -> Json<BTreeMap<Operation, u64>> {
    Json(tenant.fault_plan().call_counts())
}
