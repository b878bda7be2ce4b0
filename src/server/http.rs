//! The router, and one file a layer. The outermost comes first:
//!
//! `arrival` names the request and its time · `headers` gives it a nonce and its answer the
//! security headers · `limits` bounds paths and headers · `host` tells our own name from those of
//! applications, where `application` alone is served · then, for all but static files, `origin`
//! refuses unsafe requests from elsewhere · `visitor` finds address and cookies · for pages and
//! doors `detach` sees a request through when its client has gone · and for the doors alone
//! `flood`, `body` and `shape`. What proxies and programs ask, `forward_auth` and `jwks`, goes past
//! `host`, `detach` and `origin`.

pub mod handlers;
pub mod middleware;

pub mod cookies;
pub mod flash;

use crate::server::http::handlers::{
    application_host, assets, forward_auth, jwks, pages, server_functions, session_info,
};
use crate::server::http::middleware::{
    caller, client_address, csrf, form_body, host, ip_throttle, request_id, request_limits,
    run_to_completion, security_headers,
};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use url::Url;

use crate::app::view::{Assets, CountryOption};
use crate::domain::{Endpoint, Page};
use crate::server::applications::{Applications, Assertions};
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::guard::IpThrottle;
use crate::server::http::cookies::Cookies;
use crate::server::session::Sessions;
use crate::server::settings::{self, Settings};
use crate::server::sign_in::SignIn;
use crate::server::system::clock::Clock;

pub mod error_response;

/// What the layers and pages share.
#[derive(Debug)]
pub struct AppState {
    /// The settings.
    pub settings: Settings,
    /// The use cases.
    pub sign_in: SignIn,
    /// Sessions.
    pub sessions: Sessions,
    /// What is refused before the store is asked.
    pub flood: IpThrottle,
    /// Sub-keys, for the flash.
    pub keys: Arc<DerivedKeys>,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub random: crate::server::system::random::Random,
    /// The record.
    pub audit: crate::server::audit::AuditLog,
    /// How cookies are written.
    pub cookies: Cookies,
    /// What browsers call us.
    pub public_url: Url,
    /// What unsafe requests must come from: the origin of the public URL.
    pub origin: String,
    /// What browsers on that origin send as `Host`.
    pub authority: String,
    /// The applications behind.
    pub applications: Applications,
    /// What signs for them, where that is on.
    pub assertions: Option<Assertions>,
    /// When the operator last read of requests for none of them.
    pub misdirected: forward_auth::forwarded_request::LogThrottle,
    /// When the operator last read of forwarded headers that are not believed.
    pub not_believed: forward_auth::forwarded_request::LogThrottle,
    /// Where clients come from.
    pub client_address: client_address::ClientAddress,
    /// Static files.
    pub files: assets::Files,
    /// Their addresses.
    pub assets: Arc<Assets>,
    /// Countries in the select.
    pub countries: Arc<[CountryOption]>,
    /// Name of the company.
    pub brand: Arc<str>,
    /// Where help is.
    pub support_url: Option<Arc<str>>,
    /// Host name that messages bind their codes to.
    pub message_host: Option<Arc<str>>,
}

/// The public side.
pub fn router(site: Arc<AppState>) -> Router {
    let open = site.settings.sign_up.mode == settings::SignUpMode::Open;
    let mut doors = Router::new();
    for endpoint in Endpoint::ALL
        .into_iter()
        .filter(|endpoint| open || *endpoint != Endpoint::SignUp)
    {
        doors = doors.route(endpoint.path(), post(server_functions::call));
    }
    // They change nothing that a client who goes away could leave half done.
    let checks = Router::new().route("/api/session", get(session_info::session_info));
    let mut pages = Router::new()
        .route("/", get(pages::home))
        .route(Page::SignIn.path(), get(pages::sign_in))
        .route(Page::Code.path(), get(pages::code))
        .route(Page::Account.path(), get(pages::account))
        .route(Page::SignOut.path(), get(pages::sign_out));
    if open {
        pages = pages.route(Page::SignUp.path(), get(pages::sign_up));
    }
    let doors = doors
        .layer(from_fn_with_state(site.clone(), form_body::form_body))
        .layer(from_fn_with_state(site.clone(), ip_throttle::ip_throttle));
    let applications = application_host::router()
        .layer(from_fn_with_state(site.clone(), ip_throttle::ip_throttle));
    let seen_through = doors
        .merge(pages)
        .merge(applications)
        .layer(from_fn_with_state(
            site.clone(),
            run_to_completion::run_to_completion,
        ));
    let visited = seen_through
        .merge(checks)
        .layer(from_fn_with_state(site.clone(), inner));
    // Asked by proxies and programs, under whatever name they know us by.
    let mut asked = Router::new()
        .route("/forward-auth", get(forward_auth::forward_auth))
        .layer(from_fn_with_state(site.clone(), caller::load_caller));
    if site.assertions.is_some() {
        asked = asked.route("/.well-known/jwks.json", get(jwks::jwks));
    }
    visited
        .fallback(assets::file_or_not_found)
        .layer(from_fn_with_state(site.clone(), host::host))
        .merge(asked)
        .layer(from_fn_with_state(site.clone(), outer))
        .with_state(site)
}

/// The layers around everything, one within the other: as one layer, since axum's copy all that is
/// beneath them for every request, and nine of them cost as much as what they are around.
async fn outer(State(site): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let site = &*site;
    let bounded = |request| request_limits::request_limits(request, |request| next.run(request));
    request_id::request_id(site, request, |request| {
        security_headers::security_headers(site, request, bounded)
    })
    .await
}

/// The layers around all of our own but static files.
async fn inner(state: State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let site = state.0.clone();
    csrf::csrf(&site, request, |request| {
        caller::load_caller(state, request, next)
    })
    .await
}
