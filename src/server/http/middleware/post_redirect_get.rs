//! One door for forms and for scripts: the framework is kept out of the choice, so that it always
//! answers as to a script, and the answer becomes a 303 here where a page is wanted.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, REFERER, RETRY_AFTER, VARY};
use http::{HeaderValue, StatusCode};

use crate::api::flash::Flash;
use crate::domain::{Endpoint, Page, RefusalCode};
use crate::server::http::AppState;
use crate::server::http::error_response::problem;
use crate::server::http::middleware::caller::wants_page;
use crate::server::sign_in::{Caller, FormInput};

/// Tells a door that a page is wanted; its `Accept` no longer does.
#[derive(Clone, Copy, Debug)]
pub struct WantsPage(pub bool);

/// The layer.
pub async fn post_redirect_get(
    State(site): State<Arc<AppState>>,
    mut request: Request,
    next: Next,
) -> Response {
    let page_wanted = wants_page(request.headers());
    let own_page = Endpoint::at(request.uri().path()).map_or(Page::SignIn, Endpoint::page);
    let headers = request.headers().clone();
    let caller = request.extensions().get::<Caller>().cloned();
    request.extensions_mut().insert(WantsPage(page_wanted));
    request
        .headers_mut()
        .insert(ACCEPT, HeaderValue::from_static("application/json"));
    request.headers_mut().remove(REFERER);

    let mut response = next.run(request).await;
    // Set by the framework when it could not make arguments out of the form: no use case has spoken
    // then.
    let unread = response.headers_mut().remove("serverfnerror").is_some()
        && !response.headers().contains_key(LOCATION);
    if unread {
        response = problem(&RefusalCode::Malformed.into(), &headers);
    }
    let location = response.headers_mut().remove(LOCATION);
    if location.is_none() && !unread {
        return response;
    }
    response
        .headers_mut()
        .insert(VARY, HeaderValue::from_static("accept, accept-language"));
    if !page_wanted {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::SEE_OTHER;
    for name in [CONTENT_TYPE, CONTENT_LENGTH, RETRY_AFTER] {
        parts.headers.remove(name);
    }
    parts.headers.insert(
        LOCATION,
        location.unwrap_or(HeaderValue::from_static(own_page.path())),
    );
    let mut response = (parts, Body::empty()).into_response();
    if unread && let Some(caller) = caller {
        let flash = Flash::new(
            RefusalCode::Malformed.into(),
            FormInput::default(),
            caller.received_at,
        );
        if let Some(change) = flash.cookie(&site.keys) {
            site.cookies.append(response.headers_mut(), &change);
        }
    }
    response
}
