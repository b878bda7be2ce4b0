//! `/.latchkey/*`: gives applications on other hosts a session of their own.
//!
//! All paths but `ticket` are served on the applications' hosts, through their proxies; `ticket` is
//! served on this service's host alone. A login goes `start` (application's host) → `ticket` (this
//! host) → `enter` (application's host) → the requested page.

use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;

use crate::api::NextLocation;
use crate::server::http::negotiation::wants_page;

pub mod app_login;
pub mod app_logout;
pub mod app_session;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;
pub mod ticket_query;

/// Leads to a location: by a redirect, or for scripts in a JSON body.
fn redirect_or_json(headers: &HeaderMap, to: String) -> Response {
    if wants_page(headers) {
        Redirect::to(&to).into_response()
    } else {
        axum::Json(NextLocation { next: to }).into_response()
    }
}
