//! `GET /.well-known/security.txt`: where a vulnerability is reported (RFC 9116). The route exists
//! only with `[security_txt]`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::server::http::handlers::assets::file_or_not_found;
use crate::server::http::state::AppState;

/// The handler. An expired file is not found.
pub async fn security_txt(state: State<Arc<AppState>>, request: Request) -> Response {
    let settings = &state.settings.security_txt;
    match settings.file(&state.site.origin, state.clock.now()) {
        Some(file) => {
            let headers = [
                (CONTENT_TYPE, "text/plain; charset=utf-8"),
                (CACHE_CONTROL, "public, max-age=3600"),
            ];
            (headers, file).into_response()
        }
        None => file_or_not_found(state, request).await,
    }
}
