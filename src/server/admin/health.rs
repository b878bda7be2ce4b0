//! `/livez` and `/readyz`: whether the process runs, and whether it can serve. They need neither a
//! token nor a known `Host`, and name components and settings without any value.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::server::admin::state::OperationsState;
use crate::server::passcode_policy::PolicyStatus;

/// The process runs, whatever the state of store and upstream (requirement L6).
pub async fn livez() -> &'static str {
    "ok\n"
}

/// The process can serve: it is not about to stop, and the store takes writes. A passcode policy
/// that the operator has to settle is named, and does not make the process unready.
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
    let policy = policy_line(&state.tenant_policy.status());
    let body = format!("server: {server}\nstore: {store}\n{policy}");
    (status, body).into_response()
}

/// What of the passcode policy differs from the tenant's; nothing if all is in order.
fn policy_line(status: &PolicyStatus) -> String {
    let short = status.has_refused_length.then_some("short codes");
    let differences = status.differences.iter().map(|difference| difference.key);
    let email = status.email_problem.map(|_| "no codes by email");
    let alerts: Vec<&str> = short.into_iter().chain(email).chain(differences).collect();
    if alerts.is_empty() {
        return String::new();
    }
    format!(
        "policy: differs from the tenant's ({})\n",
        alerts.join(", ")
    )
}
