//! `/.latchkey/*`: how a session reaches an application on another host, and what a page of an application may ask of it.
//!
//! All but `ticket` are served on the applications' hosts, through their proxies; `ticket` on ours alone. One way goes round:
//! `start` (the application's host) → `ticket` (ours) → `enter` (the application's host) → the page.
//!
//! - `way_in`: those three; `query`: what stands in their addresses.
//! - `way_out`: sign-out; `session`: who is signed in, and for longer.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::HeaderMap;

use super::Site;
use super::visitor::wants_page;
use crate::api::Next;
use crate::server::application::Application;
use crate::server::cookies::Cookies;

#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;
pub mod navigation;
pub mod query;
pub mod session;
pub mod way_in;
pub mod way_out;

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
pub fn router() -> Router<Arc<Site>> {
    let way_in = Router::new()
        .route(START, get(way_in::start))
        .route(TICKET, get(way_in::ticket))
        .route(ENTER, get(way_in::enter))
        .layer(from_fn(navigation::navigation));
    way_in
        .route(SIGN_OUT, get(way_out::ask).post(way_out::sign_out))
        .route(SESSION, get(session::session))
        .route(EXTEND_SESSION, post(session::extend))
}

/// The cookies of an application follow its own origin.
pub fn cookies(application: &Application) -> Cookies {
    Cookies::new(application.root.scheme() == "https")
}

/// On to an address: by a redirect, or told to a script.
fn on_to(headers: &HeaderMap, to: String) -> Response {
    if wants_page(headers) { Redirect::to(&to).into_response() } else { axum::Json(Next { next: to }).into_response() }
}
