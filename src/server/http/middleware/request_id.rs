//! Gives a request an id and a time of arrival, which every fixed response time counts from. Counts
//! the request in the metrics, and logs it in one line without personal data.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::server::crypto::hash::to_hex_128;
use crate::server::http::client_address::{network_for_logs, peer_address};
use crate::server::http::extensions::RequestInfo;
use crate::server::http::request_metrics::NO_ROUTE;
use crate::server::http::state::AppState;
use crate::server::system::clock::Stopwatch;
use crate::server::system::trace_context::{REQUEST_ID, TraceContext, TraceParent};

const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
/// The lengths of a proxy's request id that is taken over.
const ID_LENGTHS: std::ops::RangeInclusive<usize> = 8..=64;

/// The middleware.
pub async fn request_id<F: Future<Output = Response>>(
    state: &AppState,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let stopwatch = Stopwatch::start();
    let peer = peer_address(request.extensions());
    let client = state.site.client_address.find(peer, request.headers());
    // Only a proxy's headers count (requirement S8).
    let is_proxy = state.site.client_address.is_trusted(peer);
    let proxied = is_proxy.then(|| request.headers());
    let id: Arc<str> = match proxied.and_then(proxied_id) {
        Some(id) => id.into(),
        None => to_hex_128(&state.random.bytes::<8>()).into(),
    };
    let parent = proxied
        .and_then(|headers| single_header(headers, &TRACE_PARENT))
        .and_then(TraceParent::parse);
    request.extensions_mut().insert(RequestInfo {
        id: id.clone(),
        received_at: state.clock.now(),
    });
    let method = method_for_logs(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let context = state
        .settings
        .telemetry
        .propagate_trace
        .then(|| TraceContext {
            request_id: id.clone(),
            parent: parent.clone(),
        });
    let mut response = TraceContext::run(context, next(request)).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let (status, seconds) = (response.status(), stopwatch.elapsed().as_secs_f64());
    // The route, and not the path or the query, which may hold anything.
    let route = route.as_ref().map(MatchedPath::as_str);
    state.requests.record(route, status, seconds);
    tracing::info!(
        request_id = %id,
        trace_id = parent.as_ref().map(TraceParent::trace_id),
        method,
        route = route.unwrap_or(NO_ROUTE),
        status = status.as_u16(),
        duration_ms = (seconds * 1e6).round() / 1e3,
        client_network = network_for_logs(client).map(tracing::field::display),
        "answered"
    );
    response
}

/// A proxy's id for the request, if it is one word of a moderate length.
fn proxied_id(headers: &HeaderMap) -> Option<&str> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    single_header(headers, &REQUEST_ID)
        .filter(|id| ID_LENGTHS.contains(&id.len()) && id.bytes().all(is_allowed))
}

/// The value of a header that occurs once.
fn single_header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    match values.next() {
        None => value.to_str().ok(),
        Some(_) => None,
    }
}

/// The methods that are known. Any other is a word of the client's choice.
fn method_for_logs(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE",
    ];
    KNOWN
        .into_iter()
        .find(|known| *known == method.as_str())
        .unwrap_or("other")
}
