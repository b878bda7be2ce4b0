//! The time between the stop signal and the end of the listeners, in which the server still works
//! and asks its clients to go elsewhere.

use axum::Router;
use axum::middleware::map_response;
use axum::response::Response;
use http::HeaderValue;
use http::header::CONNECTION;
use tokio_util::sync::CancellationToken;

/// Whether the server is about to stop. Cheap to clone; all clones change together.
#[derive(Clone, Debug, Default)]
pub struct Drain(CancellationToken);

impl Drain {
    /// Says that the server is about to stop.
    pub fn begin(&self) {
        self.0.cancel();
    }

    /// Whether the server is about to stop.
    pub fn has_begun(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Closes each connection after its next response once the drain has begun (RFC 9112 §9.6). A
    /// proxy that keeps connections would otherwise send a request on one that just closes.
    pub fn close_connections(&self, router: Router) -> Router {
        let drain = self.clone();
        router.layer(map_response(move |mut response: Response| {
            if drain.has_begun() {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            std::future::ready(response)
        }))
    }
}
