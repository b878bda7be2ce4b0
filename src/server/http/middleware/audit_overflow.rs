//! Refuses what must be audited while audit events cannot be written, with
//! `telemetry.audit_overflow = "refuse"`.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};

use crate::domain::RefusalCode;
use crate::server::http::error_response::HttpError;
use crate::server::http::state::AppState;

/// The middleware: refuses unsafe requests, before they change anything.
pub async fn require_audit_log<F: Future<Output = Response>>(
    state: &AppState,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    if request.method().is_safe() {
        return next(request).await;
    }
    require_audit_log_of_any(state, request, next).await
}

/// The middleware for paths where `GET` changes something.
pub async fn require_audit_log_of_any<F: Future<Output = Response>>(
    state: &AppState,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    if state.audit.accepts_events() {
        next(request).await
    } else {
        HttpError::from(RefusalCode::Unavailable).into_response()
    }
}
