//! `GET /.well-known/jwks.json`: the keys that the signed JWT is checked with. There only where it
//! is on.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::server::http::AppState;

/// How long recipients may keep it. A key that they do not know is reason to ask before that.
const CACHE: &str = "public, max-age=300";

/// The handler.
pub async fn jwks(State(site): State<Arc<AppState>>) -> Response {
    match &site.assertions {
        // RFC 7517 §8.5.1
        Some(assertions) => {
            let headers = [
                (CONTENT_TYPE, "application/jwk-set+json"),
                (CACHE_CONTROL, CACHE),
            ];
            (headers, assertions.jwks().to_string()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
