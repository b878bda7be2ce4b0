//! Finds the session of a caller, here or at an application.

use http::HeaderMap;

use crate::server::applications::Application;
use crate::server::http::cookies::{CookieName, Cookies};
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

/// The caller's session at an application, checked upstream when that is due. The application's own
/// cookie decides if it is valid there, else the session cookie.
pub async fn find_session_at(
    state: &AppState,
    application: &Application,
    caller: &Caller,
    headers: &HeaderMap,
) -> Result<Option<ActiveSession>, StoreError> {
    match find_application_session(state, application, headers).await? {
        Some(session) => {
            let sessions = &state.services.sessions;
            sessions.check_upstream(session, &caller.origin).await
        }
        None => find_session(state, caller).await,
    }
}

/// The session that the application's own cookie names, not checked upstream.
pub async fn find_application_session(
    state: &AppState,
    application: &Application,
    headers: &HeaderMap,
) -> Result<Option<ActiveSession>, StoreError> {
    let cookies = Cookies::of_application(application);
    match cookies.token(headers, CookieName::Application) {
        Some(token) => {
            let sessions = &state.services.sessions;
            sessions.find_application(&token, &application.origin).await
        }
        None => Ok(None),
    }
}
