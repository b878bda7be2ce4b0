//! The routes, and the middleware around them.
//!
//! All middleware has one form, `name(state, request, next)`, and the functions at the end of this
//! file nest it from the outside in. axum clones everything beneath a layer for each request, which
//! for nine layers costs as much as the handlers. So middleware that belongs together shares a
//! layer.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};

use crate::domain::{Endpoint, Page};
use crate::server::http::error_response::error_responses;
use crate::server::http::handlers::application_host::{app_login, app_logout, app_session};
use crate::server::http::handlers::{
    assets, forward_auth, jwks, pages, security_txt, server_functions, session_info,
};
use crate::server::http::middleware::audit_overflow::{
    require_audit_log, require_audit_log_of_any,
};
use crate::server::http::middleware::caller::load_caller;
use crate::server::http::middleware::csrf::csrf;
use crate::server::http::middleware::form_body::form_body;
use crate::server::http::middleware::host::host;
use crate::server::http::middleware::ip_throttle::ip_throttle;
use crate::server::http::middleware::language::language;
use crate::server::http::middleware::request_id::request_id;
use crate::server::http::middleware::request_limits::request_limits;
use crate::server::http::middleware::require_navigation::require_navigation;
use crate::server::http::middleware::run_to_completion::run_to_completion;
use crate::server::http::middleware::security_headers::security_headers;
use crate::server::http::route_paths::{
    ENTER, EXTEND_SESSION, FORWARD_AUTH, JWKS, SESSION, SESSION_INFO, SIGN_OUT, START, TICKET,
};
use crate::server::http::state::AppState;
use crate::server::settings::security_txt::PATH as SECURITY_TXT;

type SharedState = State<Arc<AppState>>;

/// The public service.
pub fn router(state: Arc<AppState>) -> Router {
    let is_sign_up_open = state.settings.is_sign_up_open();
    let changing = server_functions(is_sign_up_open)
        .layer(from_fn_with_state(state.clone(), around_server_functions))
        .merge(pages(is_sign_up_open))
        .merge(
            application_host(&state)
                .layer(from_fn_with_state(state.clone(), around_application_host)),
        )
        .layer(from_fn(around_changing));
    let own_host = changing
        // It changes nothing, so nothing is left half done if its client disconnects.
        .route(SESSION_INFO, get(session_info::session_info))
        .layer(from_fn_with_state(state.clone(), around_own))
        .merge(public_files(&state))
        .fallback(assets::file_or_not_found)
        .layer(from_fn_with_state(state.clone(), around_host));
    own_host
        .merge(for_proxies(&state))
        .layer(from_fn_with_state(state.clone(), around_all))
        .with_state(state)
}

fn server_functions(is_sign_up_open: bool) -> Router<Arc<AppState>> {
    Endpoint::ALL
        .into_iter()
        .filter(|endpoint| is_sign_up_open || *endpoint != Endpoint::SignUp)
        .fold(Router::new(), |router, endpoint| {
            router.route(endpoint.path(), post(server_functions::call))
        })
}

fn pages(is_sign_up_open: bool) -> Router<Arc<AppState>> {
    let pages = Router::new()
        .route("/", get(pages::home))
        .route(Page::SignIn.path(), get(pages::sign_in))
        .route(Page::Code.path(), get(pages::code))
        .route(Page::Account.path(), get(pages::account))
        .route(Page::SignOut.path(), get(pages::sign_out));
    if is_sign_up_open {
        pages.route(Page::SignUp.path(), get(pages::sign_up))
    } else {
        pages
    }
}

/// The paths under `/.latchkey/`.
fn application_host(state: &Arc<AppState>) -> Router<Arc<AppState>> {
    Router::new()
        .route(START, get(app_login::start))
        .route(TICKET, get(app_login::ticket))
        .route(ENTER, get(app_login::enter))
        .layer(from_fn_with_state(state.clone(), around_app_login))
        .route(SIGN_OUT, get(app_logout::ask).post(app_logout::sign_out))
        .route(SESSION, get(app_session::session))
        .route(EXTEND_SESSION, post(app_session::extend))
}

/// Files that are made from the settings.
fn public_files(state: &AppState) -> Router<Arc<AppState>> {
    if state.settings.security_txt.is_on() {
        Router::new().route(SECURITY_TXT, get(security_txt::security_txt))
    } else {
        Router::new()
    }
}

/// What proxies and programs call, under whatever host name they use.
fn for_proxies(state: &Arc<AppState>) -> Router<Arc<AppState>> {
    let router = Router::new()
        .route(FORWARD_AUTH, get(forward_auth::forward_auth))
        .layer(from_fn_with_state(state.clone(), around_forward_auth));
    match state.services.assertions {
        Some(_) => router.route(JWKS, get(jwks::jwks)),
        None => router,
    }
}

/// Every request.
async fn around_all(State(state): SharedState, request: Request, next: Next) -> Response {
    let state = &*state;
    let last = |request| request_limits(request, |request| next.run(request));
    let errors = |request| error_responses(state, request, last);
    let chosen = |request| language(state, request, errors);
    let headers = |request| security_headers(state, request, chosen);
    request_id(state, request, headers).await
}

/// Every request but those of proxies.
async fn around_host(State(state): SharedState, request: Request, next: Next) -> Response {
    host(&state, request, |request| next.run(request)).await
}

/// Every request to a handler on a known host, but no static files.
async fn around_own(State(state): SharedState, request: Request, next: Next) -> Response {
    let state = &*state;
    let last = |request| load_caller(state, request, |request| next.run(request));
    csrf(state, request, last).await
}

/// Requests that may change something, and the pages.
async fn around_changing(request: Request, next: Next) -> Response {
    run_to_completion(request, |request| next.run(request)).await
}

async fn around_server_functions(
    State(state): SharedState,
    request: Request,
    next: Next,
) -> Response {
    let state = &*state;
    let last = |request| form_body(state, request, |request| next.run(request));
    let audited = |request| require_audit_log(state, request, last);
    ip_throttle(state, request, audited).await
}

async fn around_application_host(
    State(state): SharedState,
    request: Request,
    next: Next,
) -> Response {
    let state = &*state;
    let last = |request| require_audit_log(state, request, |request| next.run(request));
    ip_throttle(state, request, last).await
}

async fn around_app_login(State(state): SharedState, request: Request, next: Next) -> Response {
    let state = &*state;
    let last = |request| require_audit_log_of_any(state, request, |request| next.run(request));
    require_navigation(request, last).await
}

async fn around_forward_auth(State(state): SharedState, request: Request, next: Next) -> Response {
    load_caller(&state, request, |request| next.run(request)).await
}
