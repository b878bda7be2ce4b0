//! `sign-out` on the host of an application: ends the whole session, here and upstream.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Redirect, Response};

use crate::domain::Page;
use crate::server::applications::ApplicationHost;
use crate::server::http::cookies::{CookieChange, CookieName, Cookies};
use crate::server::http::current_session::find_session_at;
use crate::server::http::error_response::HttpError;
use crate::server::http::extensions::AtApplication;
use crate::server::http::handlers::application_host::redirect_or_json;
use crate::server::http::request_cookies::RequestCookies;
use crate::server::http::state::AppState;
use crate::server::http::urls::sign_in_url_returning_to;
use crate::server::sign_in::Caller;

/// `GET`: changes nothing (requirement H3), and leads to the page that asks.
pub async fn ask(State(state): State<Arc<AppState>>, _: AtApplication) -> Response {
    let page = format!("{}{}", state.site.origin, Page::SignOut.path());
    Redirect::to(&page).into_response()
}

/// `POST`: signs out, also without a session, and leads to the sign-in page with the application's
/// root as return URL. The application clears what it has stored in the browser itself.
pub async fn sign_out(
    State(state): State<Arc<AppState>>,
    AtApplication(application): AtApplication,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, HttpError> {
    let headers = request.headers();
    let cookies = RequestCookies::of(request.extensions());
    if let Some(session) = find_session_at(&state, &application, &caller, cookies).await? {
        let sessions = &state.services.sessions;
        sessions.sign_out(&session, &caller.origin).await?;
    }
    let root = format!("{}/", application.origin);
    let mut response = redirect_or_json(headers, sign_in_url_returning_to(&state.site, &root));
    let (cookies, names) = match application.host {
        ApplicationHost::SignIn => (state.site.cookies, &[CookieName::Session][..]),
        ApplicationHost::Other => (
            Cookies::of_application(&application),
            &[CookieName::Application, CookieName::ApplicationNonce][..],
        ),
    };
    for name in names {
        cookies.append(response.headers_mut(), &CookieChange::Clear(*name));
    }
    Ok(response)
}
