//! Gives a request an id and a time of arrival, which every fixed response time counts from, and
//! counts the request in the metrics.

use std::sync::{Arc, LazyLock};

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode};
use metrics::{Counter, Histogram};

use crate::server::crypto::hash::to_hex_128;
use crate::server::http::extensions::RequestInfo;
use crate::server::http::state::AppState;
use crate::server::system::clock::Stopwatch;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The metrics of requests. They are looked up once, by the first request, when the recorder is
/// already installed.
struct RequestMetrics {
    classes: [Counter; 4],
    seconds: Histogram,
}

static METRICS: LazyLock<RequestMetrics> = LazyLock::new(|| RequestMetrics {
    classes: ["2xx", "3xx", "4xx", "5xx"]
        .map(|class| metrics::counter!("latchkey_http_requests_total", "class" => class)),
    seconds: metrics::histogram!("latchkey_http_request_duration_seconds"),
});

impl RequestMetrics {
    fn record(&self, status: StatusCode, seconds: f64) {
        let [success, redirect, client_error, server_error] = &self.classes;
        let class = match status.as_u16() {
            200..300 => success,
            300..400 => redirect,
            400..500 => client_error,
            _ => server_error,
        };
        class.increment(1);
        self.seconds.record(seconds);
    }
}

/// The middleware.
pub async fn request_id<F: Future<Output = Response>>(
    state: &AppState,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let stopwatch = Stopwatch::start();
    let id: Arc<str> = to_hex_128(&state.random.bytes::<8>()).into();
    request.extensions_mut().insert(RequestInfo {
        id: id.clone(),
        received_at: state.clock.now(),
    });
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let mut response = next(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status();
    METRICS.record(status, stopwatch.elapsed().as_secs_f64());
    // Paths hold nothing personal. Queries are not logged, because a return URL may.
    let (path, status) = (uri.path(), status.as_u16());
    tracing::debug!(request_id = %id, %method, path, status, "answered");
    response
}
