//! `GET /api/session`: describes the session to applications. The request is not activity.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::domain::RefusalCode;
use crate::server::applications::Application;
use crate::server::http::current_session::find_session;
use crate::server::http::error_response::HttpError;
use crate::server::http::state::AppState;
use crate::server::session::ActiveSession;
use crate::server::sign_in::Caller;
use crate::server::store::StoreError;

#[derive(Serialize)]
struct SessionBody<'a> {
    sub: &'a str,
    /// The verified number, masked; empty if there is none.
    phone: &'a str,
    roles: &'a [String],
    amr: &'a [String],
    auth_time: String,
    idle_expires_at: String,
    expires_at: String,
}

/// The handler.
pub async fn session_info(
    State(state): State<Arc<AppState>>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, HttpError> {
    let application = state.services.applications.own();
    describe(application, find_session(&state, &caller).await)
}

/// The JSON description of a session, with the roles that an application is told.
///
/// # Errors
/// Problem documents for every client, because scripts alone call this.
pub fn describe(
    application: &Application,
    found: Result<Option<ActiveSession>, StoreError>,
) -> Result<Response, HttpError> {
    let active = found
        .map_err(HttpError::from)
        .and_then(|found| found.ok_or(RefusalCode::NotSignedIn.into()))
        .map_err(HttpError::as_problem)?;
    let session = &active.record;
    Ok(axum::Json(SessionBody {
        sub: &session.subject,
        phone: session.masked_phone(),
        roles: &application.groups.select(&session.roles),
        amr: &session.amr,
        auth_time: session.auth_time.to_rfc3339(),
        idle_expires_at: active.idle_expires_at.to_rfc3339(),
        expires_at: active.expires_at.to_rfc3339(),
    })
    .into_response())
}
