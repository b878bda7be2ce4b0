//! `PUT /cis/v1/users/{user_id}`

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde_json::Value;

use crate::http::api_error::ApiError;
use crate::http::client_token::ClientToken;
use crate::http::request_body;
use crate::state::user_directory::{Identifier, SaveUserError};
use crate::tenant::SharedTenant;
use crate::users::input::UserInput;
use crate::users::response::{save_user_error, user_not_found, user_result};

/// Changes the fields that the body has.
pub async fn update(
    _: ClientToken,
    State(tenant): State<SharedTenant>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    let input: UserInput =
        request_body::parse_json(&headers, &body).map_err(ApiError::bad_request)?;
    input.check()?;
    let now = tenant.clock.now();
    let mut state = tenant.state();
    state
        .users
        .find(&Identifier::UserId(id.clone()))
        .filter(|user| user.in_app)
        .ok_or_else(user_not_found)?;
    let is_taken = |identifier: &Identifier| {
        state
            .users
            .find(identifier)
            .is_some_and(|other| other.id != id)
    };
    if let Some(identifier) = input.identifiers().into_iter().find(is_taken) {
        return Err(save_user_error(SaveUserError::IdentifierTaken(identifier)));
    }
    let mut user = state.users.remove(&id).ok_or_else(user_not_found)?;
    input.apply(&mut user, now);
    let result = user_result(&tenant, &user);
    state.users.save(user).map_err(save_user_error)?;
    Ok(Json(result))
}
