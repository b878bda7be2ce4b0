//! Names a request and notes when it came: the moment that every fixed moment of an answer counts from.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};

use super::Site;
use crate::server::audit::hex;
use crate::server::clock::{Stopwatch, Timestamp};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request's name and time.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// 64 random bits in hexadecimal; the answer carries it too.
    pub id: Arc<str>,
    /// When the request came.
    pub at: Timestamp,
}

/// The layer.
pub async fn arrival(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let watch = Stopwatch::start();
    let id: Arc<str> = hex(&site.random.bytes::<8>()).into();
    request.extensions_mut().insert(Arrival { id: id.clone(), at: site.clock.now() });
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status().as_u16();
    let class = match status {
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    };
    metrics::counter!("latchkey_http_requests_total", "class" => class).increment(1);
    metrics::histogram!("latchkey_http_request_seconds").record(watch.elapsed().as_secs_f64());
    // Paths of ours hold nothing personal, and queries are not logged: a way back may.
    tracing::debug!(request_id = %id, %method, path, status, "answered");
    response
}
