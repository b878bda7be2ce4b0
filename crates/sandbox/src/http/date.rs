//! `Date` by the stand-in's own clock, so that a clock that was moved shows in every answer (RFC
//! 9110 §6.6.1).

use std::time::{Duration, UNIX_EPOCH};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header::DATE},
    middleware::Next,
    response::Response,
};

use crate::tenant::Shared;

/// Puts the date on an answer.
pub async fn date(State(tenant): State<Shared>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let seconds = u64::try_from(tenant.clock.now().seconds()).unwrap_or_default();
    let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
    response
        .headers_mut()
        .extend(HeaderValue::try_from(date).ok().map(|date| (DATE, date)));
    response
}
