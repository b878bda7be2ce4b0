//! Sees a request through when its client has gone, so that nothing is left half done; and answers
//! for it when it panics.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::domain::RefusalCode;
use crate::server::http::AppState;
use crate::server::http::error_response::refuse;

/// The layer.
pub async fn run_to_completion(
    State(site): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    let (extensions, headers) = (request.extensions().clone(), request.headers().clone());
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) => {
            // The message of a panic may quote input.
            tracing::error!(panicked = error.is_panic(), "a request broke off");
            refuse(
                &site,
                &extensions,
                &headers,
                &RefusalCode::Unavailable.into(),
            )
        }
    }
}
