//! `sign-out` on the host of an application: a form there ends the whole session, here and upstream.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;

use super::{cookies, on_to};
use crate::domain::{Page, RefusalCode};
use crate::server::application::{Application, Place};
use crate::server::cookies::{Change, Name};
use crate::server::sign_in::Caller;
use crate::server::store::StoreError;
use crate::server::web::Site;
use crate::server::web::forward_auth;
use crate::server::web::host::AtApplication;
use crate::server::web::refuse::refuse;
use crate::server::web::session::live_at;

/// `GET`: changes nothing (requirement H3); our own page asks.
pub async fn ask(State(site): State<Arc<Site>>, _: AtApplication) -> Response {
    Redirect::to(&format!("{}{}", site.origin, Page::SignOut.path())).into_response()
}

/// `POST`: signs out, also without a session, and leads to sign-in with the way back to the application's root. What the
/// application has stored in the browser is its own to clear.
pub async fn sign_out(
    State(site): State<Arc<Site>>,
    AtApplication(application): AtApplication,
    Extension(caller): Extension<Caller>,
    request: axum::extract::Request,
) -> Response {
    if let Err(error) = end(&site, &application, &caller, request.headers()).await {
        tracing::error!(request_id = caller.origin.request_id, %error, "the store failed; nobody is signed out");
        return refuse(&site, request.extensions(), request.headers(), &RefusalCode::Unavailable.into());
    }
    let to = forward_auth::sign_in(&site, &format!("{}/", application.origin));
    let mut response = on_to(request.headers(), to);
    let headers = response.headers_mut();
    match application.place {
        Place::OwnHost => site.cookies.append(headers, &Change::Clear(Name::Session)),
        Place::OtherHost => {
            cookies(&application).append(headers, &Change::Clear(Name::Application));
            cookies(&application).append(headers, &Change::Clear(Name::ApplicationNonce));
        }
    }
    response
}

async fn end(site: &Site, application: &Application, caller: &Caller, headers: &HeaderMap) -> Result<(), StoreError> {
    match live_at(site, application, caller, headers).await? {
        Some(live) => site.sessions.sign_out(&live, &caller.origin).await,
        None => Ok(()),
    }
}
