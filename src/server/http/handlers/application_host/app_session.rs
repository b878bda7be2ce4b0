//! `session` and `extend-session` on the host of an application, so that its pages can warn before
//! the idle timeout.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Redirect, Response};

use crate::domain::RefusalCode;
use crate::server::http::current_session::find_session_at;
use crate::server::http::error_response::HttpError;
use crate::server::http::extensions::AtApplication;
use crate::server::http::handlers::application_host::redirect_or_json;
use crate::server::http::handlers::application_host::ticket_query::{self, destination};
use crate::server::http::handlers::session_info::describe;
use crate::server::http::negotiation::wants_page;
use crate::server::http::request_cookies::RequestCookies;
use crate::server::http::state::AppState;
use crate::server::http::urls::start_url;
use crate::server::sign_in::Caller;

/// `GET`: describes the session as `/api/session` does. The request is no activity of it.
pub async fn session(
    State(state): State<Arc<AppState>>,
    AtApplication(application): AtApplication,
    Extension(caller): Extension<Caller>,
    Extension(cookies): Extension<RequestCookies>,
) -> Result<Response, HttpError> {
    let found = find_session_at(&state, &application, &caller, &cookies).await;
    describe(&application, found)
}

/// `POST`: restarts the idle timeout (WCAG 2.2.1), and leads to the page that `to` names.
pub async fn extend(
    State(state): State<Arc<AppState>>,
    AtApplication(application): AtApplication,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, HttpError> {
    let to = ticket_query::to(request.uri().query().unwrap_or_default());
    let to = destination(&application.root, to.as_deref());
    let headers = request.headers();
    let cookies = RequestCookies::of(request.extensions());
    let extended = match find_session_at(&state, &application, &caller, cookies).await? {
        Some(session) => {
            let sessions = &state.services.sessions;
            sessions.extend(&session, &caller.origin).await?
        }
        None => None,
    };
    match extended {
        Some(_) => Ok(redirect_or_json(headers, to)),
        None if wants_page(headers) => {
            Ok(Redirect::to(&start_url(&application.origin, &to)).into_response())
        }
        None => Err(HttpError::from(RefusalCode::NotSignedIn).as_problem()),
    }
}
