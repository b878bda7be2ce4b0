//! Finds out who calls: address, browser, language, and the cookies that are ours.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, USER_AGENT};
use http::{Extensions, HeaderMap};

use crate::app::Text;
use crate::server::audit::EventSource;
use crate::server::http::AppState;
use crate::server::http::cookies::CookieName;
use crate::server::http::middleware::client_address::peer;
use crate::server::http::middleware::request_id::RequestInfo;
use crate::server::sign_in::Caller;

/// Longest `User-Agent` that is kept.
const LONGEST_AGENT: usize = 256;

/// The layer: puts a [`Caller`] into the request.
pub async fn load_caller(
    State(site): State<Arc<AppState>>,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = caller(&site, request.extensions(), request.headers());
    request.extensions_mut().insert(caller);
    next.run(request).await
}

fn caller(site: &AppState, extensions: &Extensions, headers: &HeaderMap) -> Caller {
    let address = site.client_address.find(peer(extensions), headers);
    let (id, at) = match extensions.get::<RequestInfo>() {
        Some(arrival) => (Some(arrival.id.to_string()), arrival.at),
        None => (None, site.clock.now()),
    };
    let user_agent = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    Caller {
        origin: EventSource {
            request_id: id,
            address: Some(address),
        },
        address,
        user_agent: user_agent.map(|text| text.chars().take(LONGEST_AGENT).collect()),
        received_at: at,
        flow: site.cookies.token(headers, CookieName::Flow),
        session: site.cookies.token(headers, CookieName::Session),
        browser: site.cookies.token(headers, CookieName::Device),
    }
}

/// The person's language.
pub fn text(headers: &HeaderMap) -> &'static Text {
    Text::negotiate(
        headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok()),
    )
}

/// Whether a page is wanted, not JSON.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .any(|value| value.to_str().is_ok_and(|text| text.contains("text/html")))
}
