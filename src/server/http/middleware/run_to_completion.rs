//! Completes a request even if its client disconnects, so that no change is left half done; and
//! answers for a handler that panics.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};

use crate::domain::RefusalCode;
use crate::server::http::error_response::HttpError;
use crate::server::system::trace_context::TraceContext;

/// The middleware.
pub async fn run_to_completion<F>(request: Request, next: impl FnOnce(Request) -> F) -> Response
where
    F: Future<Output = Response> + Send + 'static,
{
    match tokio::spawn(TraceContext::inherit(next(request))).await {
        Ok(response) => response,
        Err(error) => {
            // The message of a panic is not logged, because it may quote input.
            tracing::error!(panicked = error.is_panic(), "a request was aborted");
            HttpError::from(RefusalCode::Unavailable).into_response()
        }
    }
}
