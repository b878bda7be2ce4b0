//! The `Date` header, by the sandbox's own clock (RFC 9110 §6.6.1).
//!
//! Clients that compare clocks see the moved clock too.

use std::time::{Duration, UNIX_EPOCH};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header::DATE},
    middleware::Next,
    response::Response,
};

use crate::tenant::SharedTenant;

/// Middleware: sets `Date` on every response.
pub async fn set_date(
    State(tenant): State<SharedTenant>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let seconds = u64::try_from(tenant.clock.now().as_seconds()).unwrap_or_default();
    let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
    response
        .headers_mut()
        .extend(HeaderValue::try_from(date).ok().map(|date| (DATE, date)));
    response
}
