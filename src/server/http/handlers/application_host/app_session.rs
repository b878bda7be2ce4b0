//! `session` and `extend-session` on the host of an application, so that its pages can warn before
//! the idle end.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;

use crate::domain::RefusalCode;
use crate::server::applications::Application;
use crate::server::http::AppState;
use crate::server::http::error_response::{problem, refuse};
use crate::server::http::handlers::application_host::on_to;
use crate::server::http::handlers::application_host::ticket_query::{self, destination};
use crate::server::http::handlers::forward_auth;
use crate::server::http::handlers::session_info::{answer, live_at};
use crate::server::http::middleware::caller::wants_page;
use crate::server::http::middleware::host::AtApplication;
use crate::server::session::ActiveSession;
use crate::server::sign_in::Caller;
use crate::server::store::StoreError;

/// `GET`: who is signed in, as `/api/session` says it. Never counts as activity.
pub async fn session(
    State(site): State<Arc<AppState>>,
    AtApplication(application): AtApplication,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    answer(
        live_at(&site, &application, &caller, &headers).await,
        &caller,
        &headers,
    )
}

/// `POST`: gives the session its full idle timeout again (WCAG 2.2.1), and leads to the page that
/// `to` names.
pub async fn extend(
    State(site): State<Arc<AppState>>,
    AtApplication(application): AtApplication,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    let to = ticket_query::to(request.uri().query().unwrap_or_default());
    let to = destination(&application.root, to.as_deref());
    match extended(&site, &application, &caller, request.headers()).await {
        Ok(Some(_)) => on_to(request.headers(), to),
        Ok(None) if wants_page(request.headers()) => {
            Redirect::to(&forward_auth::start(&application.origin, &to)).into_response()
        }
        Ok(None) => problem(&RefusalCode::NotSignedIn.into(), request.headers()),
        Err(error) => {
            tracing::error!(request_id = caller.origin.request_id, %error, "the store failed; no session extended");
            refuse(
                &site,
                request.extensions(),
                request.headers(),
                &RefusalCode::Unavailable.into(),
            )
        }
    }
}

async fn extended(
    site: &AppState,
    application: &Application,
    caller: &Caller,
    headers: &HeaderMap,
) -> Result<Option<ActiveSession>, StoreError> {
    match live_at(site, application, caller, headers).await? {
        Some(live) => site.sessions.extend(&live, &caller.origin).await,
        None => Ok(None),
    }
}
