//! Sees a request through when its client has gone, so that nothing is left half done; and answers for it when it panics.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::Site;
use super::refuse::refuse;
use crate::domain::RefusalCode;

/// The layer.
pub async fn detach(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let (extensions, headers) = (request.extensions().clone(), request.headers().clone());
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) => {
            // The message of a panic may quote input.
            tracing::error!(panicked = error.is_panic(), "a request broke off");
            refuse(&site, &extensions, &headers, &RefusalCode::Unavailable.into())
        }
    }
}
