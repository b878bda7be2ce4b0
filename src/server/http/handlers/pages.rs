//! The pages: each handler makes a view of the request and the session, and renders it.

mod account;
mod code;
mod country;
mod identifier;
mod response;

use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};

pub use self::account::account;
pub use self::code::code;
pub use self::identifier::{sign_in, sign_up};
use self::response::{PageInput, redirect_to, touch_on_visit};
use crate::app::view::View;
use crate::domain::Page;
use crate::server::http::current_session::find_session;
use crate::server::http::error_response::HttpError;
use crate::server::http::render::render;

/// `/`
pub async fn home((State(state), Extension(caller), _): PageInput) -> Result<Response, HttpError> {
    let page = match find_session(&state, &caller).await? {
        Some(_) => Page::Account,
        None => Page::SignIn,
    };
    Ok(redirect_to(page))
}

/// `/sign-out`
pub async fn sign_out(
    (State(state), Extension(caller), request): PageInput,
) -> Result<Response, HttpError> {
    let session = find_session(&state, &caller).await?;
    if let Some(session) = &session {
        touch_on_visit(&state, session, request.headers());
    }
    let view = View::SignOut {
        signed_in: session.is_some(),
    };
    Ok(render(&state, &request, &view).into_response())
}
