//! What the handlers of the pages share: their input, and how they answer.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{Extensions, HeaderMap};

use crate::app::view::View;
use crate::domain::Page;
use crate::server::http::activity::{ActivitySource, is_activity};
use crate::server::http::cookies::{CookieChange, CookieName};
use crate::server::http::flash::Flash;
use crate::server::http::render::render_refusal;
use crate::server::http::request_cookies::RequestCookies;
use crate::server::http::state::AppState;
use crate::server::session::ActiveSession;
use crate::server::sign_in::Caller;

/// What the handler of a page extracts.
pub type PageInput = (State<Arc<AppState>>, Extension<Caller>, Request);

pub fn redirect_to(page: Page) -> Response {
    Redirect::to(page.path()).into_response()
}

pub fn clear_cookie(state: &AppState, response: &mut Response, name: CookieName) {
    let change = CookieChange::Clear(name);
    state.site.cookies.append(response.headers_mut(), &change);
}

/// The page of a view, with what a flash cookie said: it names the refused request and ends there.
pub fn respond(
    state: &AppState,
    request: &Request,
    view: &View,
    flash: Option<&Flash>,
) -> Response {
    let refused = flash.and_then(|flash| flash.request_id.as_deref());
    let mut response = render_refusal(state, request, view, refused).into_response();
    if flash.is_some() {
        clear_cookie(state, &mut response, CookieName::Flash);
    }
    response
}

pub fn read_flash(
    state: &AppState,
    caller: &Caller,
    page: Page,
    extensions: &Extensions,
) -> Option<Flash> {
    let cookies = RequestCookies::of(extensions);
    let value = state.site.cookies.value(cookies, CookieName::Flash)?;
    Flash::read(value, &state.services.keys, page, caller.received_at)
}

/// Records the visit of a page as activity of the session; whether it is one.
pub fn touch_on_visit(state: &AppState, session: &ActiveSession, headers: &HeaderMap) -> bool {
    let rule = state.settings.session.activity;
    let is_activity = is_activity(ActivitySource::OwnPage, headers, rule);
    if is_activity {
        state.services.sessions.touch(session);
    }
    is_activity
}
