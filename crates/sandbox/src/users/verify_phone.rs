//! `POST /cis/v1/users/{user_id}/phone-numbers/{phone}/verify`

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use crate::http::api_error::ApiError;
use crate::http::client_token::ClientToken;
use crate::http::request_body;
use crate::state::contact;
use crate::state::user::{Contact, User};
use crate::state::user_directory::{Identifier, SaveUserError};
use crate::tenant::SharedTenant;
use crate::users::response::{invalid_phone, save_user_error, user_not_found, user_result};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct VerifyPhoneInput {
    change_to_primary: Option<bool>,
}

/// Marks a number of the user as verified. With `change_to_primary`, a secondary number becomes the
/// primary one, and the old primary number becomes secondary. Only a primary number shows that it
/// is verified.
pub async fn verify_phone(
    _: ClientToken,
    State(tenant): State<SharedTenant>,
    Path((id, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let input: VerifyPhoneInput = if body.is_empty() {
        VerifyPhoneInput::default()
    } else {
        request_body::parse_json(&headers, &body).map_err(ApiError::bad_request)?
    };
    let number = contact::parse_phone(&number).ok_or_else(invalid_phone)?;
    let (identifier, now) = (Identifier::Phone(number.clone()), tenant.clock.now());

    let mut state = tenant.state();
    let user = state
        .users
        .find(&Identifier::UserId(id.clone()))
        .filter(|user| user.in_app)
        .ok_or_else(user_not_found)?;
    let is_primary = user
        .phone
        .as_ref()
        .is_some_and(|phone| phone.value == number);
    if !is_primary && !secondary_numbers(user).contains(&number) {
        return Err(user_not_found());
    }
    let becomes_primary = !is_primary && input.change_to_primary.unwrap_or(false);
    if becomes_primary && state.users.find(&identifier).is_some() {
        return Err(save_user_error(SaveUserError::IdentifierTaken(identifier)));
    }
    let mut user = state.users.remove(&id).ok_or_else(user_not_found)?;
    if becomes_primary {
        make_primary(&mut user, number.clone());
    }
    if let Some(phone) = user.phone.as_mut().filter(|phone| phone.value == number) {
        phone.verified_at.get_or_insert(now);
    }
    user.updated_at = now;
    let result = user_result(&tenant, &user);
    state.users.save(user).map_err(save_user_error)?;
    Ok((StatusCode::ACCEPTED, Json(result)))
}

fn secondary_numbers(user: &User) -> Vec<String> {
    let numbers = user
        .profile
        .get("secondary_phone_numbers")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    numbers
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn make_primary(user: &mut User, number: String) {
    let mut numbers = secondary_numbers(user);
    numbers.retain(|other| *other != number);
    numbers.extend(
        user.phone
            .replace(Contact::unverified(number))
            .map(|old_primary| old_primary.value),
    );
    user.profile
        .insert("secondary_phone_numbers".into(), numbers.into());
}
