//! `POST /cis/v1/users`

use axum::{
    Extension, Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use crate::http::api_error::ApiError;
use crate::http::client_token::ClientToken;
use crate::http::request_body;
use crate::operation::ResponseCase;
use crate::state::user::User;
use crate::state::user_directory::SaveUserError;
use crate::tenant::SharedTenant;
use crate::users::input::UserInput;
use crate::users::response::{save_user_error, user_result};

/// Creates a user, who is `Pending` until the first sign-in. A user who is in the tenant but not in
/// the application is added to it. A user who is in the application already is 409.
pub async fn create(
    _: ClientToken,
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let input: UserInput =
        request_body::parse_json(&headers, &body).map_err(ApiError::bad_request)?;
    input.check()?;
    if input.status.is_some() {
        return Err(ApiError::bad_request(
            "status must not be given when a user is created",
        ));
    }
    if !input.has_contact() {
        return Err(ApiError::bad_request("email or phone_number is required"));
    }
    let (id, now) = (tenant.random.hex_id()?, tenant.clock.now());

    let mut state = tenant.state();
    let existing = input
        .identifiers()
        .into_iter()
        .find(|identifier| state.users.find(identifier).is_some());
    if let Some(identifier) = existing {
        let not_in_app = state
            .users
            .find_mut(&identifier)
            .filter(|user| !user.in_app);
        let user = not_in_app
            .ok_or_else(|| save_user_error(SaveUserError::IdentifierTaken(identifier)))?;
        user.in_app = true;
        return Ok(created(ResponseCase::Known, user_result(&tenant, user)));
    }
    let mut user = User::new(id, now);
    input.apply(&mut user, now);
    let result = user_result(&tenant, &user);
    state.users.save(user).map_err(save_user_error)?;
    Ok(created(ResponseCase::Unknown, result))
}

fn created(case: ResponseCase, result: Value) -> Response {
    (StatusCode::CREATED, Extension(case), Json(result)).into_response()
}
