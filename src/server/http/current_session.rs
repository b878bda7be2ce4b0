//! Finds the session of a caller, here or at an application.

use crate::server::applications::{Application, ApplicationHost};
use crate::server::http::cookies::{CookieName, Cookies};
use crate::server::http::request_cookies::RequestCookies;
use crate::server::http::state::AppState;
use crate::server::session::ActiveSession;
use crate::server::sign_in::Caller;
use crate::server::store::StoreError;

/// The caller's session, checked upstream when that is due.
pub async fn find_session(
    state: &AppState,
    caller: &Caller,
) -> Result<Option<ActiveSession>, StoreError> {
    match &caller.session {
        Some(token) => {
            let sessions = &state.services.sessions;
            sessions.find_checked(token, &caller.origin).await
        }
        None => Ok(None),
    }
}

/// The caller's session at an application, checked upstream when that is due. On another host only
/// the application's own cookie counts: no browser sends the session cookie there, so one that
/// comes was copied. On this service's host the session cookie counts.
pub async fn find_session_at(
    state: &AppState,
    application: &Application,
    caller: &Caller,
    cookies: &RequestCookies,
) -> Result<Option<ActiveSession>, StoreError> {
    if application.host == ApplicationHost::SignIn {
        return find_session(state, caller).await;
    }
    match find_application_session(state, application, cookies).await? {
        Some(session) => {
            let sessions = &state.services.sessions;
            sessions.check_upstream(session, &caller.origin).await
        }
        None => Ok(None),
    }
}

/// The session that the application's own cookie names, not checked upstream.
pub async fn find_application_session(
    state: &AppState,
    application: &Application,
    cookies: &RequestCookies,
) -> Result<Option<ActiveSession>, StoreError> {
    let names = Cookies::of_application(application);
    match names.token(cookies, CookieName::Application) {
        Some(token) => {
            let sessions = &state.services.sessions;
            sessions.find_application(&token, &application.origin).await
        }
        None => Ok(None),
    }
}
