//! `/livez` and `/readyz`: whether the process runs, and whether it can serve. They need neither a
//! token nor a known `Host`, and name components without any detail.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::server::admin::state::OperationsState;

/// The process runs, whatever the state of store and upstream (requirement L6).
pub async fn livez() -> &'static str {
    "ok\n"
}

/// The process can serve: it is not about to stop, and the store takes writes.
pub async fn readyz(State(state): State<Arc<OperationsState>>) -> Response {
    let is_stopping = state.readiness.is_stopping();
    let is_store_ready = state.readiness.store().await.is_ok();
    let status = if is_store_ready && !is_stopping {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let server = if is_stopping { "stopping" } else { "ok" };
    let store = if is_store_ready { "ok" } else { "unavailable" };
    (status, format!("server: {server}\nstore: {store}\n")).into_response()
}
