//! A refusal by a layer, before any use case has spoken: a page with the status it stands for, or a
//! problem document.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, VARY};
use http::{Extensions, HeaderMap, HeaderValue, StatusCode};

use crate::api::Problem;
use crate::app::view::View;
use crate::domain::Refusal;
use crate::server::http::AppState;
use crate::server::http::handlers::pages::render;
use crate::server::http::middleware::caller::{text, wants_page};
use crate::server::http::middleware::request_id::RequestInfo;

/// The answer.
pub fn refuse(
    site: &AppState,
    extensions: &Extensions,
    headers: &HeaderMap,
    refusal: &Refusal,
) -> Response {
    let status =
        StatusCode::from_u16(refusal.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = if wants_page(headers) {
        let reference = extensions
            .get::<RequestInfo>()
            .map(|arrival| arrival.id.to_string())
            .unwrap_or_default();
        let view = View::Failure {
            refusal: *refusal,
            reference,
        };
        (status, render(site, extensions, headers, &view)).into_response()
    } else {
        problem(refusal, headers)
    };
    response
        .headers_mut()
        .insert(VARY, HeaderValue::from_static("accept, accept-language"));
    if let Some(seconds) = refusal.retry_after {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// The problem document of a refusal.
pub fn problem(refusal: &Refusal, headers: &HeaderMap) -> Response {
    let problem = Problem::new(refusal, text(headers));
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, axum::Json(problem)).into_response();
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static(Problem::CONTENT_TYPE),
    );
    response
}
