//! The phone: a page that shows what was "sent", and the same as JSON for tests.
//!
//! The page works without script (it reloads itself); with script it asks for the list once a
//! second and lets new messages slide in. One renderer makes the list for both.

mod inbox;
mod render;
mod sources;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderName, header};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use serde::Deserialize;

use self::sources::Source;
use crate::tenant::Shared;

/// Nothing from anywhere but here, and nobody's frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// Tells the script what time it is here.
const NOW: HeaderName = HeaderName::from_static("x-sandbox-now");
/// Tells the script that the page was edited.
const VERSION: HeaderName = HeaderName::from_static("x-sandbox-version");

/// Whose messages; without it everybody's.
#[derive(Debug, Deserialize)]
struct Whose {
    phone: Option<String>,
}

impl Whose {
    /// The number. A `+` that was not encoded has become a space on the way; it is meant all the
    /// same.
    fn number(&self) -> Option<String> {
        let number = self.phone.as_deref().filter(|number| !number.is_empty())?;
        Some(
            number
                .strip_prefix(' ')
                .map_or_else(|| number.to_owned(), |digits| format!("+{digits}")),
        )
    }
}

/// The routes of the phone.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/", get(page))
        .route("/inbox.json", get(inbox::inbox))
        .route("/phone/messages", get(messages))
        .route(
            "/phone/phone.css",
            get(async || file("text/css; charset=utf-8", sources::CSS)),
        )
        .route(
            "/phone/phone.js",
            get(async || file("text/javascript; charset=utf-8", sources::JS)),
        )
        .route(
            "/phone/icon.svg",
            get(async || file("image/svg+xml", sources::ICON)),
        )
}

fn file(media_type: &'static str, source: Source) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, media_type)], source.read())
}

async fn page(State(tenant): State<Shared>, Query(whose): Query<Whose>) -> impl IntoResponse {
    let page = render::page(&tenant, whose.number().as_deref());
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, Html(page))
}

async fn messages(State(tenant): State<Shared>, Query(whose): Query<Whose>) -> impl IntoResponse {
    let now = tenant.clock.now();
    let list = render::messages(&tenant.world().inbox, whose.number().as_deref(), now);
    (
        [
            (header::CACHE_CONTROL, "no-store".to_owned()),
            (NOW, now.rfc3339()),
        ],
        sources::version().map(|version| [(VERSION, version)]),
        Html(list),
    )
}
