//! `/.latchkey/*`: how a session reaches an application on another host, and what a page of an
//! application may ask of it.
//!
//! All but `ticket` are served on the applications' hosts, through their proxies; `ticket` on ours
//! alone. One way goes round: `start` (the application's host) → `ticket` (ours) → `enter` (the
//! application's host) → the page.
//!
//! - `way_in`: those three; `query`: what stands in their addresses.
//! - `way_out`: sign-out; `session`: who is signed in, and for longer.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::HeaderMap;

use crate::api::NextLocation;
use crate::server::applications::Application;
use crate::server::http::AppState;
use crate::server::http::cookies::Cookies;
use crate::server::http::middleware::caller::wants_page;

pub mod app_login;
pub mod app_logout;
pub mod app_session;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;
pub mod require_navigation;
pub mod ticket_query;

/// Where browsers begin to get a cookie for an application.
pub const START: &str = "/.latchkey/start";
/// Where they get a ticket.
pub const TICKET: &str = "/.latchkey/ticket";
/// Where they use it.
pub const ENTER: &str = "/.latchkey/enter";
/// Where people sign out.
pub const SIGN_OUT: &str = "/.latchkey/sign-out";
/// Who is signed in.
pub const SESSION: &str = "/.latchkey/session";
/// Gives the session its full idle timeout again.
pub const EXTEND_SESSION: &str = "/.latchkey/extend-session";

/// All that is served on the host of an application.
pub const ON_APPLICATION_HOSTS: [&str; 5] = [START, ENTER, SIGN_OUT, SESSION, EXTEND_SESSION];

/// What is under `/.latchkey/`.
pub fn router() -> Router<Arc<AppState>> {
    let way_in = Router::new()
        .route(START, get(app_login::start))
        .route(TICKET, get(app_login::ticket))
        .route(ENTER, get(app_login::enter))
        .layer(from_fn(require_navigation::navigation));
    way_in
        .route(SIGN_OUT, get(app_logout::ask).post(app_logout::sign_out))
        .route(SESSION, get(app_session::session))
        .route(EXTEND_SESSION, post(app_session::extend))
}

/// The cookies of an application follow its own origin.
pub fn cookies(application: &Application) -> Cookies {
    Cookies::new(application.root.scheme() == "https")
}

/// On to an address: by a redirect, or told to a script.
fn on_to(headers: &HeaderMap, to: String) -> Response {
    if wants_page(headers) {
        Redirect::to(&to).into_response()
    } else {
        axum::Json(NextLocation { next: to }).into_response()
    }
}
