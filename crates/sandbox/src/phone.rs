//! The phone: a page that shows the sent messages, and `/inbox.json` for tests.
//!
//! Without JavaScript the page reloads itself; with it, it fetches the list once a second. The list
//! is rendered on the server for both. `/users` shows and creates users, `/tenant` the policy.

mod inbox;
mod render;
mod sources;
mod tenant;
mod users;

use axum::extract::{Query, State};
use axum::http::{HeaderName, header};
use axum::response::Response;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum::{Router, middleware};

use crate::http::origin_check;
use crate::phone::inbox::InboxQuery;
use crate::phone::sources::Source;
use crate::tenant::SharedTenant;

/// Same-origin resources only, and no frames.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";
/// The sandbox's time, for the script.
const SANDBOX_NOW: HeaderName = HeaderName::from_static("x-sandbox-now");
/// Tells the script that the page was edited.
const VERSION: HeaderName = HeaderName::from_static("x-sandbox-version");

pub fn router() -> Router<SharedTenant> {
    Router::new()
        .route("/", get(show_page))
        .route("/users", get(users::show).post(users::create))
        .route("/tenant", get(tenant::show).post(tenant::set_policy))
        .layer(middleware::from_fn(
            origin_check::require_same_origin_to_change,
        ))
        .route("/inbox.json", get(inbox::show))
        .route("/phone/messages", get(show_messages))
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

async fn show_page(
    State(tenant): State<SharedTenant>,
    Query(query): Query<InboxQuery>,
) -> impl IntoResponse {
    html_page(render::render_page(&tenant, query.recipient().as_deref()))
}

/// A page with the headers of every page.
fn html_page(page: String) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::CACHE_CONTROL, "no-store"),
        // With `no-referrer` browsers would send the forms with the origin `null`.
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, Html(page)).into_response()
}

async fn show_messages(
    State(tenant): State<SharedTenant>,
    Query(query): Query<InboxQuery>,
) -> impl IntoResponse {
    let now = tenant.clock.now();
    let list = render::render_messages(&tenant.state().inbox, query.recipient().as_deref(), now);
    (
        [
            (header::CACHE_CONTROL, "no-store".to_owned()),
            (SANDBOX_NOW, now.to_rfc3339()),
        ],
        sources::version().map(|version| [(VERSION, version)]),
        Html(list),
    )
}
