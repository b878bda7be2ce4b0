//! `/livez` and `/readyz`: whether the process runs, and whether it can serve.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::server::admin::state::OperationsState;

/// The process runs, whatever the state of store and upstream (requirement L6).
pub async fn livez() -> &'static str {
    "ok\n"
}

/// The process can serve: the store responds, and a client token and a signing key are available.
pub async fn readyz(State(state): State<Arc<OperationsState>>) -> Response {
    let store = state.store.check_ready().await;
    let transmit = state.transmit.prepare().await;
    let status = if store.is_ok() && transmit.is_ok() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let line = |name: &str, result: Result<(), String>| match result {
        Ok(()) => format!("{name}: ok\n"),
        Err(cause) => format!("{name}: {cause}\n"),
    };
    let text = line("store", store.map_err(|error| error.to_string()))
        + &line("transmit", transmit.map_err(|failure| failure.to_string()));
    (status, text).into_response()
}
