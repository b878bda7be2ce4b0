//! `sign-out` on the host of an application: a form there ends the whole session, here and
//! upstream.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;

use crate::domain::{Page, RefusalCode};
use crate::server::applications::{Application, ApplicationHost};
use crate::server::http::AppState;
use crate::server::http::cookies::{CookieChange, CookieName};
use crate::server::http::error_response::refuse;
use crate::server::http::handlers::application_host::{cookies, on_to};
use crate::server::http::handlers::forward_auth;
use crate::server::http::handlers::session_info::live_at;
use crate::server::http::middleware::host::AtApplication;
use crate::server::sign_in::Caller;
use crate::server::store::StoreError;

/// `GET`: changes nothing (requirement H3); our own page asks.
pub async fn ask(State(site): State<Arc<AppState>>, _: AtApplication) -> Response {
    Redirect::to(&format!("{}{}", site.origin, Page::SignOut.path())).into_response()
}

/// `POST`: signs out, also without a session, and leads to sign-in with the way back to the
/// application's root. What the application has stored in the browser is its own to clear.
pub async fn sign_out(
    State(site): State<Arc<AppState>>,
    AtApplication(application): AtApplication,
    Extension(caller): Extension<Caller>,
    request: axum::extract::Request,
) -> Response {
    if let Err(error) = end(&site, &application, &caller, request.headers()).await {
        tracing::error!(request_id = caller.origin.request_id, %error, "the store failed; nobody is signed out");
        return refuse(
            &site,
            request.extensions(),
            request.headers(),
            &RefusalCode::Unavailable.into(),
        );
    }
    let to = forward_auth::sign_in(&site, &format!("{}/", application.origin));
    let mut response = on_to(request.headers(), to);
    let headers = response.headers_mut();
    match application.host {
        ApplicationHost::SignIn => site
            .cookies
            .append(headers, &CookieChange::Clear(CookieName::Session)),
        ApplicationHost::Other => {
            cookies(&application).append(headers, &CookieChange::Clear(CookieName::Application));
            cookies(&application)
                .append(headers, &CookieChange::Clear(CookieName::ApplicationNonce));
        }
    }
    response
}

async fn end(
    site: &AppState,
    application: &Application,
    caller: &Caller,
    headers: &HeaderMap,
) -> Result<(), StoreError> {
    match live_at(site, application, caller, headers).await? {
        Some(live) => site.sessions.sign_out(&live, &caller.origin).await,
        None => Ok(()),
    }
}
