//! Describes the client of a request: address, user agent, and the tokens in its cookies.

use axum::extract::Request;
use axum::response::Response;
use http::header::USER_AGENT;
use http::{Extensions, HeaderMap};

use crate::server::audit::EventSource;
use crate::server::http::client_address::peer_address;
use crate::server::http::cookies::CookieName;
use crate::server::http::extensions::RequestInfo;
use crate::server::http::request_cookies::RequestCookies;
use crate::server::http::state::AppState;
use crate::server::sign_in::Caller;

/// Longest `User-Agent` that is stored, in characters.
const MAX_USER_AGENT: usize = 256;

/// The middleware: attaches a [`Caller`] and the [`RequestCookies`] to the request, and counts the
/// cookies that came twice.
pub async fn load_caller<F: Future<Output = Response>>(
    state: &AppState,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let cookies = RequestCookies::parse(request.headers());
    for cookie in cookies.repeated() {
        metrics::counter!("latchkey_repeated_cookies_total", "cookie" => cookie.label())
            .increment(1);
    }
    let caller = caller(state, request.extensions(), request.headers(), &cookies);
    let extensions = request.extensions_mut();
    extensions.insert(caller);
    extensions.insert(cookies);
    next(request).await
}

fn caller(
    state: &AppState,
    extensions: &Extensions,
    headers: &HeaderMap,
    cookies: &RequestCookies,
) -> Caller {
    let address = state
        .site
        .client_address
        .find(peer_address(extensions), headers);
    let (request_id, received_at) = match extensions.get::<RequestInfo>() {
        Some(info) => (Some(info.id.to_string()), info.received_at),
        None => (None, state.clock.now()),
    };
    let user_agent = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    Caller {
        origin: EventSource {
            request_id,
            address: Some(address),
            ..EventSource::default()
        },
        address,
        user_agent: user_agent.map(|text| text.chars().take(MAX_USER_AGENT).collect()),
        received_at,
        flow: state.site.cookies.token(cookies, CookieName::Flow),
        session: state.site.cookies.token(cookies, CookieName::Session),
        device_token: state.site.cookies.token(cookies, CookieName::Device),
    }
}
