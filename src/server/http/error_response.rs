//! The error of a handler or a middleware, and the response that a client gets for it.
//!
//! Only [`error_responses`] knows enough of the request to write the body: it shows a page to
//! clients that accept HTML, and a problem document (RFC 9457) to all others.

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::api::Problem;
use crate::app::Text;
use crate::app::view::View;
use crate::domain::{Endpoint, Refusal, RefusalCode};
use crate::server::http::extensions::{PageNonce, RequestInfo};
use crate::server::http::negotiation::{LanguagePreference, wants_page};
use crate::server::http::render::{PageRequest, render_page};
use crate::server::http::state::AppState;
use crate::server::store::StoreError;

/// The error of a handler or a middleware.
#[derive(Clone, Debug)]
pub struct HttpError {
    refusal: Refusal,
    /// A failure of the store, which is logged and not shown.
    cause: Option<StoreError>,
    /// Whether even a client that accepts HTML gets the problem document.
    is_problem: bool,
    /// Whether a page for it is seen under the host of an application.
    is_on_application_host: bool,
}

impl HttpError {
    /// Sends the problem document to every client.
    pub fn as_problem(self) -> Self {
        Self {
            is_problem: true,
            ..self
        }
    }

    /// Makes the links of the page absolute, because a browser sees it under another host.
    pub fn on_application_host(self) -> Self {
        Self {
            is_on_application_host: true,
            ..self
        }
    }
}

impl From<Refusal> for HttpError {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal,
            cause: None,
            is_problem: false,
            is_on_application_host: false,
        }
    }
}

impl From<RefusalCode> for HttpError {
    fn from(code: RefusalCode) -> Self {
        Refusal::from(code).into()
    }
}

impl From<StoreError> for HttpError {
    fn from(error: StoreError) -> Self {
        Self {
            cause: Some(error),
            ..RefusalCode::Unavailable.into()
        }
    }
}

impl IntoResponse for HttpError {
    /// A response without a body, which [`error_responses`] writes.
    fn into_response(self) -> Response {
        let mut response = status(&self.refusal).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Middleware: writes the body of every [`HttpError`].
pub async fn error_responses<F: Future<Output = Response>>(
    state: &AppState,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    // Taken before the request is consumed, and cheap to take.
    let wants_page = wants_page(request.headers());
    let language = LanguagePreference::of(request.extensions(), request.headers());
    let form_page = Endpoint::from_path(request.uri().path()).map(Endpoint::page);
    let nonce = request.extensions().get::<PageNonce>().cloned();
    let info = request.extensions().get::<RequestInfo>().cloned();
    let mut response = next(request).await;
    let Some(error) = response.extensions_mut().remove::<HttpError>() else {
        return response;
    };
    let request_id = info.as_ref().map(|info| &*info.id);
    if let Some(cause) = &error.cause {
        tracing::error!(request_id, error = %cause, "the store failed; request refused");
    }
    let text = language.text();
    if error.is_problem {
        set_problem(&mut response, &error.refusal, text);
        return response;
    }
    if wants_page {
        let view = View::Failure {
            refusal: error.refusal,
        };
        let page = PageRequest {
            nonce: nonce.map(|nonce| nonce.0),
            request_id: info.map(|info| info.id).unwrap_or_default(),
            text,
            form_page,
            brand_origin: None,
            is_on_application_host: error.is_on_application_host,
        };
        let page = render_page(state, page, &view).into_response();
        set_body(&mut response, page);
    } else {
        set_problem(&mut response, &error.refusal, text);
    }
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("accept, accept-language"));
    if let Some(seconds) = error.refusal.retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// The status of a refusal.
pub fn status(refusal: &Refusal) -> StatusCode {
    StatusCode::from_u16(refusal.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Makes a problem document of a response: its body and media type.
pub fn set_problem(response: &mut Response, refusal: &Refusal, text: &'static Text) {
    let document = axum::Json(Problem::new(refusal, text)).into_response();
    set_body(response, document);
    let media_type = HeaderValue::from_static(Problem::CONTENT_TYPE);
    response.headers_mut().insert(CONTENT_TYPE, media_type);
}

/// Takes over body and media type of another response.
fn set_body(response: &mut Response, from: Response) {
    let (parts, body): (http::response::Parts, Body) = from.into_parts();
    *response.body_mut() = body;
    let headers: &mut HeaderMap = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    if let Some(media_type) = parts.headers.get(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, media_type.clone());
    }
}
