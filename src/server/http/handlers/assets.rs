//! Static files, and 404 for every other unknown path.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};

use crate::app::view::View;
use crate::server::http::negotiation::wants_page;
use crate::server::http::render::render;
use crate::server::http::state::AppState;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// The handler of every path without a route.
pub async fn file_or_not_found(State(state): State<Arc<AppState>>, request: Request) -> Response {
    let path = request.uri().path();
    let brands = &state.pages.brands;
    let file = match brands.response(path) {
        Some(response) => Some(response),
        None if brands.hides(path) => None,
        None => state.files.response(path, request.headers()).await,
    };
    match file {
        Some(_) if !matches!(*request.method(), Method::GET | Method::HEAD) => {
            ([(ALLOW, "GET, HEAD")], StatusCode::METHOD_NOT_ALLOWED).into_response()
        }
        Some(response) => response,
        None if wants_page(request.headers()) => {
            let page = render(&state, &request, &View::NotFound);
            (StatusCode::NOT_FOUND, page).into_response()
        }
        None => (StatusCode::NOT_FOUND, [(CONTENT_TYPE, TEXT)], "not found\n").into_response(),
    }
}
