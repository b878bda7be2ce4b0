//! Calls a server function with its [`Door`].

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use leptos::prelude::provide_context;

use crate::api::RequestContext;
use crate::domain::RefusalCode;
use crate::server::http::AppState;
use crate::server::http::error_response::refuse;
use crate::server::http::middleware::caller::text;
use crate::server::http::middleware::post_redirect_get::WantsPage;
use crate::server::sign_in::Caller;

/// The handler of every server function; which one it is, the path says.
pub async fn call(State(site): State<Arc<AppState>>, request: Request) -> Response {
    let Some(caller) = request.extensions().get::<Caller>().cloned() else {
        return refuse(
            &site,
            request.extensions(),
            request.headers(),
            &RefusalCode::Unavailable.into(),
        );
    };
    let door = RequestContext {
        sign_in: site.sign_in.clone(),
        caller,
        text: text(request.headers()),
        html: request
            .extensions()
            .get::<WantsPage>()
            .is_some_and(|wants| wants.0),
        cookies: site.cookies,
        keys: site.keys.clone(),
        message_host: site.message_host.clone(),
    };
    leptos_axum::handle_server_fns_with_context(move || provide_context(door.clone()), request)
        .await
        .into_response()
}
