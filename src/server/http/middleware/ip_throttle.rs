//! Limits unsafe requests by client address, before the store is queried.
//!
//! Refused requests are counted and not audit-logged, so that a flood does not fill the audit log.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};

use crate::domain::{LimitReason, Refusal};
use crate::server::audit::Event;
use crate::server::http::error_response::HttpError;
use crate::server::http::state::AppState;
use crate::server::sign_in::Caller;

/// The limit's name in metrics and on the dashboard.
const LIMIT: &str = "requests_address_second";

/// The middleware.
pub async fn ip_throttle<F: Future<Output = Response>>(
    state: &AppState,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let admitted = match request.extensions().get::<Caller>() {
        Some(caller) if !request.method().is_safe() => {
            let throttle = &state.services.ip_throttle;
            throttle.admit(caller.address, state.clock.now())
        }
        _ => Ok(()),
    };
    let Err(wait) = admitted else {
        return next(request).await;
    };
    let retry_after = u64::try_from(wait.as_millis().div_ceil(1000))
        .unwrap_or(u64::MAX)
        .max(1);
    state.audit.count(&Event::RateLimit {
        limit: LIMIT.to_owned(),
        retry_after,
    });
    let refusal = Refusal::slow_down(retry_after).because(LimitReason::Network);
    HttpError::from(refusal).into_response()
}
