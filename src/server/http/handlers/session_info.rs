//! `GET /api/session`: who is signed in, for applications. Never counts as activity.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::Serialize;

use crate::domain::RefusalCode;
use crate::server::applications::Application;
use crate::server::http::AppState;
use crate::server::http::cookies::CookieName;
use crate::server::http::error_response::problem;
use crate::server::session::ActiveSession;
use crate::server::sign_in::Caller;
use crate::server::store::StoreError;

#[derive(Serialize)]
struct Body<'a> {
    sub: &'a str,
    /// Masked.
    phone: &'a str,
    roles: &'a [String],
    amr: &'a [String],
    auth_time: String,
    idle_expires_at: String,
    expires_at: String,
}

/// The handler.
pub async fn session_info(
    State(site): State<Arc<AppState>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    answer(live(&site, &caller).await, &caller, &headers)
}

/// What is told of a session.
pub fn answer(
    live: Result<Option<ActiveSession>, StoreError>,
    caller: &Caller,
    headers: &HeaderMap,
) -> Response {
    match live {
        Ok(Some(live)) => axum::Json(Body {
            sub: &live.record.subject,
            phone: &live.record.masked,
            roles: &live.record.roles,
            amr: &live.record.amr,
            auth_time: live.record.auth_time.to_rfc3339(),
            idle_expires_at: live.idle_expires_at.to_rfc3339(),
            expires_at: live.expires_at.to_rfc3339(),
        })
        .into_response(),
        Ok(None) => problem(&RefusalCode::NotSignedIn.into(), headers),
        Err(error) => {
            tracing::error!(request_id = caller.origin.request_id, %error, "the store failed; session unknown");
            problem(&RefusalCode::Unavailable.into(), headers)
        }
    }
}

/// The session of a caller, as upstream still has it.
pub async fn live(site: &AppState, caller: &Caller) -> Result<Option<ActiveSession>, StoreError> {
    match &caller.session {
        Some(token) => site.sessions.find_checked(token, &caller.origin).await,
        None => Ok(None),
    }
}

/// The session of a caller at an application, as upstream still has it: by the application's own
/// cookie, if that is there and was made for it, else by the session's.
pub async fn live_at(
    site: &AppState,
    application: &Application,
    caller: &Caller,
    headers: &HeaderMap,
) -> Result<Option<ActiveSession>, StoreError> {
    if let Some(token) = crate::server::http::handlers::application_host::cookies(application)
        .token(headers, CookieName::Application)
        && let Some(live) = site
            .sessions
            .find_application(&token, &application.origin)
            .await?
    {
        return site.sessions.check_upstream(live, &caller.origin).await;
    }
    live(site, caller).await
}
