//! The router, and one file a layer. The outermost comes first:
//!
//! `arrival` names the request and its time · `headers` gives it a nonce and its answer the security headers · `limits` bounds
//! paths and headers · `host` tells our own name from those of applications, where `application` alone is served · then, for all
//! but static files, `origin` refuses unsafe requests from elsewhere · `visitor` finds address and cookies · for pages and doors
//! `detach` sees a request through when its client has gone · and for the doors alone `flood`, `body` and `shape`. What proxies
//! and programs ask, `forward_auth` and `jwks`, goes past `host`, `detach` and `origin`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use url::Url;

use super::application::{Applications, Assertions};
use super::clock::Clock;
use super::cookies::Cookies;
use super::guard::Flood;
use super::keys::Keys;
use super::session::Sessions;
use super::settings::{self, Settings};
use super::sign_in::SignIn;
use crate::app::view::{Assets, Country};
use crate::domain::{Endpoint, Page};

pub mod activity;
pub mod application;
pub mod arrival;
pub mod assets;
pub mod body;
pub mod client_address;
pub mod detach;
pub mod doors;
pub mod flood;
pub mod forward_auth;
pub mod headers;
pub mod host;
pub mod jwks;
pub mod limits;
pub mod origin;
pub mod pages;
pub mod refuse;
pub mod session;
pub mod shape;
pub mod visitor;

/// What the layers and pages share.
#[derive(Debug)]
pub struct Site {
    /// The settings.
    pub settings: Settings,
    /// The use cases.
    pub sign_in: SignIn,
    /// Sessions.
    pub sessions: Sessions,
    /// What is refused before the store is asked.
    pub flood: Flood,
    /// Sub-keys, for the flash.
    pub keys: Arc<Keys>,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub random: super::random::Random,
    /// The record.
    pub audit: super::audit::Audit,
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
    pub misdirected: forward_auth::asked::Seldom,
    /// When the operator last read of forwarded headers that are not believed.
    pub not_believed: forward_auth::asked::Seldom,
    /// Where clients come from.
    pub client_address: client_address::ClientAddress,
    /// Static files.
    pub files: assets::Files,
    /// Their addresses.
    pub assets: Arc<Assets>,
    /// Countries in the select.
    pub countries: Arc<[Country]>,
    /// Name of the company.
    pub brand: Arc<str>,
    /// Where help is.
    pub support_url: Option<Arc<str>>,
    /// Host name that messages bind their codes to.
    pub message_host: Option<Arc<str>>,
}

/// The public side.
pub fn router(site: Arc<Site>) -> Router {
    let open = site.settings.sign_up.mode == settings::SignUpMode::Open;
    let mut doors = Router::new();
    for endpoint in Endpoint::ALL.into_iter().filter(|endpoint| open || *endpoint != Endpoint::SignUp) {
        doors = doors.route(endpoint.path(), post(doors::call));
    }
    // They change nothing that a client who goes away could leave half done.
    let checks = Router::new().route("/api/session", get(session::session));
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
        .layer(from_fn_with_state(site.clone(), shape::shape))
        .layer(from_fn_with_state(site.clone(), body::body))
        .layer(from_fn_with_state(site.clone(), flood::flood));
    let applications = application::router().layer(from_fn_with_state(site.clone(), flood::flood));
    let seen_through = doors.merge(pages).merge(applications).layer(from_fn_with_state(site.clone(), detach::detach));
    let visited = seen_through.merge(checks).layer(from_fn_with_state(site.clone(), inner));
    // Asked by proxies and programs, under whatever name they know us by.
    let mut asked = Router::new()
        .route("/forward-auth", get(forward_auth::forward_auth))
        .layer(from_fn_with_state(site.clone(), visitor::visitor));
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

/// The layers around everything, one within the other: as one layer, since axum's copy all that is beneath them for every request,
/// and nine of them cost as much as what they are around.
async fn outer(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let site = &*site;
    let bounded = |request| limits::limits(request, |request| next.run(request));
    arrival::arrival(site, request, |request| headers::headers(site, request, bounded)).await
}

/// The layers around all of our own but static files.
async fn inner(state: State<Arc<Site>>, request: Request, next: Next) -> Response {
    let site = state.0.clone();
    origin::origin(&site, request, |request| visitor::visitor(state, request, next)).await
}
