//! Names a request and notes when it came: the moment that every fixed moment of an answer counts
//! from.

use std::sync::{Arc, LazyLock};

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode};
use metrics::{Counter, Histogram};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::to_hex_128;
use crate::server::http::AppState;
use crate::server::system::clock::Stopwatch;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request's name and time.
#[derive(Clone, Debug)]
pub struct RequestInfo {
    /// 64 random bits in to_hex; the answer carries it too.
    pub id: Arc<str>,
    /// When the request came.
    pub at: Timestamp,
}

/// What every request is counted in. Looked up once: the first request comes after the recorder is
/// there.
struct Meters {
    classes: [Counter; 4],
    seconds: Histogram,
}

static METERS: LazyLock<Meters> = LazyLock::new(|| Meters {
    classes: ["2xx", "3xx", "4xx", "5xx"]
        .map(|class| metrics::counter!("latchkey_http_requests_total", "class" => class)),
    seconds: metrics::histogram!("latchkey_http_request_duration_seconds"),
});

impl Meters {
    fn note(&self, status: StatusCode, seconds: f64) {
        let [success, redirect, refusal, failure] = &self.classes;
        let class = match status.as_u16() {
            200..300 => success,
            300..400 => redirect,
            400..500 => refusal,
            _ => failure,
        };
        class.increment(1);
        self.seconds.record(seconds);
    }
}

/// The layer.
pub async fn request_id<F: Future<Output = Response>>(
    site: &AppState,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let watch = Stopwatch::start();
    let id: Arc<str> = to_hex_128(&site.random.bytes::<8>()).into();
    request.extensions_mut().insert(RequestInfo {
        id: id.clone(),
        at: site.clock.now(),
    });
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let mut response = next(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status();
    METERS.note(status, watch.elapsed().as_secs_f64());
    // Paths of ours hold nothing personal, and queries are not logged: a way back may.
    tracing::debug!(request_id = %id, %method, path = uri.path(), status = status.as_u16(), "answered");
    response
}
