//! `session` and `extend-session` on the host of an application, so that its pages can warn before the idle end.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;

use super::on_to;
use super::query::{self, destination};
use crate::domain::RefusalCode;
use crate::server::application::Application;
use crate::server::session::Live;
use crate::server::sign_in::Caller;
use crate::server::store::StoreError;
use crate::server::web::Site;
use crate::server::web::forward_auth;
use crate::server::web::host::AtApplication;
use crate::server::web::refuse::{problem, refuse};
use crate::server::web::session::{answer, live_at};
use crate::server::web::visitor::wants_page;

/// `GET`: who is signed in, as `/api/session` says it. Never counts as activity.
pub async fn session(
    State(site): State<Arc<Site>>,
    AtApplication(application): AtApplication,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    answer(live_at(&site, &application, &caller, &headers).await, &caller, &headers)
}

/// `POST`: gives the session its full idle timeout again (WCAG 2.2.1), and leads to the page that `to` names.
pub async fn extend(
    State(site): State<Arc<Site>>,
    AtApplication(application): AtApplication,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    let to = query::to(request.uri().query().unwrap_or_default());
    let to = destination(&application.root, to.as_deref());
    match extended(&site, &application, &caller, request.headers()).await {
        Ok(Some(_)) => on_to(request.headers(), to),
        Ok(None) if wants_page(request.headers()) => {
            Redirect::to(&forward_auth::start(&application.origin, &to)).into_response()
        }
        Ok(None) => problem(&RefusalCode::NotSignedIn.into(), request.headers()),
        Err(error) => {
            tracing::error!(request_id = caller.origin.request_id, %error, "the store failed; no session extended");
            refuse(&site, request.extensions(), request.headers(), &RefusalCode::Unavailable.into())
        }
    }
}

async fn extended(
    site: &Site,
    application: &Application,
    caller: &Caller,
    headers: &HeaderMap,
) -> Result<Option<Live>, StoreError> {
    match live_at(site, application, caller, headers).await? {
        Some(live) => site.sessions.extend(&live, &caller.origin).await,
        None => Ok(None),
    }
}
