//! Refuses posts that come from one address faster than any person's, before the store is asked.
//! They are counted and not put on record: a flood must not fill that either.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::domain::Refusal;
use crate::server::audit::Event;
use crate::server::http::AppState;
use crate::server::http::error_response::refuse;
use crate::server::sign_in::Caller;

/// Its name in metrics and on the console.
const LIMIT: &str = "requests_address_second";

/// The layer.
pub async fn ip_throttle(
    State(site): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    let admitted = match request.extensions().get::<Caller>() {
        Some(caller) if !request.method().is_safe() => {
            site.flood.admit(caller.address, site.clock.now())
        }
        _ => Ok(()),
    };
    let Err(wait) = admitted else {
        return next.run(request).await;
    };
    let retry_after = u64::try_from(wait.as_millis().div_ceil(1000))
        .unwrap_or(u64::MAX)
        .max(1);
    site.audit.count(&Event::RateLimit {
        limit: LIMIT.to_owned(),
        retry_after,
    });
    refuse(
        &site,
        request.extensions(),
        request.headers(),
        &Refusal::slow_down(retry_after),
    )
}
