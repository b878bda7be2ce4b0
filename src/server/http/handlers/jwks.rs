//! `GET /.well-known/jwks.json`: the public keys of the JWTs for applications (RFC 7517). The route
//! exists only if `forward_auth.jwt` is on.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::server::http::state::AppState;

/// How long clients may cache the keys. A client that finds no matching key fetches them earlier.
const CACHE: &str = "public, max-age=300";

/// The handler.
pub async fn jwks(State(state): State<Arc<AppState>>) -> Response {
    match &state.services.assertions {
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
